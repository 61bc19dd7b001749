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

/** Size in bytes; undefined when there is no such file, or it cannot be looked at. */
export function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch {
    return undefined;
  }
}

/** What of a file nobody changes says that it is the same as before, also after a restart. */
export interface FileState {
  readonly bytes: number;
  /** Unix milliseconds; null where the system does not say. */
  readonly changedMs: number | null;
}

/** Undefined when there is no such file. */
export function fileState(path: string): FileState | undefined {
  if (!exists(path)) return undefined;
  const { size, mtime } = Deno.statSync(path);
  return { bytes: size, changedMs: mtime?.getTime() ?? null };
}

/** Whether the file is there as it was. */
export function isStill(path: string, { bytes, changedMs }: FileState): boolean {
  const now = fileState(path);
  return now !== undefined && now.bytes === bytes && now.changedMs === changedMs;
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

/** Whether both names lead to one file. */
export function leadToOneFile(one: string, other: string): boolean {
  return exists(one) && exists(other) && Deno.realPathSync(one) === Deno.realPathSync(other);
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

/** Whether a link has this name, wherever it leads; not when it cannot be looked at. */
export function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}
