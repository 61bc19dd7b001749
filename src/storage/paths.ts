/**
 * Whether files exist, when they were written, and how new ones are made: the little that the storage
 * asks of the file system besides SQLite.
 */

import { dirname, resolve } from "node:path";

/** When the file was written last, in Unix milliseconds; undefined when there is none. */
export function changeMs(path: string): number | undefined {
  try {
    return Deno.statSync(path).mtime?.getTime() ?? 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** When a database or its log was written last, in Unix milliseconds; 0 when there is none. */
export function lastChangeMs(path: string): number {
  return Math.max(changeMs(path) ?? 0, changeMs(`${path}-wal`) ?? 0);
}

/** What `path` leads to if it is a link: SQLite puts the log beside that. */
export function linkedPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return targetOfLink(path);
  }
}

/** There is nothing at `path` yet, or it may not be looked at: opening it says so. */
function targetOfLink(path: string): string {
  try {
    return resolve(dirname(path), Deno.readLinkSync(path));
  } catch {
    return path;
  }
}

export function exists(path: string): boolean {
  return changeMs(path) !== undefined;
}

/**
 * Makes a file, with its folder, for its owner alone: messages are nobody else's business, and whoever
 * may read a lock file could hold the lock. One that is there already stays as it is.
 */
export function createPrivately(path: string): void {
  Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  try {
    Deno.openSync(path, { write: true, createNew: true, mode: 0o600 }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}
