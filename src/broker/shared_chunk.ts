/**
 * Encoded packets in a pooled buffer that one or many connections send.
 *
 * Every holder releases it once; after the last release the buffer belongs to the pool again. The
 * bytes never change while anybody holds them.
 */

import type { Writer } from "../protocol/writer.ts";
import type { BufferPool } from "./buffer_pool.ts";

export class SharedChunk {
  /** Whole packets. */
  readonly bytes: Uint8Array;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  readonly #pool: BufferPool;
  #holders = 1;

  /** Takes what `writer` has written, whose buffer came from `pool`. The caller is its holder. */
  constructor(writer: Writer, pool: BufferPool) {
    this.bytes = writer.written();
    this.#buffer = writer.bytes;
    this.#pool = pool;
  }

  retain(): void {
    this.#holders++;
  }

  release(): void {
    if (--this.#holders === 0) this.#pool.giveBack(this.#buffer);
  }
}
