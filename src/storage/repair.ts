/**
 * What happens to a file that cannot be used: it is set aside under a name with the time, together
 * with its log, and what can be read of it is copied into a new one.
 *
 * Invariant: what is set aside is never changed or deleted; reading goes by way of a copy.
 */

import { DatabaseSync } from "node:sqlite";
import { BatchReader, Change } from "./batch.ts";
import { sealData } from "./checksum.ts";
import { count, noCounts, type StoreCounts } from "./counts.ts";
import { errorText } from "./errors.ts";
import { exists } from "./paths.ts";
import { rollBack } from "./schema.ts";
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
  const stamp = new Date(wallMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")
    .replace("T", "-");
  let target = `${path}.${why}-${stamp}`;
  for (let number = 2; exists(target); number++) {
    target = `${path}.${why}-${stamp}-${number}`;
  }
  Deno.renameSync(path, target);
  if (exists(`${path}-wal`)) Deno.renameSync(`${path}-wal`, `${target}-wal`);
  removeLog(path);
  return target;
}

/** A log without its database would be taken for that of the next file of this name. */
export function removeLog(path: string): void {
  for (const suffix of ["-wal", "-shm"]) {
    if (exists(path + suffix)) Deno.removeSync(path + suffix);
  }
}

type Salvaged = Pick<RepairReport, "recovered" | "damage">;

/**
 * Copies what can be read of a damaged file into `target`, by way of the file `copy`, which is
 * removed again. Never throws: what cannot be read is in the report.
 */
export function recover(
  damaged: string,
  copy: string,
  target: DatabaseSync,
): Salvaged {
  try {
    removeCopy(copy);
    Deno.copyFileSync(damaged, copy);
    if (exists(`${damaged}-wal`)) Deno.copyFileSync(`${damaged}-wal`, `${copy}-wal`);
    padToAnnouncedSize(copy);
    const source = new DatabaseSync(copy);
    try {
      return copyReadable(source, target);
    } finally {
      source.close();
    }
  } catch (error) {
    return { recovered: noCounts(), damage: { rows: 0, gaps: 0, reason: errorText(error) } };
  } finally {
    removeCopy(copy);
  }
}

function copyReadable(
  source: DatabaseSync,
  target: DatabaseSync,
): Salvaged {
  const recovered = noCounts();
  const tables = new TableWriter(target);
  const reader = new TableReader(source, (chunk) => applyChunk(chunk, tables, recovered), true);
  target.exec("BEGIN IMMEDIATE");
  try {
    reader.readAll();
    target.exec("COMMIT");
  } catch (error) {
    rollBack(target);
    throw error;
  }
  return { recovered, damage: reader.damage };
}

/** Carries out a chunk that was read from another file, and counts what is in it. */
export function applyChunk(chunk: Uint8Array, tables: TableWriter, counts: StoreCounts): void {
  const batch = new BatchReader(chunk);
  while (batch.next()) {
    if (batch.change !== Change.PutInbound) sealData(batch);
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

function removeCopy(copy: string): void {
  for (const path of [copy, `${copy}-wal`, `${copy}-shm`]) if (exists(path)) Deno.removeSync(path);
}
