/**
 * Copies a store into a new file: for backups of a running or stopped broker, and to put one back.
 *
 * Owns the way of the copy: a read transaction on the source, which sees one moment of it however
 * long it takes; a file under another name, which gets its own at the end. `VACUUM INTO` and
 * `ATTACH` would be shorter, but Deno allows neither to a program with the broker's permissions.
 */

import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { noCounts, type StoreCounts } from "./counts.ts";
import { StoreDamagedError } from "./errors.ts";
import { exists, leadToOneFile, sizeOf } from "./paths.ts";
import { applyChunk } from "./repair.ts";
import { checkVersion, migrate } from "./schema.ts";
import { TableReader } from "./table_reader.ts";
import { TableWriter } from "./table_writer.ts";

const COPY_PRAGMAS = `
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = OFF;
  PRAGMA synchronous = OFF;
`;

/**
 * Copies the store `from` to `to`, in steps with pauses: who else is on this thread gets its turn.
 * `to` is replaced when the copy is complete; before, nothing of it is touched. Throws
 * `StoreDamagedError` when `from` cannot be read in full.
 */
export async function backUpFrom(from: string, to: string): Promise<StoreCounts> {
  const partial = `${to}.partial`;
  refuseStoreInUse(from, to);
  const source = openToRead(from);
  try {
    const counts = noCounts();
    for (const _step of copySteps(source, partial, counts)) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await Deno.rename(partial, to);
    syncFolderOf(to);
    return counts;
  } finally {
    source.close();
    removeIfThere(partial);
  }
}

/** Without it, a power cut may take back that the file was renamed. */
export function syncFolderOf(path: string): void {
  try {
    using folder = Deno.openSync(dirname(path), { read: true });
    folder.syncSync();
  } catch {
    // Not every system opens folders; then there is nothing more to be done.
  }
}

function removeIfThere(path: string): void {
  if (exists(path)) Deno.removeSync(path);
}

/** The log of a store would be taken for that of the copy; and whose broker runs would lose it. */
function refuseStoreInUse(from: string, to: string): void {
  if (leadToOneFile(from, to)) throw new Error(`Cannot copy '${from}' to itself`);
  if (exists(`${to}.lock`) || (sizeOf(`${to}-wal`) ?? 0) > 0) {
    throw new Error(
      `Cannot replace '${to}': it is where a broker keeps its data; 'broker restore' replaces that`,
    );
  }
}

/**
 * A new file of this program, open to be filled in one transaction; `syncFile` has to follow when it
 * is closed.
 */
export function openNew(path: string): DatabaseSync {
  removeIfThere(path);
  Deno.openSync(path, { write: true, createNew: true, mode: 0o600 }).close();
  const target = new DatabaseSync(path);
  try {
    target.exec(COPY_PRAGMAS);
    migrate(target);
    return target;
  } catch (error) {
    target.close();
    throw error;
  }
}

/**
 * A store of this program, to be read only; a broker may be using it. Throws `StoreDamagedError`
 * when it is none, `Deno.errors.NotFound` when there is nothing. The file of a broker can only be read
 * where SQLite may write an index of its log; a copy has none, and can be read everywhere.
 */
export function openToRead(path: string): DatabaseSync {
  if (!exists(path)) throw new Deno.errors.NotFound(`Cannot read '${path}': there is no such file`);
  if (Deno.statSync(path).isDirectory) throw new Error(`Cannot read '${path}': it is a folder`);
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    if (checkVersion(database) === 0) throw new StoreDamagedError("there is nothing in it");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function* copySteps(
  source: DatabaseSync,
  partial: string,
  counts: StoreCounts,
): Generator<void> {
  const target = openNew(partial);
  source.exec("BEGIN");
  try {
    target.exec("BEGIN");
    const tables = new TableWriter(target);
    const reader = new TableReader(source, (chunk) => applyChunk(chunk, tables, counts), false);
    yield* reader.steps();
    target.exec("COMMIT");
  } finally {
    source.exec("ROLLBACK");
    target.close();
  }
  syncFile(partial);
}

/** What was written to the file is on the disk afterwards. */
export function syncFile(path: string): void {
  using file = Deno.openSync(path, { write: true });
  file.syncSync();
}
