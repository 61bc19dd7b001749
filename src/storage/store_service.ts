/**
 * What the worker does: carries out batches on the file, one at a time, and keeps at it.
 *
 * Owns the file and the batch that could not be written yet. Does not own how it is spoken to: that
 * is `storage_worker.ts`, or a test. Invariant: `committed` is answered once for each batch, when it
 * is on the disk, or else `lost`; the batch after that holds everything.
 */

import { messageOf } from "../error_text.ts";
import { failureKind, StoreGoneError } from "./errors.ts";
import type { FromWorker, OpenedReport } from "./messages.ts";
import type { RepairReport } from "./repair.ts";
import type { Loss } from "./replacement.ts";
import type { FileCounters, StoreFile } from "./store_file.ts";
import type { Damage } from "./table_reader.ts";

/** Waiting times between attempts to write. */
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5000;
const TIDY_UP_MS = 1000;
const TIDY_UP_AGAIN_MS = 50;

/** What the service needs from where it runs. */
export interface StoreSurroundings {
  /**
   * Opens the file. `load`: called for each chunk of what is stored; without it the content is not
   * read, since the main thread knows it.
   */
  open(load: ((chunk: Uint8Array<ArrayBuffer>) => void) | undefined): {
    readonly file: StoreFile;
    readonly report: Omit<OpenedReport, "counters">;
  };
  /**
   * Reads a file that cannot be opened for writing, as `open` does. Returns what was left out of it;
   * undefined: it cannot be read either.
   */
  loadOnly(load: (chunk: Uint8Array<ArrayBuffer>) => void): Damage | undefined;
  /**
   * A new file, with what `batch` holds, in place of one that is gone (another may be there by now)
   * or damaged. Until it is in place, nothing of the old one is touched.
   */
  replace(
    loss: Loss,
    batch: Uint8Array<ArrayBuffer>,
  ): { readonly file: StoreFile; readonly repair: RepairReport };
  /** What an error that came of using the file means, in words. */
  describe(error: unknown): string;
  post(message: FromWorker): void;
  /** Runs `action` once, later. Returns what cancels it. */
  after(delayMs: number, action: () => void): () => void;
}

export class StoreService {
  readonly #surroundings: StoreSurroundings;
  #file: StoreFile | undefined;
  /** The batch that is being written. */
  #batch: Uint8Array<ArrayBuffer> | undefined;
  /** Why the next batch, which holds everything, makes a new file in place of what there is. */
  #loss: Loss | undefined;
  /** The content of the file is what the main thread has. */
  #isLoaded = false;
  #retryMs = FIRST_RETRY_MS;
  #cancelRetry: (() => void) | undefined;
  #cancelTidyUp: (() => void) | undefined;
  /** Counters of files that were replaced. */
  #earlier: FileCounters = { commits: 0, bytesWritten: 0, fileBytes: 0 };

  constructor(surroundings: StoreSurroundings) {
    this.#surroundings = surroundings;
  }

  /**
   * Opens and loads; without this call, there was no file when the broker started. `unusable`: why it
   * may only be read, in words.
   */
  open(unusable?: string): void {
    const { post } = this.#surroundings;
    const load = (chunk: Uint8Array<ArrayBuffer>) => post({ kind: "chunk", chunk });
    if (unusable !== undefined) return this.#loadOnly(unusable, load);
    try {
      const { file, report } = this.#surroundings.open(load);
      this.#file = file;
      this.#isLoaded = true;
      post({ kind: "opened", opened: { ...report, counters: this.#counters() } });
    } catch (error) {
      post({ kind: "startAgain" });
      this.#loadOnly(this.#surroundings.describe(error), load);
    }
  }

  #loadOnly(reason: string, load: (chunk: Uint8Array<ArrayBuffer>) => void): void {
    const damage = this.#surroundings.loadOnly(load);
    this.#isLoaded = damage !== undefined;
    this.#surroundings.post({ kind: "unopened", reason, damage });
  }

  commit(batch: Uint8Array<ArrayBuffer>): void {
    this.#batch = batch;
    this.#attempt();
  }

  #attempt(): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    try {
      if (this.#loss !== undefined) {
        this.#replace(this.#loss, batch);
      } else {
        this.#file ??= this.#reopen();
        this.#file.apply(batch);
      }
    } catch (error) {
      return this.#failed(error);
    }
    this.#batch = undefined;
    this.#retryMs = FIRST_RETRY_MS;
    this.#surroundings.post({ kind: "committed", counters: this.#counters() });
    this.#tidyUpLater(TIDY_UP_MS);
  }

