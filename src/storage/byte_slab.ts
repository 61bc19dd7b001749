/**
 * Room for many short payloads in one buffer: a buffer of its own costs each some 300 bytes, which
 * is more than most of them have.
 *
 * Owns the buffer that it fills. Payloads that end together (one session's) should share a slab,
 * since the last of them keeps it.
 */

import { copyBytes } from "../protocol/writer.ts";

const LARGEST_SLAB_BYTES = 64 * 1024;
/** Payloads longer than this get a buffer of their own. */
const LARGEST_SHARED_BYTES = 4 * 1024;
export const NO_BYTES: Uint8Array = new Uint8Array(0);

export class ByteSlab {
  #slab = NO_BYTES;
  #used = 0;
  /** Bytes that are still to come, at most. */
  #expected: number;

  /** `expected`: bytes that will be copied, at most; a slab is not made larger than that. */
  constructor(expected: number) {
    this.#expected = expected;
  }

  /** A copy of `source[start..end)`. */
  copy(source: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start;
    if (length === 0) return NO_BYTES;
    if (length > LARGEST_SHARED_BYTES) return source.slice(start, end);
    if (length > this.#slab.length - this.#used) {
      this.#slab = new Uint8Array(Math.max(length, Math.min(this.#expected, LARGEST_SLAB_BYTES)));
      this.#used = 0;
    }
    const at = this.#used;
    copyBytes(this.#slab, at, source, start, end);
    this.#used += length;
    this.#expected -= length;
    return this.#slab.subarray(at, at + length);
  }
}
