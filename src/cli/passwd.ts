/**
 * `broker passwd FILE USER`: adds, changes, deletes and lists the users of a password file; and
 * `broker passwd --scram USER`, which makes what SCRAM needs for the configuration.
 *
 * Owns the order of the steps and what is printed. The file is read again after the password was
 * typed: what was changed meanwhile is not lost.
 */

import { makePasswordHash } from "../access/password_digest.ts";
import { PasswordFile, readPasswordFile, userNameProblem } from "../access/password_file.ts";
import { type NewFormat, parsePasswordHash } from "../access/password_hash.ts";
import { replaceFile, statIfThere } from "../access/replace_file.ts";
import { saslprep } from "../access/saslprep.ts";
import {
  formatScramVerifier,
  makeScramVerifier,
  ScramVerifierError,
} from "../access/scram_verifier.ts";
import { nearest } from "../config/nearest.ts";
import { askPassword, type Keyboard, PasswordInputError } from "./password_prompt.ts";
import { ExitCode, type Terminal, writeLines } from "./terminal.ts";
import { textTable } from "./text_table.ts";

/** Where the command reads and writes. */
export interface PasswdStreams {
  readonly terminal: Terminal;
  readonly keyboard: Keyboard;
}

export interface SetOptions {
  readonly file: string;
  readonly user: string;
  readonly format: NewFormat;
  /** The file must not be there yet. */
  readonly create: boolean;
  /** Of pbkdf2-sha512; by default as many as are recommended. */
  readonly iterations?: number;
}

/** With `create`, the user's line is printed. */
const STANDARD_OUTPUT = "-";

/** Others than owner and group may read the file. */
const READABLE_BY_ALL = 0o004;

/** Adds the user, or changes the password. */
export function setPassword(options: SetOptions, streams: PasswdStreams): Promise<number> {
  const { file, user, format, create, iterations } = options;
  const { terminal, keyboard } = streams;
  return guarded(`Cannot set the password of '${user}' in '${file}'`, terminal, async () => {
    const problem = userNameProblem(user);
    if (problem !== undefined) {
      writeLines([`Cannot use the user name '${user}': ${problem}`], terminal.err);
      return ExitCode.Usage;
    }
    const isPrinted = create && file === STANDARD_OUTPUT;
    if (!isPrinted) await readToChange(file, create);
    const password = await askPassword(keyboard, terminal);
    const hash = await makePasswordHash(password, format, iterations);
    if (isPrinted) {
      writeLines([`${user}:${hash}`], terminal.out);
      return ExitCode.Ok;
    }
    const passwords = await readToChange(file, create);
    const isNew = !passwords.has(user);
    passwords.set(user, hash);
    write(file, passwords, terminal);
    const done = isNew ? "Added user" : "Changed the password of user";
    writeLines([`${done} '${user}' in '${file}'`], terminal.out);
    return ExitCode.Ok;
  });
}

/** Puts a hash in the place of every password that stands in the file as it is. */
export function hashPasswords(
  { file, format, iterations }: Pick<SetOptions, "file" | "format" | "iterations">,
  terminal: Terminal,
): Promise<number> {
  return guarded(`Cannot hash the passwords of '${file}'`, terminal, async () => {
    const passwords = await readPasswordFile(file);
    const plain = passwords.plainPasswords();
    for (const [user, password] of plain) {
      const bytes = new TextEncoder().encode(password);
      passwords.set(user, await makePasswordHash(bytes, format, iterations));
    }
    if (plain.size > 0) write(file, passwords, terminal);
    const users = plain.size === 1 ? "1 user" : `${plain.size} users`;
    writeLines([`Hashed the passwords of ${users} in '${file}'`], terminal.out);
    return ExitCode.Ok;
  });
}

/**
 * Prints the entry of a user for `users:` in broker.yaml with the verifier of SCRAM-SHA-256. No file
 * is read or written: Mosquitto's password files have no place for it.
 */
export function printScram(user: string, { terminal, keyboard }: PasswdStreams): Promise<number> {
  return guarded(`Cannot make the verifier of '${user}'`, terminal, async () => {
    if (!user.isWellFormed() || saslprep(user) === undefined) {
      const reason = "it is empty, or contains a character that SASLprep prohibits";
      writeLines([`Cannot use the user name '${user}': ${reason}`], terminal.err);
      return ExitCode.Usage;
    }
    const password = textOf(await askPassword(keyboard, terminal));
    const verifier = formatScramVerifier(makeScramVerifier(password));
    // JSON's texts are YAML's.
    const name = JSON.stringify(user);
    writeLines([`  - name: ${name}`, `    scram: ${JSON.stringify(verifier)}`], terminal.out);
    return ExitCode.Ok;
  });
}