  /** Opens the file again, which must be the one that the main thread knows. */
  #reopen(): StoreFile {
    const { file, report } = this.#surroundings.open(undefined);
    if (this.#isLoaded ? !report.isNew && report.repair === undefined : report.isNew) {
      this.#isLoaded = true;
      return file;
    }
    file.close();
    if (this.#isLoaded) {
      throw new StoreGoneError("it was deleted or damaged while it could not be written");
    }
    // What it holds is worth more than what came since: it waits for a start that can read it.
    throw new Error("it could not be read at the start and can be now: restart the broker");
  }

  #failed(error: unknown): void {
    const kind = failureKind(error);
    if (kind !== "full") this.#closeFile();
    if (this.#loss === undefined && (kind === "damaged" || kind === "gone")) {
      return this.#lose({ reason: messageOf(error), isForeign: kind === "gone" });
    }
    // The file is closed, unless the disk is full.
    const reason = kind === "full" ? messageOf(error) : this.#surroundings.describe(error);
    this.#surroundings.post({ kind: "writeFailed", reason });
    this.#cancelRetry = this.#surroundings.after(this.#retryMs, () => {
      this.#cancelRetry = undefined;
      this.#attempt();
    });
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }

  /**
   * Everything has to come again, since the main thread alone knows it. The file stays under its name
   * until then: if the broker is killed meanwhile, what can be read of it is what there is.
   */
  #lose(loss: Loss): void {
    this.#loss = loss;
    this.#batch = undefined;
    this.#retryMs = FIRST_RETRY_MS;
    this.#surroundings.post({ kind: "lost" });
  }

  #replace(loss: Loss, batch: Uint8Array<ArrayBuffer>): void {
    const { file, repair } = this.#surroundings.replace(loss, batch);
    this.#file = file;
    this.#isLoaded = true;
    this.#loss = undefined;
    this.#surroundings.post({ kind: "replaced", repair });
  }

  /** It may have left the connection in a state that nothing more comes of. */
  #closeFile(): void {
    if (this.#file === undefined) return;
    this.#earlier = this.#counters();
    this.#file.close();
    this.#file = undefined;
  }

  #tidyUpLater(delayMs: number): void {
    if (this.#cancelTidyUp !== undefined) return;
    this.#cancelTidyUp = this.#surroundings.after(delayMs, () => {
      this.#cancelTidyUp = undefined;
      this.#tidyUp();
    });
  }

  #tidyUp(): void {
    try {
      if (this.#batch === undefined && this.#file?.tidyUp()) this.#tidyUpLater(TIDY_UP_AGAIN_MS);
    } catch {
      // The next commit meets the same, and says so.
    }
  }

  #counters(): FileCounters {
    const now = this.#file?.counters ?? { commits: 0, bytesWritten: 0, fileBytes: 0 };
    return {
      commits: this.#earlier.commits + now.commits,
      bytesWritten: this.#earlier.bytesWritten + now.bytesWritten,
      fileBytes: now.fileBytes,
    };
  }

  close(): void {
    this.#cancelRetry?.();
    this.#cancelTidyUp?.();
    this.#batch = undefined;
    this.#closeFile();
    this.#surroundings.post({ kind: "closed" });
  }
}
