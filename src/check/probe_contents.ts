/**
 * `broker check`: what is wrong in the files that a configuration names.
 *
 * Owns the words, and how deep it looks: password and ACL files line by line, keys for tokens as the
 * broker reads them, certificates only for being PEM (`probe_certificates.ts` goes on from there).
 */

import { messageOf } from "../error_text.ts";
import { Buffer } from "node:buffer";
import { PasswordFile } from "../access/password_file.ts";
import { JwtKeyError, readKeySet } from "../access/jwt_keys.ts";
import { parseAclFile } from "../config/acl_file.ts";
import { positionAt, type Problem } from "../config/problem.ts";
import {
  type Examination,
  type Finding,
  MAKE_CERTIFICATES,
  placeOf,
  type Severity,
} from "./finding.ts";
import { type FileContent, type NamedFile, namedFiles } from "./named_files.ts";
import { sudoCheck } from "./probe_files.ts";
import { usersNowhere } from "./probe_roles.ts";

const PEM_LABELS: Partial<Readonly<Record<FileContent, RegExp>>> = {
  "certificate": /^-----BEGIN (?:TRUSTED )?CERTIFICATE-----/m,
  "crl": /^-----BEGIN X509 CRL-----/m,
  "private key": /^-----BEGIN (?:RSA |EC )?PRIVATE KEY-----/m,
};

interface Reading {
  readonly examination: Examination;
  readonly findings: Finding[];
  /** Who is in the password files. */
  readonly users: Set<string>;
}

/** Looks into every file that the settings name. Never throws because of a file. */
export async function probeContents(examination: Examination): Promise<readonly Finding[]> {
  const reading: Reading = { examination, findings: [], users: new Set() };
  const { loaded } = examination;
  let areUsersKnown = true;
  for (const file of namedFiles(loaded)) {
    const text = readText(reading, file);
    if (text !== undefined) await checkContent(reading, file, text);
    else if (file.content === "passwords") areUsersKnown = false;
  }
  await checkKey(reading);
  // Of a file that could not be read, nobody knows who is in it.
  if (areUsersKnown) reading.findings.push(...usersNowhere(loaded, reading.users));
  return reading.findings;
}

function checkContent(reading: Reading, file: NamedFile, text: string): void | Promise<void> {
  switch (file.content) {
    case "acl":
      return checkAcl(reading, file, text);
    case "passwords":
      return checkPasswords(reading, file, text);
    case "jwks":
    case "key":
      return checkTokenKeys(reading, file, text);
    default:
      return checkPem(reading, file, text);
  }
}

function checkAcl({ findings }: Reading, file: NamedFile, text: string): void {
  const { problems, warnings } = parseAclFile(nameOf(file), text);
  findings.push(...problems.map((problem) => placed("error", file, text, problem)));
  findings.push(...warnings.map((problem) => placed("warning", file, text, problem)));
}

function checkPasswords({ findings, users }: Reading, file: NamedFile, text: string): void {
  const passwords = PasswordFile.parse(text);
  for (const name of passwords.users().keys()) users.add(name);
  for (const { line, text: problem } of passwords.problems()) {
    findings.push({
      severity: "error",
      place: `${nameOf(file)}:${line}`,
      problem,
      cure: `broker passwd ${file.shownPath} USER`,
    });
  }
}

/** Long enough, public, of a kind that is known: as the broker asks when it starts. */
async function checkTokenKeys(reading: Reading, file: NamedFile, text: string): Promise<void> {
  const form = file.content === "jwks" ? "jwks" : "key";
  const { algorithms } = reading.examination.loaded.settings.authentication.jwt;
  const reason = text.trim() === ""
    ? "the file is empty"
    : await keyFault(form, Buffer.from(text), algorithms);
  if (reason === undefined) return;
  const cure = form === "jwks" ? undefined : keyCure(reason, file.shownPath);
  reading.findings.push({ ...wrong(file, reason), cure });
}

