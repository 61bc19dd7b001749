/**
 * What can go wrong with the file that holds the broker's data, sorted by what helps.
 *
 * Owns the sorting. `node:sqlite` gives an error code only for some errors, so it goes by SQLite's
 * own texts, which have been the same for many years.
 */

import { messageOf } from "../error_text.ts";

/** Another broker uses the same file. The program ends with exit code 3. */
export class StoreInUseError extends Error {
  override readonly name = "StoreInUseError";
  readonly path: string;

  constructor(path: string) {
    super(`Cannot use '${path}': another broker uses it`);
    this.path = path;
  }
}

/** There is a store already where a new one should be made. */
export class StoreExistsError extends Error {
  override readonly name = "StoreExistsError";
  readonly path: string;

  constructor(path: string) {
    super(`Cannot make '${path}': a broker's data is there already`);
    this.path = path;
  }
}

/** What is in the file cannot be used, whoever reads it: damaged, not a database, too new. */
export class StoreDamagedError extends Error {
  override readonly name = "StoreDamagedError";
}

/** The file was deleted, moved or replaced while it was open. */
export class StoreGoneError extends Error {
  override readonly name = "StoreGoneError";
}

/**
 * - `damaged`: the content cannot be used; only a new file helps.
 * - `gone`: it is not under its path any more; only a new file helps.
 * - `full`: the disk takes nothing now; it will when there is space.
 * - `unusable`: permissions, a read-only file system, a failing disk; it may come back.
 */
export type FailureKind = "damaged" | "gone" | "full" | "unusable";

const DAMAGED = [
  "malformed",
  "file is not a database",
  "unsupported file format",
  // A table or column that should be there: what was opened is not what was created.
  "no such table",
  "no such column",
  "has no column named",
  "malformed database schema",
  "string or blob too big",
];

/** Sorts an error of SQLite or of the file system. */
export function failureKind(error: unknown): FailureKind {
  if (error instanceof StoreDamagedError) return "damaged";
  if (error instanceof StoreGoneError) return "gone";
  const text = messageOf(error);
  if (text.includes("database or disk is full") || text.includes("os error 28")) return "full";
  if (DAMAGED.some((words) => text.includes(words))) return "damaged";
  return "unusable";
}

/** Whether SQLite refused because somebody else holds a lock. */
export function isLocked(error: unknown): boolean {
  return messageOf(error).includes("database is locked");
}
