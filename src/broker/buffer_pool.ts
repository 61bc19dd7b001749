/**
 * Buffers for reading and writing, in a few sizes, used again.
 *
 * Owns the free buffers. An idle connection holds only a small buffer of its own; a busy one
 * borrows larger ones. Buffers that are used again leave nothing for the garbage collector and no
 * holes in the heap, so that memory comes back after a burst. Contents are not cleared.
 */

/** A connection's own read buffer: most control packets fit. */
export const IDLE_BUFFER_BYTES = 256;
export const SMALL_BUFFER_BYTES = 4 * 1024;
export const LARGE_BUFFER_BYTES = 64 * 1024;

/** Output goes to another buffer from here on, so that one more packet rarely makes it grow. */
export const FULL_BUFFER_BYTES = 60 * 1024;

/**
 * Large buffers are cut from blocks of this size. The C library maps a block this large on its own,
 * whatever was freed before, takes memory for it only as it is used, and returns all of it at once;
 * large buffers among small things would leave holes that nobody gets back.
 */
const BLOCK_BYTES = 33 * 1024 * 1024;

/** Free buffers kept of each size; more are left to the garbage collector. */
const KEPT_SMALL = 64;
const KEPT_LARGE = 128;

export class BufferPool {
  #small: Uint8Array<ArrayBuffer>[] = [];
  #large: Uint8Array<ArrayBuffer>[] = [];
  /** The block that large buffers are cut from, and how much of it is cut. */
  #block: ArrayBuffer | undefined;
  #blockUsed = 0;

  #cutLarge(): Uint8Array<ArrayBuffer> {
    if (this.#blockUsed + LARGE_BUFFER_BYTES > (this.#block?.byteLength ?? 0)) {
      this.#block = new ArrayBuffer(BLOCK_BYTES);
      this.#blockUsed = 0;
    }
    const buffer = new Uint8Array(this.#block as ArrayBuffer, this.#blockUsed, LARGE_BUFFER_BYTES);
    this.#blockUsed += LARGE_BUFFER_BYTES;
    return buffer;
  }

  /** Gives up the free buffers. */
  clear(): void {
    this.#small = [];
    this.#large = [];
    this.#block = undefined;
    this.#blockUsed = 0;
  }

  /** A buffer of at least `bytes`, with unknown contents. */
  take(bytes: number): Uint8Array<ArrayBuffer> {
    if (bytes <= SMALL_BUFFER_BYTES) {
      return this.#small.pop() ?? new Uint8Array(SMALL_BUFFER_BYTES);
    }
    if (bytes <= LARGE_BUFFER_BYTES) {
      return this.#large.pop() ?? this.#cutLarge();
    }
    return new Uint8Array(bytes);
  }

  /** Takes back a buffer that nobody uses any more; sizes that are not pooled are dropped. */
  giveBack(buffer: Uint8Array<ArrayBuffer>): void {
    if (buffer.length === SMALL_BUFFER_BYTES && this.#small.length < KEPT_SMALL) {
      this.#small.push(buffer);
    } else if (buffer.length === LARGE_BUFFER_BYTES && this.#large.length < KEPT_LARGE) {
      this.#large.push(buffer);
    }
  }
}
