/**
 * Room for many short payloads in one buffer: a buffer of its own costs each some 300 bytes, which
 * is more than most of them have.
 *
 * Owns the buffer that it fills. Payloads that end together (one session's) should share a slab,
 * since the last of them keeps it.
 */

import { copyBytes } from "../protocol/writer.ts";

const LARGEST_SLAB_BYTES = 64 * 1024;
export const NO_BYTES: Uint8Array = new Uint8Array(0);

export class ByteSlab {
  /** The buffer that holds what was placed last. */
  bytes = NO_BYTES;
  #used = 0;
  /** Bytes that are still to come, at most. */
  #expected: number;

  /** `expected`: bytes that will be copied, at most; no buffer is made larger than that. */
  constructor(expected: number) {
    this.#expected = expected;
  }

  /** Copies `source[start..end)` into `bytes`; returns where it lies there. */
  place(source: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length > this.bytes.length - this.#used) {
      this.bytes = new Uint8Array(Math.max(length, Math.min(this.#expected, LARGEST_SLAB_BYTES)));
      this.#used = 0;
    }
    const at = this.#used;
    copyBytes(this.bytes, at, source, start, end);
    this.#used += length;
    this.#expected -= length;
    return at;
  }
}
