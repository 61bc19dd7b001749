/**
 * The file as the worker sees it. Implemented on SQLite in `sqlite_file.ts`, and by a simulated disk
 * in tests, which fails, tears and stalls at chosen moments.
 */

/** Counted since the file was opened. */
export interface FileCounters {
  commits: number;
  /** Written to the database and its write-ahead log; without what the file system adds. */
  bytesWritten: number;
  /** Size of the database and its write-ahead log now. */
  fileBytes: number;
}

export interface StoreFile {
  readonly counters: FileCounters;
  /**
   * Makes a batch (`batch.ts`) durable, as a whole or not at all: throws when it did not. Changes
   * the batch: checksums are filled in. Throws `StoreGoneError` when the file is not under its path
   * any more.
   */
  apply(batch: Uint8Array): void;
  /** Housekeeping in small steps. True: there is more to do soon. Throws as `apply`. */
  tidyUp(): boolean;
  /** Never throws. */
  close(): void;
}
