/**
 * Standard output in blocks: what comes in one turn of the event loop is written at once, and while
 * that is under way, the next block fills.
 *
 * Owns the buffers. Invariant: the bytes come out whole and in order; when more waits than a slow
 * reader takes, whoever makes it is told to pause.
 */

/** Told when more waits than is good, and when that is over. */
export interface OutputPressure {
  full(): void;
  drained(): void;
  /** Writing has failed: nothing more is written. Called once. */
  failed(error: unknown): void;
}

const FIRST_BLOCK_BYTES = 64 * 1024;
/** A block that was made for a large message is not kept. */
const LARGEST_KEPT_BYTES = 1024 * 1024;
const FULL_BYTES = 1024 * 1024;

export class BlockOutput {
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  readonly #pressure: OutputPressure;
  #block = new Uint8Array(FIRST_BLOCK_BYTES);
  #spare = new Uint8Array(FIRST_BLOCK_BYTES);
  #length = 0;
  #isFull = false;
  #hasFailed = false;
  /** Undefined: nothing is under way. */
  #writing: Promise<void> | undefined;

  constructor(write: (bytes: Uint8Array) => Promise<void>, pressure: OutputPressure) {
    this.#write = write;
    this.#pressure = pressure;
  }

  /** More waits than is good. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Copies the bytes. */
  push(bytes: Uint8Array): void {
    if (this.#hasFailed || bytes.length === 0) return;
    const length = this.#length + bytes.length;
    if (length > this.#block.length) this.#grow(length);
    this.#block.set(bytes, this.#length);
    this.#length = length;
    if (length > FULL_BYTES && !this.#isFull) {
      this.#isFull = true;
      this.#pressure.full();
    }
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when everything that was pushed is written, or writing has failed. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async #writeAll(): Promise<void> {
    // The rest of this turn still adds to the block.
    await undefined;
    try {
      while (this.#length > 0) {
        const block = this.#block;
        const length = this.#length;
        this.#block = this.#spare;
        this.#length = 0;
        await this.#write(block.subarray(0, length));
        this.#spare = block.length > LARGEST_KEPT_BYTES ? new Uint8Array(FIRST_BLOCK_BYTES) : block;
        if (this.#isFull && this.#length <= FULL_BYTES / 2) this.#drained();
      }
    } catch (error) {
      this.#hasFailed = true;
      this.#length = 0;
      this.#pressure.failed(error);
    }
    this.#writing = undefined;
  }

  #drained(): void {
    this.#isFull = false;
    this.#pressure.drained();
  }

  #grow(length: number): void {
    const block = new Uint8Array(Math.max(length, this.#block.length * 2));
    block.set(this.#block.subarray(0, this.#length));
    this.#block = block;
  }
}
