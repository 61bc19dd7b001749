/**
 * The bytes that a connection has read and not handled yet.
 *
 * Owns one buffer: a small one of its own while the connection is idle, a borrowed one while it is
 * busy. An announced length is not believed: the buffer grows as the bytes come.
 */

import { type BufferPool, IDLE_BUFFER_BYTES, LARGE_BUFFER_BYTES } from "../broker/buffer_pool.ts";

/** Reads in a row that used little of the buffer, before it shrinks. */
const SMALL_READS_BEFORE_SHRINKING = 4;

/** What all connections together hold beyond the usual size of a buffer, in bytes. */
export interface InputBudget {
  inputBytes: number;
}

export class ReadBuffer {
  readonly #pool: BufferPool;
  readonly #budget: InputBudget;
  #bytes = new Uint8Array(IDLE_BUFFER_BYTES);
  #filled = 0;
  #smallReads = 0;

  constructor(pool: BufferPool, budget: InputBudget) {
    this.#pool = pool;
    this.#budget = budget;
  }

  /** Starts with the bytes that were read; what lies behind `filled` means nothing. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  get filled(): number {
    return this.#filled;
  }

  /** Where the next bytes are to be read to; never empty. */
  space(): Uint8Array<ArrayBuffer> {
    return this.#filled === 0 ? this.#bytes : this.#bytes.subarray(this.#filled);
  }

  /** `count` bytes were read to `space()`. */
  added(count: number): void {
    this.#filled += count;
  }

  /** The first `end` bytes are handled; `count` bytes came with the last read. */
  handled(end: number, count: number): void {
    const wasFull = this.#filled === this.#bytes.length;
    if (end > 0) this.#bytes.copyWithin(0, end, this.#filled);
    this.#filled -= end;
    const size = this.#nextSize(wasFull, count);
    if (size !== this.#bytes.length) this.#resize(size);
  }

  #nextSize(wasFull: boolean, count: number): number {
    const size = this.#bytes.length;
    if (wasFull) {
      this.#smallReads = 0;
      if (size < LARGE_BUFFER_BYTES) return Math.min(size * 16, LARGE_BUFFER_BYTES);
      if (this.#filled > size / 2) return size * 2;
    }
    if (size > LARGE_BUFFER_BYTES && this.#filled <= LARGE_BUFFER_BYTES / 2) {
      return LARGE_BUFFER_BYTES;
    }
    const isIdle = size > IDLE_BUFFER_BYTES && this.#filled === 0 && count < IDLE_BUFFER_BYTES / 2;
    this.#smallReads = isIdle ? this.#smallReads + 1 : 0;
    return this.#smallReads >= SMALL_READS_BEFORE_SHRINKING ? IDLE_BUFFER_BYTES : size;
  }

  #resize(size: number): void {
    const resized = size === IDLE_BUFFER_BYTES ? new Uint8Array(size) : this.#pool.take(size);
    resized.set(this.#bytes.subarray(0, this.#filled));
    this.#budget.inputBytes += beyondUsual(size) - beyondUsual(this.#bytes.length);
    this.#pool.giveBack(this.#bytes);
    this.#bytes = resized;
    this.#smallReads = 0;
  }

  /** Gives the buffer back; the connection is gone. */
  release(): void {
    this.#pool.giveBack(this.#bytes);
    this.#budget.inputBytes -= beyondUsual(this.#bytes.length);
    this.#bytes = NO_BYTES;
    this.#filled = 0;
  }
}

function beyondUsual(size: number): number {
  return Math.max(0, size - LARGE_BUFFER_BYTES);
}

const NO_BYTES = new Uint8Array(0);
