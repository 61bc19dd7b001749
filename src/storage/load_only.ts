/**
 * Reads a store that cannot be written now: the disk is full, the folder is read-only.
 *
 * Owns the ways round SQLite's wish to write even when it only reads (it keeps an index of the log
 * in a file). Changes nothing of the store. Damaged rows are left out: they are dealt with when the
 * file can be written.
 */

import { DatabaseSync } from "node:sqlite";
import { copyPadded } from "./repair.ts";
import { readablePath } from "./replacement.ts";
import { checkVersion } from "./schema.ts";
import { type Damage, type Emit, TableReader } from "./table_reader.ts";

/**
 * Reads everything in chunks. Returns what was left out; undefined when it cannot be read at all.
 * `startAgain`: the chunks before it do not count.
 */
export function loadOnly(path: string, emit: Emit, startAgain: () => void): Damage | undefined {
  const inPlace = tryRead(() => readInPlace(readablePath(path), emit));
  if (inPlace !== undefined) return inPlace;
  startAgain();
  return tryRead(() => readCopy(readablePath(path), emit));
}

function tryRead(read: () => Damage): Damage | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** With the index of the log in memory, which only a connection that shares nothing may do. */
function readInPlace(path: string, emit: Emit): Damage {
  return readFrom(path, "PRAGMA locking_mode = EXCLUSIVE", emit);
}

/**
 * Of a file in a folder that is read-only, or one that was cut off: a copy in the folder for
 * temporary files.
 */
function readCopy(path: string, emit: Emit): Damage {
  const folder = Deno.makeTempDirSync({ prefix: "broker-" });
  try {
    const copy = `${folder}/broker.db`;
    copyPadded(path, copy);
    return readFrom(copy, "", emit);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function readFrom(path: string, pragma: string, emit: Emit): Damage {
  // It must not be made when it is not there.
  Deno.statSync(path);
  const database = new DatabaseSync(path);
  try {
    database.exec(pragma);
    checkVersion(database);
    const reader = new TableReader(database, emit, true);
    reader.readAll();
    return reader.damage;
  } finally {
    database.close();
  }
}
