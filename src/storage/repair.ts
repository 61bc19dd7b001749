/**
 * What happens to a file that cannot be used: it is set aside under a name with the time, together
 * with its log, and what can be read of it is copied into a new one.
 *
 * Owns the single acts; their order, which no kill may spoil, is in `replacement.ts`. Invariant: what
 * is set aside is never changed or deleted; reading goes by way of a copy.
 */

import { messageOf } from "../error_text.ts";
import { DatabaseSync } from "node:sqlite";
import { BatchReader } from "./batch.ts";
import { hasData, sealData } from "./checksum.ts";
import { count, noCounts, type StoreCounts } from "./counts.ts";
import { failureKind } from "./errors.ts";
import { exists } from "./paths.ts";
import { numberOf, rollBack } from "./schema.ts";
import { type Damage, TableReader } from "./table_reader.ts";
import { TableWriter } from "./table_writer.ts";

/** What was done about a file that could not be used. */
export interface RepairReport {
  /** Why it could not be used, in words: "it is not a database". */
  readonly reason: string;
  /** Where it is now; undefined when there was nothing left of it. */
  readonly setAsideAs: string | undefined;
  readonly recovered: StoreCounts;
  readonly damage: Damage;
}

/** Renames the file with its log. Returns the new name. */
export function setAside(path: string, wallMs: number, why: "damaged" | "replaced"): string {
  const target = nameAside(path, wallMs, why);
  Deno.renameSync(path, target);
  setLogAside(path, target);
  return target;
}

/** A name with the time, which nothing has yet. */
export function nameAside(path: string, wallMs: number, why: "damaged" | "replaced"): string {
  const stamp = new Date(wallMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")
    .replace("T", "-");
  let target = `${path}.${why}-${stamp}`;
  for (let number = 2; exists(target); number++) {
    target = `${path}.${why}-${stamp}-${number}`;
  }
  return target;
}

/** Renames the log of a file that is `target` already. */
export function setLogAside(path: string, target: string): void {
  if (exists(`${path}-wal`)) Deno.renameSync(`${path}-wal`, `${target}-wal`);
  removeLog(path);
}

/** A log without its database would be taken for that of the next file of this name. */
export function removeLog(path: string): void {
  for (const suffix of ["-wal", "-shm"]) {
    if (exists(path + suffix)) Deno.removeSync(path + suffix);
  }
}

export type Salvaged = Pick<RepairReport, "recovered" | "damage">;

/**
 * Copies what can be read of a damaged file into `target`, by way of the file `copy`, which is
 * removed again. What cannot be read is in the report. Throws what the disk is to blame for, as when
 * it is full: that says nothing about the file. `target` is then of no use.
 */
export function recover(
  damaged: string,
  copy: string,
  target: DatabaseSync,
): Salvaged {
  try {
    copyPadded(damaged, copy);
    const source = new DatabaseSync(copy);
    try {
      prepareSource(source);
      return copyReadable(source, target);
    } finally {
      closeSource(source);
    }
  } catch (error) {
    if (failureKind(error) !== "damaged") throw error;
    return { recovered: noCounts(), damage: { rows: 0, gaps: 0, reason: messageOf(error) } };
  } finally {
    removeDatabase(copy);
  }
}

/** Copies a database with its log, in a form of which SQLite reads as much as there is. */
export function copyPadded(from: string, copy: string): void {
  removeDatabase(copy);
  Deno.copyFileSync(from, copy);
  if (exists(`${from}-wal`)) Deno.copyFileSync(`${from}-wal`, `${copy}-wal`);
  padToAnnouncedSize(copy);
}

/**
 * The reader takes whatever it meets for damage. What is wrong with the disk shows here, with the
 * first look into the log, whose index is kept in memory.
 */
function prepareSource(source: DatabaseSync): void {
  source.exec("PRAGMA locking_mode = EXCLUSIVE");
  numberOf(source, "SELECT count(*) FROM sqlite_schema");
}

/** It writes the log back to the copy, which nobody needs any more. */
function closeSource(source: DatabaseSync): void {
  try {
    source.close();
  } catch {
    // The copy is removed anyway.
  }
}

function copyReadable(
  source: DatabaseSync,
  target: DatabaseSync,
): Salvaged {
  const recovered = noCounts();
  const tables = new TableWriter(target);
  // The reader may take an error of the target for damage of the source.
  let failed: { readonly error: unknown } | undefined;
  const write = (chunk: Uint8Array) => {
    if (failed !== undefined) return;
    try {
      applyChunk(chunk, tables, recovered);
    } catch (error) {
      failed = { error };
    }
  };
  const reader = new TableReader(source, write, true);
  target.exec("BEGIN IMMEDIATE");
  try {
    reader.readAll();
    throwIfFailed(failed);
    target.exec("COMMIT");
  } catch (error) {
    rollBack(target);
    throw error;
  }
  return { recovered, damage: reader.damage };
}

function throwIfFailed(failed: { readonly error: unknown } | undefined): void {
  if (failed !== undefined) throw failed.error;
}

/** Carries out a batch, as a chunk that was read from another file, and counts what is in it. */
export function applyChunk(chunk: Uint8Array, tables: TableWriter, counts: StoreCounts): void {
  const batch = new BatchReader(chunk);
  while (batch.next()) {
    if (hasData(batch.change)) sealData(batch);
    tables.apply(batch);
    count(batch.change, counts);
  }
}

/**
 * SQLite reads nothing of a file that is shorter than its header says. Filled up with zeros, only
 * the pages that are missing are unreadable.
 */
function padToAnnouncedSize(path: string): void {
  using file = Deno.openSync(path, { read: true, write: true });
  const header = new Uint8Array(100);
  if ((file.readSync(header) ?? 0) < header.length) return;
  const view = new DataView(header.buffer);
  const pageBytes = view.getUint16(16) === 1 ? 65_536 : view.getUint16(16);
  const announced = view.getUint32(28) * pageBytes;
  const { size } = file.statSync();
  // Sparse, so it takes no space; but a header of nonsense must not make a file of terabytes.
  if (announced > size && announced <= size * 1024) file.truncateSync(announced);
}

/** Removes a database with its log. */
export function removeDatabase(path: string): void {
  if (exists(path)) Deno.removeSync(path);
  removeLog(path);
}