export function deleteUser(file: string, user: string, terminal: Terminal): Promise<number> {
  const cannot = `Cannot delete '${user}' in '${file}'`;
  return guarded(cannot, terminal, async () => {
    const passwords = await readPasswordFile(file);
    if (!passwords.delete(user)) {
      const near = nearest(user, [...passwords.users().keys()]);
      const hint = near === undefined ? [] : [`(Did you mean '${near}'?)`];
      writeLines([`${cannot}: there is no such user`, ...hint], terminal.err);
      return ExitCode.Failure;
    }
    write(file, passwords, terminal);
    writeLines([`Deleted user '${user}' in '${file}'`], terminal.out);
    return ExitCode.Ok;
  });
}

/** Prints the users and the formats of their hashes; ends with 1 when a line cannot be read. */
export function listUsers(file: string, terminal: Terminal): Promise<number> {
  return guarded(`Cannot list '${file}'`, terminal, async () => {
    const passwords = await readPasswordFile(file);
    const rows = [...passwords.users()].map(([user, hash]) => [user, formatOf(hash)]);
    const columns = [{ title: "USER" }, { title: "FORMAT" }];
    writeLines(textTable(columns, rows), terminal.out);
    return reportProblems(file, passwords, terminal) ? ExitCode.Failure : ExitCode.Ok;
  });
}

/** SCRAM's passwords are texts, unlike those of a CONNECT packet. */
function textOf(password: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(password);
  } catch {
    throw new PasswordInputError("it is not text in UTF-8");
  }
}

function formatOf(hash: string): string {
  const parsed = parsePasswordHash(hash);
  return parsed.format === "pbkdf2-sha512"
    ? `${parsed.format} (${parsed.iterations} iterations)`
    : parsed.format;
}

/** The file to change, or a new one; throws when that is not what is there. */
async function readToChange(file: string, create: boolean): Promise<PasswordFile> {
  const isThere = statIfThere(file) !== undefined;
  if (create && isThere) {
    throw new Error(`Cannot create '${file}': it is there already. Without --create it is changed`);
  }
  if (!create && !isThere) {
    throw new Error(`Cannot read '${file}': there is no such file. With --create it is made`);
  }
  return create ? PasswordFile.parse("") : await readPasswordFile(file);
}

/** Writes the file, and tells what its owner should know. */
function write(file: string, passwords: PasswordFile, terminal: Terminal): void {
  const notGivenTo = replaceFile(file, `${passwords}`);
  reportProblems(file, passwords, terminal);
  const notes: string[] = [];
  if (notGivenTo !== undefined) {
    const { uid, gid } = notGivenTo;
    notes.push(
      `Note: '${file}' belongs to you now. If the broker runs as another user, give it to that one: ` +
        `sudo chown ${uid}:${gid} '${file}'`,
    );
  }
  const mode = statIfThere(file)?.mode ?? 0;
  if ((mode & READABLE_BY_ALL) !== 0) {
    notes.push(`Note: everybody on this machine can read '${file}': chmod o= '${file}'`);
  }
  writeLines(notes, terminal.err);
}

/** Returns whether there are any. */
function reportProblems(file: string, passwords: PasswordFile, terminal: Terminal): boolean {
  const problems = passwords.problems();
  writeLines(problems.map(({ line, text }) => `${file}:${line}: ${text}`), terminal.err);
  return problems.length > 0;
}

/** Turns what files and people do wrong into a line and an exit code. */
async function guarded(
  cannot: string,
  terminal: Terminal,
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    writeLines([reasonOf(cannot, error)], terminal.err);
    return ExitCode.Failure;
  }
}

/** Throws on what is neither of the file system nor ours. */
function reasonOf(cannot: string, error: unknown): string {
  if (error instanceof PasswordInputError) {
    return error.message === "stopped"
      ? `${cannot}: stopped, nothing was changed`
      : `Cannot use the password: ${error.message}`;
  }
  if (error instanceof ScramVerifierError) return `Cannot use the password: ${error.message}`;
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) {
    throw error;
  }
  if (error instanceof Deno.errors.NotFound) return `${cannot}: there is no such file`;
  return error.message.startsWith("Cannot ") ? error.message : `${cannot}: ${error.message}`;
}
