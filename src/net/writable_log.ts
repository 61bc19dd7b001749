/**
 * Whether the broker's file can be written, as log lines: a disk that comes and goes many times in a
 * minute is not worth two lines each time.
 *
 * Owns when a line is written, not its words. Invariant: at most one change is told in an interval,
 * and what was told last is how it is, at the latest when the interval is over.
 */

/** Milliseconds in which one change is told at once. */
export const WRITABLE_INTERVAL_MS = 60_000;

export interface WritableLogOptions {
  /** `more`: changes since the last line, besides this one. */
  write(isWritable: boolean, reason: string, more: number): void;
  /** Runs `action` once, later. Returns what cancels it. */
  after(delayMs: number, action: () => void): () => void;
}

export class WritableLog {
  readonly #options: WritableLogOptions;
  #told = true;
  #isWritable = true;
  #reason = "";
  /** Changes that were not told. */
  #untold = 0;
  #cancel: (() => void) | undefined;

  constructor(options: WritableLogOptions) {
    this.#options = options;
  }

  /** It can be written, or cannot any more. */
  changed(isWritable: boolean, reason: string): void {
    this.#isWritable = isWritable;
    this.#reason = reason;
    this.#untold++;
    if (this.#cancel === undefined) this.#tell();
  }

  #tell(): void {
    this.#options.write(this.#isWritable, this.#reason, this.#untold - 1);
    this.#told = this.#isWritable;
    this.#untold = 0;
    this.#cancel = this.#options.after(WRITABLE_INTERVAL_MS, () => this.#intervalOver());
  }

  #intervalOver(): void {
    this.#cancel = undefined;
    if (this.#told !== this.#isWritable) this.#tell();
  }

  /** Nothing is told any more. */
  stop(): void {
    this.#cancel?.();
  }
}
