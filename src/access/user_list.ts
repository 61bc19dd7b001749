/**
 * All users with passwords: those of broker.yaml and those of password files, in one list.
 *
 * Owns which of two entries for one user counts: broker.yaml before files, files in their order.
 */

import { messageOf } from "../error_text.ts";
import { type LineProblem, readPasswordFile } from "./password_file.ts";

/** A user of broker.yaml; `password` is the text of a hash. */
export interface ConfiguredUser {
  readonly name: string;
  readonly password?: string | undefined;
}

export interface UserSources {
  readonly users: readonly ConfiguredUser[];
  /** Paths. */
  readonly passwordFiles: readonly string[];
}

/** Told of lines that make no user; the others of the file count. */
export type ProblemReport = (path: string, problem: LineProblem) => void;

/**
 * Reads the password files and returns the text of each user's hash. Throws an Error that names the
 * file when one cannot be read.
 */
export async function loadUsers(
  { users, passwordFiles }: UserSources,
  report: ProblemReport,
): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const { name, password } of users) {
    if (password !== undefined) hashes.set(name, password);
  }
  for (const path of passwordFiles) {
    const file = await read(path);
    for (const problem of file.problems()) report(path, problem);
    for (const [user, hash] of file.users()) {
      if (!hashes.has(user)) hashes.set(user, hash);
    }
  }
  return hashes;
}

async function read(path: string): ReturnType<typeof readPasswordFile> {
  try {
    return await readPasswordFile(path);
  } catch (error) {
    const reason = messageOf(error);
    if (reason.startsWith("Cannot read")) throw error;
    throw new Error(`Cannot read the password file '${path}': ${reason}`);
  }
}
