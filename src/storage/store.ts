/**
 * The broker's durable state: opens the file, loads it, and gives the journal that keeps it.
 *
 * Owns lock, worker and journal together. The event loop never waits for the disk; the worker does
 * (`storage_worker.ts`). Who opens a store closes it.
 */

import { messageOf } from "../error_text.ts";
import { clearImmediate, setImmediate } from "node:timers";
import type { StoredState } from "../broker/journal.ts";
import type { StoreCounts } from "./counts.ts";
import { describeFailure } from "./access_problem.ts";
import { StoreInUseError } from "./errors.ts";
import type { Cancel } from "./commit_timer.ts";
import { SqliteJournal } from "./journal.ts";
import { FileLock } from "./lock.ts";
import type { FromWorker, OpenedReport } from "./messages.ts";
import { exists, lastChangeMs, linkedPath } from "./paths.ts";
import type { RepairReport } from "./repair.ts";
import { isRepairPending } from "./replacement.ts";
import type { FileCounters } from "./store_file.ts";
import { LoadedState } from "./stored_state.ts";
import type { Damage } from "./table_reader.ts";
import { WorkerPort } from "./worker_port.ts";

export { StoreInUseError } from "./errors.ts";

export interface StoreOptions {
  /** The database; its log, lock and what is set aside lie beside it. */
  readonly path: string;
  /** `full`: acknowledgements wait for the commit. `relaxed`: they do not. */
  readonly durability: "full" | "relaxed";
  /** Least time from one commit to the next; 0: as fast as the disk is. */
  readonly commitIntervalMs: number;
  /** Broker's clock, milliseconds that never go back. */
  nowMs(): number;
  /** Unix milliseconds. */
  wallMs(): number;
}

/** What was found, for the log. */
export interface StoreReport {
  readonly path: string;
  /** There was nothing yet. */
  readonly isNew: boolean;
  /** The file was damaged, not ours or too new: what was done about it. */
  readonly repair: RepairReport | undefined;
  /** Why it cannot be written now; undefined when it can. It is tried again all the time. */
  readonly unusable: string | undefined;
  /** False: it could not even be read, and what is in it is missing. */
  readonly isLoaded: boolean;
  /** What was left out of a file that could be read and not written; undefined otherwise. */
  readonly damage: Damage | undefined;
  readonly counts: LoadedState["counts"];
}

export interface StoreStatistics extends FileCounters {
  readonly isWritable: boolean;
}

export interface Store {
  readonly journal: SqliteJournal;
  /** To be read once, before anything else is recorded. `expired`: what that has left out. */
  readonly state: StoredState & { readonly expired: Readonly<StoreCounts> };
  readonly report: StoreReport;
  /** Counted since the start; sizes as of the last commit. */
  statistics(): StoreStatistics;
  /** The file was replaced while the broker ran, by one with everything (`journal.onLost`). */
  onRepair: (repair: RepairReport) => void;
  /** The worker has ended by a mistake of ours: nothing is written any more. */
  onFailed: (reason: string) => void;
  /** Commits what was recorded and closes. False: the disk took nothing, and it is lost. */
  close(): Promise<boolean>;
}

/**
 * Opens the store and loads it. Throws `StoreInUseError` when another broker has it. A file or
 * folder that cannot be used is no error: `report.unusable` says so, the journal is not writable,
 * and becomes so by itself.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const store = new OpenStore({ ...options, path: linkedPath(options.path) });
  await store.load();
  return store;
}

/** Milliseconds between attempts to get a lock that was not to be had at the start. */
const LOCK_RETRY_MS = 1000;
/** How often it is looked whether the wall's clock was set. */
const CLOCK_CHECK_MS = 10_000;

class OpenStore implements Store {
  readonly journal: SqliteJournal;
  readonly state: LoadedState;
  onRepair: (repair: RepairReport) => void = () => {};
  onFailed: (reason: string) => void = () => {};
  readonly #options: StoreOptions;
  readonly #port: WorkerPort;
  #lock: FileLock | undefined;
  #opened: Omit<OpenedReport, "counters"> | undefined;
  #unusable: string | undefined;
  #isLoaded = true;
  #damage: Damage | undefined;
  /** The worker has ended by a mistake of ours. */
  #hasEnded = false;
  /** When the file was changed last, as it was loaded. */
  #loadedChangeMs = 0;
  #lockTimer: ReturnType<typeof setTimeout> | undefined;
  #clockTimer: ReturnType<typeof setInterval> | undefined;
  #counters: FileCounters = { commits: 0, bytesWritten: 0, fileBytes: 0 };
  #finishLoading = () => {};
  #finishClosing = () => {};

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#port = new WorkerPort(options.path, (message) => this.#receive(message));
    this.journal = new SqliteJournal({
      ...options,
      nowMs: () => options.nowMs(),
      wallMs: () => options.wallMs(),
      port: { commit: (batch) => this.#commit(batch) },
      schedule,
      soon: queueMicrotask,
    });
    this.state = new LoadedState(this.journal.changes, () => this.journal.recorded());
  }

