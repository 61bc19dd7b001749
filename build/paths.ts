/**
 * File URLs as paths of the operating system, for the scripts of this folder and for the tests.
 */
import { fileURLToPath } from "node:url";

/** The path of a file URL, with the separators of this operating system. */
export function fromFileUrl(url: URL): string {
  return fileURLToPath(url);
}

/** The path of a file or folder that is named relative to the repository's root. */
export function repositoryPath(relative: string): string {
  return fromFileUrl(new URL(`../${relative}`, import.meta.url));
}
