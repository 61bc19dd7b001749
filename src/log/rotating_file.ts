/**
 * A log file that is set aside when it has reached its size: NAME, NAME.1 (the newest), NAME.2, ...
 *
 * Owns the open file and the names beside it. Invariant: never throws and never stops the broker.
 * A file that cannot be opened, written or set aside is reported once, tried again every
 * `RETRY_MS`, and reported when it works again.
 */

import { messageOf } from "../error_text.ts";
import { writeAll } from "./line_writer.ts";

/** How long a file that failed is left alone. */
export const RETRY_MS = 10_000;

/** What a rotating file needs to know. */
export interface RotatingFileOptions {
  readonly path: string;
  /** Bytes after which the file is set aside. One piece of lines is never split. */
  readonly maxSizeBytes: number;
  /** How many files that were set aside are kept; 0 keeps none. */
  readonly keep: number;
  /** The clock, in milliseconds. */
  readonly nowMs: () => number;
  /** Called with a sentence when writing begins to fail and when it works again. */
  readonly report: (sentence: string) => void;
}

/** Appends lines to a file and rotates it. */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  readonly #encoder = new TextEncoder();
  #file: Deno.FsFile | undefined;
  #sizeBytes = 0;
  /** While it is set, the file is not tried again before. */
  #retryAtMs: number | undefined;
  #rotateAtMs = 0;
  #lostLines = 0;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
  }

  /** Writes a piece of whole lines. Returns false when they are not in the file. */
  put(chunk: string): boolean {
    const bytes = this.#encoder.encode(chunk);
    const written = this.#isDue() && this.#attempt(() => this.#append(bytes));
    if (!written) this.#lostLines += chunk.split("\n").length - 1;
    return written;
  }

  /** Opens the file now, so that a wrong path is reported at the start. */
  open(): void {
    this.#attempt(() => this.#openFile());
  }

  /** Lets go of the file. The next piece opens it again. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #isDue(): boolean {
    return this.#retryAtMs === undefined || this.#options.nowMs() >= this.#retryAtMs;
  }

  #attempt(action: () => void): boolean {
    const { path, report } = this.#options;
    try {
      action();
    } catch (error) {
      this.#closeQuietly();
      if (this.#retryAtMs === undefined) {
        report(`Cannot write the log file '${path}': ${reason(error)}; trying again`);
      }
      this.#retryAtMs = this.#options.nowMs() + RETRY_MS;
      return false;
    }
    if (this.#retryAtMs !== undefined) {
      this.#retryAtMs = undefined;
      report(`The log file '${path}' is written again; ${this.#lostLines} lines are not in it`);
    }
    this.#lostLines = 0;
    return true;
  }

  #append(bytes: Uint8Array): void {
    let file = this.#openFile();
    if (this.#sizeBytes > 0 && this.#sizeBytes + bytes.length > this.#options.maxSizeBytes) {
      this.#rotate();
      file = this.#openFile();
    }
    writeAll(file, bytes);
    this.#sizeBytes += bytes.length;
  }

  #openFile(): Deno.FsFile {
    if (this.#file === undefined) {
      const { path } = this.#options;
      this.#file = Deno.openSync(path, { append: true, create: true, mode: 0o640 });
      this.#sizeBytes = this.#file.statSync().size;
    }
    return this.#file;
  }

  /**
   * Lines are worth more than the limit: when the file cannot be set aside, writing goes on in
   * it.
   */
  #rotate(): void {
    const { nowMs, path, report } = this.#options;
    if (nowMs() < this.#rotateAtMs) return;
    this.close();
    try {
      shiftFiles(path, this.#options.keep);
    } catch (error) {
      report(`Cannot set the log file '${path}' aside: ${reason(error)}; it grows on`);
      this.#rotateAtMs = nowMs() + RETRY_MS;
    }
  }

  #closeQuietly(): void {
    try {
      this.close();
    } catch {
      this.#file = undefined;
    }
  }
}

/**
 * NAME.4 becomes NAME.5, ... NAME becomes NAME.1; with nothing to keep NAME is removed. A file that
 * somebody has removed is out of the way already.
 */
function shiftFiles(path: string, keep: number): void {
  if (keep === 0) return unlessGone(() => Deno.removeSync(path));
  for (let number = keep - 1; number >= 1; number--) {
    unlessGone(() => Deno.renameSync(`${path}.${number}`, `${path}.${number + 1}`));
  }
  unlessGone(() => Deno.renameSync(path, `${path}.1`));
}

function unlessGone(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "its folder does not exist";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return messageOf(error);
}
