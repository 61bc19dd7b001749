/**
 * The store and the broker, put together: who tells whom what.
 *
 * Owns the order of things: the file is loaded before the broker exists, put back into it before the
 * first client connects, and closed when the last one has gone. Does not own the file
 * (`storage/store.ts`), nor what is recorded (`broker/`).
 */

import { type Journal, NO_JOURNAL } from "../broker/journal.ts";
import { recordAll } from "../broker/record_all.ts";
import { restore } from "../broker/restore.ts";
import type { StoreFigures } from "../broker/sys_topics.ts";
import { collectTwice } from "../collection.ts";
import { commitIntervalMs } from "../config/commit_interval.ts";
import type { Settings } from "../config/settings.ts";
import { storePath } from "../config/store_path.ts";
import { openStore, type Store } from "../storage/store.ts";
import { DayCounter } from "./day_counter.ts";
import { saveRetainedAgain } from "./save_retained_again.ts";
import type { Server } from "./server.ts";
import { StorageLog } from "./storage_log.ts";

/** The file as it is now, and what is being done with it. */
export interface StoreStatus extends StoreFigures {
  readonly path: string;
  readonly durability: string;
  readonly bytesWrittenToday: number;
  /** Unix milliseconds; undefined: there was none yet. */
  readonly lastCommitAtMs: number | undefined;
  /** Changes that the next commit writes. */
  readonly pendingChanges: number;
  /** Why it cannot be written, in words. */
  readonly problem: string | undefined;
}

/** What survives the process, seen from who puts the broker together. */
export interface Persistence {
  /** For the broker that is to be made. */
  readonly journal: Journal;
  /** For `$SYS`; undefined when nothing is stored. */
  figures(): StoreFigures | undefined;
  /** For `broker status`; undefined when nothing is stored. */
  status(): StoreStatus | undefined;
  /** Puts back what was stored, once, before `server` is started, and goes on from there. */
  attach(server: Server): void;
  /** What answers wait for is written now, whatever the commit interval: the server will stop. */
  hurry(): void;
  /** Writes what was recorded last. After the server has stopped. */
  close(): Promise<void>;
}

/**
 * Opens what `settings` ask for and loads it. Throws `StoreInUseError` when another broker uses the
 * same file. Whatever else is wrong with the file is logged and no error: see `openStore`.
 */
export async function openPersistence(
  { persistence }: Settings,
  nowMs: () => number,
): Promise<Persistence> {
  const { durability } = persistence;
  if (durability === "off") return NO_PERSISTENCE;
  const path = storePath(persistence);
  const store = await openStore({
    path,
    durability,
    commitIntervalMs: commitIntervalMs(persistence),
    nowMs,
    wallMs: Date.now,
  });
  return new StoredPersistence(store, durability);
}

const NO_PERSISTENCE: Persistence = {
  journal: NO_JOURNAL,
  figures: () => undefined,
  status: () => undefined,
  attach() {},
  hurry() {},
  close: () => Promise.resolve(),
};

/** Of more sessions and messages a collection takes so long that it can wait for a quiet moment. */
const MOST_COLLECTED = 50_000;

class StoredPersistence implements Persistence {
  readonly #store: Store;
  readonly #durability: string;
  readonly #log: StorageLog;
  readonly #written = new DayCounter();
  #commits = 0;
  #lastCommitAtMs: number | undefined;
  #problem: string | undefined;
  #isClosing = false;

  constructor(store: Store, durability: string) {
    this.#store = store;
    this.#durability = durability;
    this.#problem = store.report.unusable;
    this.#log = new StorageLog(store.report.path);
    this.#log.opened(store.report);
  }

  get journal(): Journal {
    return this.#store.journal;
  }

  figures(): StoreFigures {
    return this.#store.statistics();
  }

  status(): StoreStatus {
    const { journal, report } = this.#store;
    const wallMs = Date.now();
    return {
      ...this.figures(),
      path: report.path,
      durability: this.#durability,
      bytesWrittenToday: this.#written.today(wallMs),
      lastCommitAtMs: this.#lastCommitAtMs,
      pendingChanges: journal.changes.count,
      problem: this.#problem,
    };
  }

  attach(server: Server): void {
    const { broker } = server;
    const { journal, state } = this.#store;
    const restored = restore(broker, state, journal);
    this.#log.restored(restored);
    this.#log.expired(state.expired);
    // What reading the configuration and the file has left behind: nobody waits for an answer yet.
    if (restored.sessions + restored.messages < MOST_COLLECTED) collectTwice();
    journal.onCommitted = (commit) => {
      this.#noteCommit();
      server.committed(commit);
    };
    journal.onWritable = (isWritable, reason) => {
      this.#problem = isWritable ? undefined : reason;
      this.#log.writable(isWritable, reason);
    };
    const startedSeconds = Math.floor(broker.nowMs() / 1000);
    journal.onClockSet = () =>
      void saveRetainedAgain(broker, startedSeconds, () => this.#isClosing);
    journal.onLost = () => recordAll(broker);
    this.#store.onRepair = (repair) => this.#log.replaced(repair);
    this.#store.onFailed = (reason) => this.#log.failed(reason);
  }

  /** Where everything was undone in time, nothing was written. */
  #noteCommit(): void {
    const { commits, bytesWritten } = this.figures();
    if (commits === this.#commits) return;
    this.#commits = commits;
    const wallMs = Date.now();
    this.#lastCommitAtMs = wallMs;
    this.#written.note(bytesWritten, wallMs);
  }

  hurry(): void {
    void this.#store.journal.settled();
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    const isComplete = await this.#store.close();
    this.#log.stop();
    if (!isComplete) this.#log.notClosed();
  }
}
