/**
 * Keeps a second broker away from the same file.
 *
 * Owns `FILE.lock`: an empty SQLite database in which a transaction stays open. Its lock ends with
 * the process, however that ends. The broker's file itself stays open to readers: it can be backed
 * up and looked at while the broker runs. A lock of `Deno.FsFile` cannot be tried without waiting in
 * Deno 2.4. Nothing else may open the lock file: closing it would end the lock (POSIX).
 */

import { DatabaseSync } from "node:sqlite";
import { isLocked, StoreInUseError } from "./errors.ts";
import { createPrivately, isLink } from "./paths.ts";

export class FileLock {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Throws `StoreInUseError` when another holds it, an `Error` when it is a link; whatever SQLite throws when the lock file cannot
   * be made, as in a read-only folder.
   */
  static take(path: string): FileLock {
    // Whoever may write to the folder would choose what the superuser makes or opens here.
    if (isLink(`${path}.lock`)) throw new Error(`'${path}.lock' is a link: remove it`);
    createPrivately(`${path}.lock`);
    const database = new DatabaseSync(`${path}.lock`);
    try {
      // In memory: otherwise a journal lies beside the lock for as long as it is held. Who only looks
      // whether a broker runs (`isStoreInUse`) is done long before the time is over.
      database.exec("PRAGMA busy_timeout = 250; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
      // Never committed. Without it SQLite takes no lock at all on a file that it may only read.
      database.exec("PRAGMA user_version = 1");
    } catch (error) {
      database.close();
      throw isLocked(error) ? new StoreInUseError(path) : error;
    }
    return new FileLock(database);
  }

  release(): void {
    this.#database.close();
  }
}
