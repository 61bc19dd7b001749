/**
 * Puts what an import has made into its place: broker.yaml, and the files beside it.
 *
 * Owns the order and the rights: what holds hashes is for its owner alone. Invariant: a file that is
 * there is replaced only when that was asked for, and is whole at any time.
 */

import { messageOf } from "../error_text.ts";
import { dirname } from "node:path";
import { NEW_FILE_MODE, replaceFile, statIfThere } from "../access/replace_file.ts";
import { leadToOneFile } from "../storage/paths.ts";

/** A file to write. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
}

/** Everybody may read a configuration without secrets. */
const OPEN = { mode: 0o644, owner: undefined };
const SECRET = { mode: NEW_FILE_MODE, owner: undefined };

/**
 * Why the file cannot be written; undefined when it can, as far as it can be known. `sources` are never
 * replaced.
 */
export function targetFault(
  path: string,
  mayReplace: boolean,
  sources: readonly string[] = [],
): string | undefined {
  try {
    const old = statIfThere(path);
    if (sources.some((source) => leadToOneFile(source, path))) {
      return `Cannot write '${path}': it is Mosquitto's, and is not changed`;
    }
    if (old?.isDirectory) return `Cannot write '${path}': it is a folder`;
    if (old?.isFile === false) return `Cannot write '${path}': it is there, and not a file`;
    if (old !== undefined && !mayReplace) {
      return `Cannot write '${path}': it is there already; --force replaces it`;
    }
    if (statIfThere(dirname(path))?.isDirectory !== true) {
      return `Cannot write '${path}': there is no folder '${dirname(path)}'`;
    }
    return undefined;
  } catch (error) {
    return `Cannot write '${path}': ${messageOf(error)}`;
  }
}

/**
 * Writes the files in their order. An old file keeps its owner, and its mode unless it says that others
 * may read secrets. Throws with the name of the file; those that were not there are gone again then.
 */
export function putFiles(files: readonly NewFile[], haveSecrets: boolean): void {
  const made: string[] = [];
  for (const file of files) {
    const isNew = statIfThere(file.path) === undefined;
    try {
      putFile(file, haveSecrets);
    } catch (error) {
      for (const path of made) Deno.removeSync(path);
      throw writeFailure(file.path, error);
    }
    if (isNew) made.push(file.path);
  }
}

function putFile({ path, text }: NewFile, hasSecrets: boolean): void {
  if (hasSecrets) replaceFile(path, text, SECRET, NEW_FILE_MODE);
  else replaceFile(path, text, OPEN);
}

function writeFailure(path: string, error: unknown): Error {
  const reason = messageOf(error);
  return new Error(reason.startsWith("Cannot ") ? reason : `Cannot write '${path}': ${reason}`);
}
