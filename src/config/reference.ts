/**
 * Values that stand elsewhere: `!env NAME`, `!file PATH`, `!credential NAME`.
 *
 * Owns reading them, and what to do when they are not there. Reads synchronously: it happens while a
 * configuration is loaded, and what is read is small. Invariant: no error repeats anything that was
 * read.
 */

import { messageOf } from "../error_text.ts";
import { join } from "node:path";
import { MAX_FILE_BYTES } from "./file.ts";
import { deniedText } from "./file_rights.ts";
import { besideConfiguration } from "./relative_path.ts";
import { formatSize } from "./units.ts";

/** Where a value comes from; also the name of the tag. */
export const REFERENCE_KINDS = ["env", "file", "credential"] as const;

/** Where systemd puts the credentials of a service (`LoadCredential=`). */
const CREDENTIALS_DIRECTORY = "CREDENTIALS_DIRECTORY";

/** A tagged value as it stands in the file. */
export class Reference {
  readonly kind: typeof REFERENCE_KINDS[number];
  /** The name of the variable or credential, or the path of the file. */
  readonly name: string;

  constructor(kind: Reference["kind"], name: string) {
    this.kind = kind;
    this.name = name;
  }

  toString(): string {
    return `!${this.kind} ${this.name}`;
  }
}

/** What a reference leads to, or why it leads nowhere. */
export type ReferenceResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string; readonly hint?: string };

/** Reads the value; `folder` is that of the configuration. Never throws. */
export function readReference(reference: Reference, folder: string): ReferenceResult {
  const { kind, name } = reference;
  if (name === "") return failed(reference, "what it names is missing");
  switch (kind) {
    case "env":
      return readVariable(reference);
    case "file":
      return readFile(reference, besideConfiguration(folder, name));
    case "credential":
      return readCredential(reference);
  }
}

function readVariable(reference: Reference): ReferenceResult {
  const { name } = reference;
  if (/[=\0]/.test(name)) return failed(reference, "this is no name of a variable");
  const value = variable(name);
  if (value === "forbidden") return forbidden(reference);
  if (value.text !== undefined) return { ok: true, text: value.text };
  const reason = `there is no environment variable '${name}'`;
  return failed(reference, reason, `set ${name} before the broker starts`);
}

function readCredential(reference: Reference): ReferenceResult {
  if (/[/\0]/.test(reference.name) || /^\.{1,2}$/.test(reference.name)) {
    return failed(reference, "a credential has a name, not a path");
  }
  const folder = variable(CREDENTIALS_DIRECTORY);
  if (folder === "forbidden") return forbidden(reference);
  if (folder.text !== undefined) return readFile(reference, join(folder.text, reference.name));
  return failed(
    reference,
    `$${CREDENTIALS_DIRECTORY} is not set`,
    `systemd sets it for a service with LoadCredential=${reference.name}:/PATH/OF/THE/FILE`,
  );
}

/** The value of a variable, if there is one and this program may know it. */
function variable(name: string): { readonly text: string | undefined } | "forbidden" {
  try {
    return { text: Deno.env.get(name) };
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return "forbidden";
    throw error;
  }
}

function forbidden(reference: Reference): ReferenceResult {
  const reason = "this program may not read environment variables";
  return failed(reference, reason, "start it with --allow-env");
}

function readFile(reference: Reference, path: string): ReferenceResult {
  try {
    const { isFile, size } = Deno.statSync(path);
    if (!isFile) return failed(reference, `'${path}' is not a file`);
    if (size > MAX_FILE_BYTES) {
      return failed(reference, `'${path}' is larger than ${formatSize(MAX_FILE_BYTES)}`);
    }
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Deno.readFileSync(path));
    // Editors and `echo` end a file with a line end that is not part of the secret.
    return { ok: true, text: text.replace(/\r?\n$/, "") };
  } catch (error) {
    return unreadable(reference, path, error);
  }
}

function unreadable(reference: Reference, path: string, error: unknown): ReferenceResult {
  if (error instanceof Deno.errors.NotFound) {
    const isRelative = reference.kind === "file" && path !== reference.name;
    const hint = "a relative path starts from the folder of the configuration file";
    return failed(reference, `'${path}' does not exist`, isRelative ? hint : undefined);
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    const { reason, remedy } = deniedText(path);
    return failed(reference, `'${path}': ${reason}`, remedy);
  }
  if (error instanceof TypeError) return failed(reference, `'${path}' is not text in UTF-8`);
  return failed(reference, `'${path}': ${messageOf(error)}`);
}

function failed(reference: Reference, reason: string, hint?: string): ReferenceResult {
  const message = `Cannot read '${reference}': ${reason}`;
  return { ok: false, message, ...(hint === undefined ? {} : { hint }) };
}
