/**
 * Imports the `mosquitto.db` of a Mosquitto: retained messages and sessions, with their
 * subscriptions and what waits for them.
 *
 * Owns the order: all of the file is read before anything is written, the store is written beside
 * its place, and is put there when it is complete and on the disk. Invariant: whatever fails,
 * neither the `mosquitto.db` nor what was at the place of the store has changed.
 */

import { messageOf } from "../../error_text.ts";
import { dirname } from "node:path";
import { noCounts, type StoreCounts } from "../../storage/counts.ts";
import { openNew, syncFile } from "../../storage/copy.ts";
import { failureKind, StoreExistsError, StoreInUseError } from "../../storage/errors.ts";
import { createStore } from "../../storage/offline.ts";
import { exists } from "../../storage/paths.ts";
import { applyChunk } from "../../storage/repair.ts";
import { TableWriter } from "../../storage/table_writer.ts";
import { DatabaseError } from "./database_error.ts";
import { DatabaseFile } from "./database_file.ts";
import { DatabaseIndex } from "./database_index.ts";
import { type DatabaseReport, reportOf } from "./database_report.ts";
import { StoreRows } from "./store_rows.ts";
import { Transfer } from "./transfer.ts";

export { DatabaseError } from "./database_error.ts";
export type { DatabaseReport } from "./database_report.ts";

export interface DatabaseImport {
  /** The `mosquitto.db`. */
  readonly source: string;
  /** The file of the store, as `persistence.path` says (`storePath` of `config/store_path.ts`). */
  readonly target: string;
  /** Unix milliseconds. */
  readonly nowMs: number;
  /** Mosquitto's `persistent_client_expiration` in milliseconds; by default it is not set. */
  readonly persistentClientExpirationMs?: number | undefined;
  /**
   * Whether Mosquitto let nobody use a User Name without proof: password file, plugin, certificate. By
   * default it did not, and a session is that of the next client with its Client Identifier, as it
   * was in Mosquitto. Kept User Names keep others away from a session, and decide by the rules what
   * is queued for it until its client is back.
   */
  readonly usersAreProven?: boolean | undefined;
  /** Client Identifiers that Mosquitto's bridges have on its own side (`local_clientid`). */
  readonly bridges?: readonly string[] | undefined;
  /** Aborted: nothing is put in place, and the import rejects with the reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What was imported, and whom the store should belong to if it could not be given to them. */
export interface ImportedDatabase extends DatabaseReport {
  readonly notGivenTo: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * Reads all of a `mosquitto.db` and writes it into a new store. Never overwrites a store that is
 * there. Throws `DatabaseError`, also when the store cannot be written.
 */
export async function importDatabase(options: DatabaseImport): Promise<ImportedDatabase> {
  const { source, target } = options;
  refuseTarget(options);
  using file = DatabaseFile.open(source);
  const index = newIndex(options);
  await inTurns(index.read(file), options.signal);
  let report: DatabaseReport | undefined;
  const put = createStore(target, async (path) => {
    const written = await writeStore(path, file, index, options.signal);
    report = written.report;
    return written.counts;
  });
  try {
    const { notGivenTo } = await put;
    return { ...report as DatabaseReport, notGivenTo };
  } catch (error) {
    throw targetFailure(error, options);
  }
}

/** What would be found out only after a long time of reading. */
function refuseTarget(options: DatabaseImport): void {
  const { source, target } = options;
  if (exists(target)) throw existsFailure(options);
  const folder = dirname(target);
  if (exists(folder)) return;
  throw new DatabaseError(`the folder '${folder}' for the broker's data does not exist`, {
    path: source,
    advice: "Make it, owned by the user whom the broker runs as, or name another one with " +
      "persistence.path in broker.yaml",
  });
}

function existsFailure({ source, target }: DatabaseImport): DatabaseError {
  return new DatabaseError(`there is data of a broker at '${target}' already`, {
    path: source,
    advice:
      `Nothing was changed. See what it is with: broker inspect --db '${target}'. If you can ` +
      `do without it, stop the broker, move it away (mv '${target}' '${target}.old') and import ` +
      "again",
  });
}

/** Why the store was not put in place; a mistake of this program stays what it is. */
function targetFailure(error: unknown, options: DatabaseImport): unknown {
  const { source: path, target } = options;
  if (error instanceof DatabaseError || isMistake(error) || options.signal?.aborted) return error;
  if (error instanceof StoreExistsError) return existsFailure(options);
  if (error instanceof StoreInUseError) {
    return new DatabaseError(`a broker uses '${error.path}'`, {
      path,
      advice: "Stop the broker first (sudo systemctl stop broker) and start it again afterwards",
    });
  }
  const isFull = failureKind(error) === "full";
  return new DatabaseError(`Cannot write '${target}': ${messageOf(error)}`, {
    path,
    advice: isFull
      ? "Nothing was changed. Make room, or use another disk"
      : "Nothing was changed. If its folder belongs to another user, as to that of the broker, try " +
        "it with sudo",
  });
}

function isMistake(error: unknown): boolean {
  return !(error instanceof Error) || error instanceof TypeError || error instanceof RangeError ||
    error instanceof ReferenceError;
}

function newIndex(options: DatabaseImport): DatabaseIndex {
  const { nowMs, persistentClientExpirationMs = Infinity, usersAreProven = false } = options;
  const names = new Set(options.bridges);
  const isBridge = (clientIdentifier: string) => names.has(clientIdentifier);
  return new DatabaseIndex({ nowMs, persistentClientExpirationMs, usersAreProven, isBridge });
}

async function writeStore(
  path: string,
  file: DatabaseFile,
  index: DatabaseIndex,
  signal: AbortSignal | undefined,
): Promise<{ readonly counts: StoreCounts; readonly report: DatabaseReport }> {
  const counts = noCounts();
  const database = openNew(path);
  try {
    database.exec("BEGIN");
    const tables = new TableWriter(database);
    const rows = new StoreRows((chunk) => applyChunk(chunk, tables, counts));
    const transfer = new Transfer(file, index, rows);
    await inTurns(transfer.steps(), signal);
    database.exec("COMMIT");
    return { counts, report: reportOf(file, index, transfer.tally) };
  } finally {
    database.close();
    syncWritten(path);
  }
}

function syncWritten(path: string): void {
  if (exists(path)) syncFile(path);
}

/** Whoever else is on this thread gets its turn between the steps, and may abort. */
async function inTurns(steps: Iterable<void>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  for (const _step of steps) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    signal?.throwIfAborted();
  }
}