/** The key that stands in the configuration itself. */
async function checkKey({ examination, findings }: Reading): Promise<void> {
  const { loaded } = examination;
  const { jwt } = loaded.settings.authentication;
  if (jwt.key === undefined) return;
  const reason = await keyFault("key", Buffer.from(jwt.key), jwt.algorithms);
  if (reason === undefined) return;
  findings.push({
    severity: "error",
    place: placeOf(loaded, ["authentication", "jwt", "key"]),
    problem: `Cannot use 'authentication.jwt.key': ${reason}`,
    cure: keyCure(reason, undefined),
  });
}

/** Undefined when it can be used. */
async function keyFault(
  form: "key" | "jwks",
  bytes: Uint8Array,
  algorithms: readonly string[],
): Promise<string | undefined> {
  try {
    readKeySet(await import("jose"), form, bytes, algorithms);
    return undefined;
  } catch (error) {
    if (error instanceof JwtKeyError) return error.message;
    throw error;
  }
}

function keyCure(reason: string, file: string | undefined): string | undefined {
  if (!/can be guessed|is empty/.test(reason)) return undefined;
  const target = file === undefined ? "" : ` > ${file}`;
  return `openssl rand -hex 32${target} (and give it to whoever signs the tokens)`;
}

function checkPem({ findings }: Reading, file: NamedFile, text: string): void {
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    findings.push({
      ...wrong(file, "the key has a passphrase, and nobody to type it"),
      cure: `openssl pkey -in ${file.shownPath} -out NEW takes the passphrase off`,
    });
  } else if (PEM_LABELS[file.content]?.test(text) === false) {
    const what = file.content === "crl" ? "CRL" : file.content;
    findings.push({
      ...wrong(file, `there is no ${what} in PEM in it`),
      cure: pemCure(file, text),
    });
  }
}

/** DER begins with a sequence. */
function pemCure({ content, shownPath }: NamedFile, text: string): string | undefined {
  if (!text.startsWith("0")) return content === "crl" ? undefined : MAKE_CERTIFICATES;
  const tool = content === "crl" ? "crl" : content === "certificate" ? "x509" : "pkey";
  return `openssl ${tool} -inform DER -in ${shownPath} -out NEW makes PEM of DER`;
}

/** Undefined when it cannot be read; what `probe_files.ts` says of it is not said twice. */
function readText(reading: Reading, file: NamedFile): string | undefined {
  const { machine, service } = reading.examination;
  try {
    return decode(file, machine.read(file.path));
  } catch (error) {
    if (error instanceof TypeError) {
      reading.findings.push(wrong(file, "it is not text in UTF-8"));
    } else if (error instanceof Deno.errors.PermissionDenied) {
      if (service.account?.uid !== machine.userId) reading.findings.push(closed(reading, file));
    } else if (service.account === undefined) {
      const isMissing = error instanceof Deno.errors.NotFound;
      const reason = messageOf(error);
      reading.findings.push(wrong(file, isMissing ? "it does not exist" : reason));
    }
    return undefined;
  }
}

/** Certificates and keys may be DER, by mistake: that is found by what they begin with. */
function decode({ content }: NamedFile, bytes: Uint8Array): string {
  const isStrict = PEM_LABELS[content] === undefined;
  return new TextDecoder("utf-8", { fatal: isStrict }).decode(bytes);
}

function closed({ examination }: Reading, { place, shownPath, setting }: NamedFile): Finding {
  return {
    severity: "info",
    place,
    problem:
      `What is in ${shownPath}, '${setting}', was not looked at: who runs this may not read it`,
    cure: sudoCheck(examination),
  };
}

/** A problem of the whole file, at the setting that names it. */
function wrong({ place, shownPath, setting }: NamedFile, reason: string): Finding {
  return {
    severity: "error",
    place,
    problem: `Cannot use ${shownPath} as '${setting}': ${reason}`,
    cure: undefined,
  };
}

/** A problem at a place within the file. */
function placed(severity: Severity, file: NamedFile, source: string, problem: Problem): Finding {
  const { line, column } = positionAt(source, problem.range?.start ?? 0);
  return {
    severity,
    place: `${nameOf(file)}:${line}:${column}`,
    problem: problem.message,
    cure: problem.hint,
  };
}

/** The file's name without quotes, for a place in it. */
function nameOf({ shownPath }: NamedFile): string {
  return shownPath.replace(/^'(.*)'$/, "$1");
}
