/**
 * Why a file cannot be opened or written, and what helps: SQLite says no more than that it cannot.
 *
 * Owns the wording. Looks at the file, what lies beside it and its folder when something has failed
 * already; nothing else may have the file open in this process then, since closing it here would end
 * locks (POSIX).
 */

import { messageOf } from "../error_text.ts";
import { dirname } from "node:path";
import { exists } from "./paths.ts";

const MAY_BE_ACCESS = /unable to open database file|readonly database|os error (1|13|30)\)|EACCES/i;
const READ_ONLY_FILE_SYSTEM = /os error 30\)/;
const USERS = "/etc/passwd";

/**
 * The text of `error`, which came of using `path`, and if permissions are to blame: whose the file
 * is, who the broker runs as, and the command that helps.
 */
export function describeFailure(path: string, error: unknown): string {
  const text = messageOf(error);
  if (!MAY_BE_ACCESS.test(text)) return text;
  const problem = accessProblem(path);
  return problem === undefined ? text : `${text}: ${problem}`;
}

/** Undefined when everything can be read and written. */
function accessProblem(path: string): string | undefined {
  for (const each of [path, `${path}-wal`, `${path}-shm`]) {
    const problem = fileProblem(each);
    if (problem !== undefined) return problem;
  }
  return folderProblem(dirname(path));
}

function fileProblem(path: string): string | undefined {
  try {
    if (!exists(path)) return undefined;
    if (Deno.statSync(path).isDirectory) return `'${path}' is a folder`;
    Deno.openSync(path, { read: true, write: true }).close();
    return undefined;
  } catch (error) {
    return describe(path, error, "rw");
  }
}

/** A log and a lock lie beside the file. */
function folderProblem(folder: string): string | undefined {
  const probe = `${folder}/.broker-probe`;
  try {
    Deno.openSync(probe, { write: true, create: true, mode: 0o600 }).close();
    Deno.removeSync(probe);
    return undefined;
  } catch (error) {
    return describe(folder, error, "rwx");
  }
}

function describe(path: string, error: unknown, needed: string): string | undefined {
  if (READ_ONLY_FILE_SYSTEM.test(messageOf(error))) {
    return `the file system of '${path}' is read-only`;
  }
  const uid = ownUid();
  if (!isDenied(error) || uid === undefined) return undefined;
  try {
    const { uid: owner, mode } = Deno.statSync(path);
    if (owner === null || mode === null) return undefined;
    const octal = (mode & 0o7777).toString(8).padStart(4, "0");
    const remedy = owner === uid
      ? `sudo chmod u+${needed} '${path}'`
      : `sudo chown ${userName(uid)} '${path}'`;
    return `'${path}' belongs to user ${userName(owner)} and has mode ${octal}, and the broker ` +
      `runs as user ${userName(uid)}. This helps: ${remedy}`;
  } catch {
    // Not even its folder may be searched.
    return `'${path}' may not be looked at by user ${userName(uid)}, as whom the broker runs`;
  }
}

function isDenied(error: unknown): boolean {
  return error instanceof Deno.errors.PermissionDenied ||
    /os error (1|13)\)/.test(messageOf(error));
}

/** Undefined where there are no users with numbers, or nobody may ask. */
function ownUid(): number | undefined {
  try {
    return Deno.uid() ?? undefined;
  } catch {
    return undefined;
  }
}

/** The name, or the number where it has none. */
function userName(uid: number): string {
  try {
    const lines = Deno.readTextFileSync(USERS).split("\n").map((line) => line.split(":"));
    return lines.find(([, , id]) => id === String(uid))?.[0] ?? String(uid);
  } catch {
    return String(uid);
  }
}
