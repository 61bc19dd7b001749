/**
 * `broker check`: what is wrong with the files that a configuration names.
 *
 * Owns the words, and how deep it looks: password and ACL files line by line, certificates and keys
 * only for being there, readable, and PEM. Changes nothing.
 */

import { parseAclFile } from "../config/acl_file.ts";
import { PasswordFile } from "../access/password_file.ts";
import { deniedText, exposedText } from "../config/file_rights.ts";
import type { LoadedSettings } from "../config/load.ts";
import { positionAt, type Problem } from "../config/problem.ts";
import { type FileContent, type NamedFile, namedFiles } from "./named_files.ts";

/** One line each, with a file and its line. */
export interface FileFindings {
  /** What the broker cannot work with. */
  readonly errors: readonly string[];
  /** What works and is probably not meant. */
  readonly warnings: readonly string[];
  /** Who is in the password files. */
  readonly users: ReadonlySet<string>;
}

/** Files with secrets: nobody else should be able to open them. */
const SECRET_CONTENTS: readonly FileContent[] = ["key", "passwords", "private key"];

const PEM_LABELS: Partial<Readonly<Record<FileContent, RegExp>>> = {
  "certificate": /^-----BEGIN (?:TRUSTED )?CERTIFICATE-----/m,
  "crl": /^-----BEGIN X509 CRL-----/m,
  "private key": /^-----BEGIN (?:RSA |EC )?PRIVATE KEY-----/m,
};

/** Looks at every file that the settings name. Never throws because of a file. */
export async function checkFiles(loaded: LoadedSettings): Promise<FileFindings> {
  const findings = { errors: [], warnings: [], users: new Set<string>() };
  for (const file of namedFiles(loaded)) await checkFile(file, findings);
  return findings;
}

interface Findings {
  readonly errors: string[];
  readonly warnings: string[];
  readonly users: Set<string>;
}

async function checkFile(file: NamedFile, findings: Findings): Promise<void> {
  const text = await readText(file);
  if (typeof text !== "string") {
    findings.errors.push(text.error);
    return;
  }
  const exposed = SECRET_CONTENTS.includes(file.content)
    ? exposedText(file.path, file.shownPath)
    : undefined;
  if (exposed !== undefined) findings.warnings.push(`${file.place}: ${exposed}`);
  switch (file.content) {
    case "acl":
      return checkAcl(file, text, findings);
    case "passwords":
      return checkPasswords(file, text, findings);
    case "jwks":
      return checkJwks(file, text, findings);
    case "key":
      if (text.trim() === "") findings.errors.push(wrong(file, "the file is empty"));
      return;
    default:
      return checkPem(file, text, findings);
  }
}

function checkAcl(file: NamedFile, text: string, { errors, warnings }: Findings): void {
  const { problems, warnings: harmless } = parseAclFile(nameOf(file), text);
  errors.push(...problems.map((problem) => placed(file, text, problem)));
  warnings.push(...harmless.map((problem) => placed(file, text, problem)));
}

function checkPasswords(file: NamedFile, text: string, { errors, users }: Findings): void {
  const passwords = PasswordFile.parse(text);
  for (const name of passwords.users().keys()) users.add(name);
  errors.push(
    ...passwords.problems().map(({ line, text: problem }) => `${nameOf(file)}:${line}: ${problem}`),
  );
}

function checkJwks(file: NamedFile, text: string, { errors }: Findings): void {
  if (!hasKeys(text)) {
    errors.push(wrong(file, 'it is no JSON Web Key Set, which is JSON with a list "keys"'));
  }
}

function checkPem(file: NamedFile, text: string, { errors }: Findings): void {
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    const remedy = "openssl pkey -in OLD -out NEW takes the passphrase off";
    errors.push(wrong(file, `the key has a passphrase, and nobody to type it; ${remedy}`));
  } else if (PEM_LABELS[file.content]?.test(text) === false) {
    const what = file.content === "crl" ? "CRL" : file.content;
    errors.push(wrong(file, `there is no ${what} in PEM in it`));
  }
}

function hasKeys(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "keys" in value &&
      Array.isArray(value.keys);
  } catch {
    return false;
  }
}

async function readText(file: NamedFile): Promise<string | { readonly error: string }> {
  try {
    if ((await Deno.stat(file.path)).isDirectory) return { error: wrong(file, "it is a folder") };
    const bytes = await Deno.readFile(file.path);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    return { error: wrong(file, readFault(file, error)) };
  }
}

function readFault(file: NamedFile, error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "it does not exist";
  if (error instanceof Deno.errors.PermissionDenied) {
    const { reason, remedy } = deniedText(file.path, file.shownPath);
    return remedy === undefined ? reason : `${reason}; to change that: ${remedy}`;
  }
  if (error instanceof TypeError) return "it is not text in UTF-8";
  return error instanceof Error ? error.name : String(error);
}

/** A problem of the whole file, at the setting that names it. */
function wrong(file: NamedFile, reason: string): string {
  return `${file.place}: Cannot use ${file.shownPath} as '${file.setting}': ${reason}`;
}

/** A problem at a place within the file. */
function placed(file: NamedFile, source: string, { message, range, hint }: Problem): string {
  const { line, column } = positionAt(source, range?.start ?? 0);
  const advice = hint === undefined ? "" : ` (${hint})`;
  return `${nameOf(file)}:${line}:${column}: ${message}${advice}`;
}

/** The file's name without quotes, for a place in it. */
function nameOf({ shownPath }: NamedFile): string {
  return shownPath.replace(/^'(.*)'$/, "$1");
}