  get report(): StoreReport {
    return {
      path: this.#options.path,
      isNew: this.#opened?.isNew ?? false,
      repair: this.#opened?.repair,
      unusable: this.#unusable,
      isLoaded: this.#isLoaded,
      damage: this.#damage,
      counts: this.state.counts,
    };
  }

  async load(): Promise<void> {
    const { path, nowMs, wallMs } = this.#options;
    this.#unusable = this.#takeLock();
    if (this.#unusable === undefined && !hasContent(path)) {
      // The worker is started with the first thing that has to be written.
      this.#opened = { isNew: true, repair: undefined };
    } else {
      const loaded = new Promise<void>((resolve) => this.#finishLoading = resolve);
      this.#port.load(this.#unusable);
      await loaded;
    }
    this.#loadedChangeMs = lastChangeMs(path);
    this.state.complete({ offsetMs: wallMs() - nowMs(), nowMs: nowMs() });
    if (this.#unusable !== undefined) this.journal.writeFailed(this.#unusable);
    this.#clockTimer = setInterval(() => this.journal.checkClock(), CLOCK_CHECK_MS);
  }

  /** Why there is no lock, in words. Throws `StoreInUseError`. */
  #takeLock(): string | undefined {
    const { path } = this.#options;
    try {
      this.#lock = FileLock.take(path);
      return undefined;
    } catch (error) {
      if (error instanceof StoreInUseError) throw error;
      return `Cannot write '${path}.lock': ${describeFailure(`${path}.lock`, error)}`;
    }
  }

  /** Without the lock nothing is written: somebody else may be using the file. */
  #commit(batch: Uint8Array<ArrayBuffer>): void {
    const reason = this.#lock === undefined ? this.#lockLate() : undefined;
    if (reason === undefined) return this.#port.post({ kind: "commit", batch });
    this.journal.writeFailed(reason);
    this.#lockTimer = setTimeout(() => this.#commit(batch), LOCK_RETRY_MS);
  }

  /** Why it cannot be written to yet, in words. */
  #lockLate(): string | undefined {
    try {
      const reason = this.#takeLock();
      if (reason !== undefined) return reason;
    } catch (error) {
      return messageOf(error);
    }
    if (lastChangeMs(this.#options.path) === this.#loadedChangeMs) return undefined;
    this.#lock?.release();
    this.#lock = undefined;
    return "another broker has written to it meanwhile: restart this one";
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case "chunk":
        return this.state.add(message.chunk);
      case "startAgain":
        return this.state.startAgain();
      case "opened":
        return this.#hasOpened(message.opened);
      case "unopened":
        this.#unusable = message.reason;
        this.#isLoaded = message.damage !== undefined;
        this.#damage = message.damage;
        return this.#finishLoading();
      case "committed":
        this.#counters = message.counters;
        return this.journal.committed();
      case "writeFailed":
        return this.journal.writeFailed(message.reason);
      case "lost":
        return this.journal.lost();
      case "replaced":
        return this.onRepair(message.repair);
      case "closed":
        return this.#finishClosing();
      case "failed":
        return this.#hasFailed(message.reason);
    }
  }

  #hasOpened({ counters, ...opened }: OpenedReport): void {
    this.#opened ??= opened;
    this.#counters = counters;
    this.#finishLoading();
  }

  #hasFailed(reason: string): void {
    this.#hasEnded = true;
    this.#unusable = reason;
    this.#isLoaded = false;
    this.journal.writeFailed(reason);
    this.onFailed(reason);
    this.#finishLoading();
    this.#finishClosing();
  }

  statistics(): StoreStatistics {
    return { ...this.#counters, isWritable: this.journal.isWritable };
  }

  async close(): Promise<boolean> {
    clearInterval(this.#clockTimer);
    this.journal.checkClock();
    const isComplete = await this.journal.settledOrRefused();
    this.journal.stop();
    clearTimeout(this.#lockTimer);
    if (this.#port.isStarted && !this.#hasEnded) {
      const closed = new Promise<void>((resolve) => this.#finishClosing = resolve);
      this.#port.post({ kind: "close" });
      await closed;
      this.#port.terminate();
    }
    this.#lock?.release();
    return isComplete;
  }
}

function hasContent(path: string): boolean {
  return exists(path) || exists(`${path}-wal`) || isRepairPending(path);
}

/**
 * With no delay: when the current round of the event loop is over, which `setTimeout` makes wait for
 * a millisecond or two.
 */
function schedule(action: () => void, delayMs: number): Cancel {
  if (delayMs === 0) {
    const immediate = setImmediate(action);
    return () => clearImmediate(immediate);
  }
  const timer = setTimeout(action, delayMs);
  return () => clearTimeout(timer);
}
