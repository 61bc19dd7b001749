/**
 * A password file as Mosquitto reads it: `USER:HASH` lines, empty lines, comments that start with
 * `#`.
 *
 * Owns the lines. Blanks around user and hash do not count, nor does what follows a second colon; of
 * two lines for one user the last one counts. Invariant: a change touches the lines of its user
 * only; comments, and lines that cannot be read, stay as they are.
 */

import { parsePasswordHash, PasswordHashError } from "./password_hash.ts";

/** What is wrong with a line. */
export interface LineProblem {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** Bytes that a CONNECT packet has room for, in a user name as in a password. */
export const MAXIMUM_CREDENTIAL_BYTES = 65_535;

interface Entry {
  readonly user: string;
  readonly hash: string;
}

export class PasswordFile {
  #lines: string[];

  private constructor(lines: string[]) {
    this.#lines = lines;
  }

  /** Never throws: what is wrong is in `problems()`. */
  static parse(text: string): PasswordFile {
    return new PasswordFile(text.split("\n"));
  }

  /** The text of each user's hash, which `parsePasswordHash()` reads without an error. */
  users(): Map<string, string> {
    const users = new Map<string, string>();
    for (const line of this.#lines) {
      const entry = readLine(line);
      if (entry !== undefined && problemOf(entry) === undefined) users.set(entry.user, entry.hash);
    }
    return users;
  }

  /**
   * The passwords of lines that have one in place of a hash, by user: what follows the first colon.
   * What starts as a hash does is taken for a damaged one, and left out.
   */
  plainPasswords(): Map<string, string> {
    const passwords = new Map<string, string>();
    for (const line of this.#lines) {
      const entry = readLine(line);
      if (entry === undefined || entry.user === "" || entry.hash === "") continue;
      if (/^\$(6|7|argon2id)\$/.test(entry.hash)) continue;
      const text = line.slice(line.indexOf(":") + 1);
      passwords.set(entry.user, text.endsWith("\r") ? text.slice(0, -1) : text);
    }
    return passwords;
  }

  /** Every line that makes no user, and every user that is there twice. */
  problems(): LineProblem[] {
    const problems: LineProblem[] = [];
    const lineOf = new Map<string, number>();
    for (const [index, text] of this.#lines.entries()) {
      const entry = readLine(text);
      if (entry === undefined) continue;
      const line = index + 1;
      const problem = problemOf(entry);
      if (problem !== undefined) problems.push({ line, text: problem });
      const before = lineOf.get(entry.user);
      if (before !== undefined) {
        const twice =
          `Cannot use line ${before} for user '${entry.user}': this line is a later one`;
        problems.push({ line, text: twice });
      }
      lineOf.set(entry.user, line);
    }
    return problems;
  }

  /** Whether there is a line for the user, if only one that cannot be read. */
  has(user: string): boolean {
    return this.#lines.some((line) => readLine(line)?.user === user);
  }

  /** Adds the user or changes the hash; the user has one line then. */
  set(user: string, hash: string): void {
    const index = this.#lines.findIndex((line) => readLine(line)?.user === user);
    const line = `${user}:${hash}`;
    if (index >= 0) {
      const old = this.#lines[index] ?? "";
      this.#lines[index] = old.endsWith("\r") ? `${line}\r` : line;
      this.#lines = this.#lines.filter((text, at) => at <= index || readLine(text)?.user !== user);
      return;
    }
    // After the last line end there is an empty piece; without one, the last line gets its end.
    if (this.#lines.at(-1) === "") this.#lines.pop();
    this.#lines.push(line, "");
  }

  /** Removes all lines of the user; false when there is none. */
  delete(user: string): boolean {
    const count = this.#lines.length;
    this.#lines = this.#lines.filter((line) => readLine(line)?.user !== user);
    return this.#lines.length < count;
  }

  toString(): string {
    return this.#lines.join("\n");
  }
}

/**
 * Reads a password file. Throws what the file system throws, and an Error for a file that is no text.
 */
export async function readPasswordFile(path: string): Promise<PasswordFile> {
  const bytes = await Deno.readFile(path);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error(`Cannot read '${path}': it is not text in UTF-8`);
  }
  return PasswordFile.parse(text);
}

/** Why the name cannot stand in a password file; undefined when it can. */
export function userNameProblem(user: string): string | undefined {
  if (user === "") return "it is empty";
  if (user.includes(":")) return "it contains ':', which ends the name in a password file";
  if (/\p{Cc}/u.test(user)) return "it contains a control character or a line end";
  if (user !== trim(user)) return "it starts or ends with a blank, which the file does not keep";
  if (user.startsWith("#")) return "it starts with '#', which makes a line a comment";
  if (!user.isWellFormed()) return "it is not text in Unicode";
  const { length } = new TextEncoder().encode(user);
  if (length <= MAXIMUM_CREDENTIAL_BYTES) return undefined;
  return `it has ${length} bytes, at most ${MAXIMUM_CREDENTIAL_BYTES} are allowed`;
}

/** Undefined for an empty line and a comment. */
function readLine(line: string): Entry | undefined {
  const text = trim(line);
  if (text === "" || text.startsWith("#")) return undefined;
  const [user = "", hash = ""] = text.split(":", 2);
  return { user: trim(user), hash: trim(hash) };
}

function problemOf({ user, hash }: Entry): string | undefined {
  if (user === "") return "Cannot read the line: there is no user name before ':'";
  // Without ':' it may be a password that was pasted here: it is not repeated.
  if (hash === "") {
    return "Cannot read the line: there is no user name with ':' and a hash after it";
  }
  try {
    parsePasswordHash(hash);
    return undefined;
  } catch (error) {
    if (!(error instanceof PasswordHashError)) throw error;
    return `Cannot read the hash of user '${user}': ${error.message}`;
  }
}

/** Without ASCII blanks around: others belong to the name. */
function trim(text: string): string {
  return text.replace(/^[ \t\r\v\f]+|[ \t\r\v\f]+$/g, "");
}
