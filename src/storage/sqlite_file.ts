/**
 * `StoreFile` on `node:sqlite`: the database in WAL mode, one transaction for each batch.
 *
 * Owns the open database, its write-ahead log's size and the count of bytes written. The log is
 * checkpointed here and nowhere else, always to its end, so that its growth is what was written.
 * Runs in the worker: its calls wait for the disk.
 */

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { BatchReader } from "./batch.ts";
import { hasData, sealData } from "./checksum.ts";
import { StoreGoneError } from "./errors.ts";
import { sizeOf } from "./paths.ts";
import { numberOf, rollBack } from "./schema.ts";
import type { FileCounters, StoreFile } from "./store_file.ts";
import { TableWriter } from "./table_writer.ts";
import { pagesInLog } from "./write_ahead_log.ts";

/** The log is written back to the database when it is larger than this. */
const LARGEST_LOG_BYTES = 4 * 1024 * 1024;
/** Free pages that a file may keep, and how many are given back in one step. */
const KEPT_FREE_PAGES = 256;
const VACUUM_STEP_PAGES = 512;
/** Free pages are given back when they are more than this part of the file. */
const KEPT_FREE_SHARE = 0.25;

/** How long a commit waits for somebody who has locked the file. */
const BUSY_TIMEOUT_MS = 2000;

/** How every connection that writes is set up. */
export const WRITER_PRAGMAS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 0;
  PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS};
`;

/** What tells one file from another under the same name; null where there are no such numbers. */
interface FileIdentity {
  readonly ino: number | null;
  readonly dev: number;
}

export class SqliteFile implements StoreFile {
  readonly counters: FileCounters = { commits: 0, bytesWritten: 0, fileBytes: 0 };
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #tables: TableWriter;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #identity: FileIdentity;
  readonly #pageBytes: number;
  #logBytes = 0;

  /** `database` is open for writing, with `WRITER_PRAGMAS`, in the current version. */
  constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#database = database;
    this.#tables = new TableWriter(database);
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#pageBytes = numberOf(database, "PRAGMA page_size");
    this.#identity = Deno.statSync(path);
    this.#checkpoint();
    this.#logBytes = this.#sizeOfLog();
    this.#measure();
    this.counters.bytesWritten = 0;
  }

  apply(batch: Uint8Array): void {
    this.#begin.run();
    try {
      const reader = new BatchReader(batch);
      while (reader.next()) {
        if (hasData(reader.change)) sealData(reader);
        this.#tables.apply(reader);
      }
      this.#commit.run();
    } catch (error) {
      rollBack(this.#database);
      throw error;
    }
    this.#checkInPlace();
    this.counters.commits++;
    this.#measure();
    if (this.#logBytes > LARGEST_LOG_BYTES) this.#checkpointIfPossible();
  }

  tidyUp(): boolean {
    const freePages = numberOf(this.#database, "PRAGMA freelist_count");
    const pages = numberOf(this.#database, "PRAGMA page_count");
    if (freePages <= KEPT_FREE_PAGES || freePages <= pages * KEPT_FREE_SHARE) return false;
    // It has to be read to the end: each row that it gives is one page.
    this.#database.prepare(`PRAGMA incremental_vacuum(${VACUUM_STEP_PAGES})`).all();
    this.#measure();
    const isLast = freePages - VACUUM_STEP_PAGES <=
      Math.max(KEPT_FREE_PAGES, pages * KEPT_FREE_SHARE);
    // Only a checkpoint makes the file on the disk shorter.
    if (isLast || this.#logBytes > LARGEST_LOG_BYTES) this.#checkpointIfPossible();
    return !isLast;
  }

  close(): void {
    try {
      this.#database.close();
    } catch {
      // Nothing is lost: what was committed is in the log, and read from there.
    }
  }

  /** Who deletes or replaces the file would otherwise have us write to a file nobody can open. */
  #checkInPlace(): void {
    if (!isStillAt(this.#path, this.#identity)) {
      throw new StoreGoneError(`'${this.#path}' was deleted or replaced while it was in use`);
    }
    if ((sizeOf(`${this.#path}-wal`) ?? -1) < this.#logBytes) {
      throw new StoreGoneError(`'${this.#path}-wal' was deleted while it was in use`);
    }
  }

  #sizeOfLog(): number {
    return sizeOf(`${this.#path}-wal`) ?? 0;
  }

  #measure(): void {
    const logBytes = this.#sizeOfLog();
    this.counters.bytesWritten += Math.max(0, logBytes - this.#logBytes);
    this.#logBytes = logBytes;
    this.counters.fileBytes = (sizeOf(this.#path) ?? 0) + logBytes;
  }

  /** Commits are safe in the log: when there is no room for them in the database, it just grows. */
  #checkpointIfPossible(): void {
    try {
      this.#checkpoint();
    } catch {
      // Tried again after the next commit.
    }
  }

  #checkpoint(): void {
    const pages = pagesInLog(`${this.#path}-wal`, this.#pageBytes);
    const result = this.#truncateLog();
    if (result === undefined || Number(result["busy"]) !== 0) return;
    this.counters.bytesWritten += pages * this.#pageBytes;
    this.#logBytes = 0;
    this.counters.fileBytes = sizeOf(this.#path) ?? 0;
  }

  /** Does not wait for readers: a backup may take long, and commits wait for this thread. */
  #truncateLog(): Record<string, unknown> | undefined {
    this.#database.exec("PRAGMA busy_timeout = 0");
    try {
      return this.#database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
    } finally {
      this.#database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    }
  }
}

function isStillAt(path: string, identity: FileIdentity): boolean {
  try {
    const { ino, dev } = Deno.statSync(path);
    return ino === identity.ino && dev === identity.dev;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
