/**
 * Opens the broker's file, whatever state it is in.
 *
 * Owns the checks. What cannot be used is left to `replacement.ts`, which sets it aside when there is
 * a new file from what can be read of it.
 */

import { messageOf } from "../error_text.ts";
import { DatabaseSync } from "node:sqlite";
import { failureKind, StoreDamagedError } from "./errors.ts";
import { createPrivately } from "./paths.ts";
import type { RepairReport } from "./repair.ts";
import {
  finishRepair,
  forgetRepair,
  type Loss,
  replaceByBatch,
  replaceDamaged,
} from "./replacement.ts";
import { checkVersion, migrate, prepare } from "./schema.ts";
import { SqliteFile, WRITER_PRAGMAS } from "./sqlite_file.ts";
import { type Emit, TableReader } from "./table_reader.ts";

export interface OpenedFile {
  readonly file: SqliteFile;
  /** Reads what is stored; only before the first `apply`. */
  readonly database: DatabaseSync;
  /** There was no file, or an empty one. */
  readonly isNew: boolean;
  readonly repair: RepairReport | undefined;
}

/**
 * Opens or makes the file. Throws what the file system throws when it can be neither read nor
 * written now, or has no room for a repair: then it is still under its name. What is reported of a
 * repair is so again by each start, until `openAndLoad` has done it.
 */
export function openFile(path: string, wallMs: number): OpenedFile {
  const repair = finishRepair(path);
  try {
    return { ...openSound(path), repair };
  } catch (error) {
    if (failureKind(error) !== "damaged") throw error;
    return repairFile(path, messageOf(error), wallMs);
  }
}

function openSound(path: string): Omit<OpenedFile, "repair"> {
  const { database, isNew } = openChecked(path);
  try {
    return { file: new SqliteFile(path, database), database, isNew };
  } catch (error) {
    database.close();
    throw error;
  }
}

function repairFile(path: string, reason: string, wallMs: number): OpenedFile {
  const repair = replaceDamaged(path, reason, wallMs);
  return { ...openSound(path), repair };
}

/**
 * Opens the file and reads all of it in chunks. What turns out to be damaged only then is repaired
 * as well: `startAgain` is called, and the chunks before it do not count.
 */
export function openAndLoad(
  path: string,
  wallMs: number,
  emit: Emit,
  startAgain: () => void,
): OpenedFile {
  const opened = openFile(path, wallMs);
  try {
    return loaded(path, opened, emit);
  } catch (error) {
    if (failureKind(error) !== "damaged") throw error;
    startAgain();
    return loaded(path, repairFile(path, messageOf(error), wallMs), emit);
  }
}

/** Closes the file when it cannot be read. */
function loaded(path: string, opened: OpenedFile, emit: Emit): OpenedFile {
  try {
    new TableReader(opened.database, emit, false).readAll();
    forgetRepair(path);
    return opened;
  } catch (error) {
    opened.file.close();
    throw error;
  }
}

/**
 * A new file, in which `batch` has been carried out, in place of whatever is under `path`, which is
 * set aside. Throws as `openFile`.
 */
export function replaceFile(
  path: string,
  loss: Loss,
  batch: Uint8Array,
  wallMs: number,
): { readonly file: SqliteFile; readonly repair: RepairReport } {
  const repair = replaceByBatch(path, loss, batch, wallMs);
  const { file } = openSound(path);
  forgetRepair(path);
  return { file, repair };
}

/**
 * Open for writing, of the current version, and sound as far as can be told quickly. `isNew`: it had
 * no tables. Whether there was a file before would be no answer, since that may change meanwhile.
 */
function openChecked(path: string): { database: DatabaseSync; isNew: boolean } {
  createPrivately(path);
  const database = new DatabaseSync(path);
  try {
    // Before anything is changed: it may be the database of another program.
    const isNew = checkVersion(database) === 0;
    // Only for a new file: it would be written to by this, even if nothing is different.
    if (isNew) database.exec("PRAGMA auto_vacuum = INCREMENTAL");
    database.exec(WRITER_PRAGMAS);
    const answer = Object.values(prepare(database, "PRAGMA quick_check(1)").get() ?? {})[0];
    if (answer !== "ok") throw new StoreDamagedError(String(answer).replaceAll("\n", " "));
    // What is damaged is set aside as it was.
    migrate(database);
    // A file that may only be read opens all the same: this says so, and writes nothing.
    database.exec("DELETE FROM message WHERE id < 0");
    return { database, isNew };
  } catch (error) {
    database.close();
    throw error;
  }
}
