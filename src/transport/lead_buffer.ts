/**
 * Bytes of a stream that were read before there was a place for them: the first ones, of which nobody
 * knows yet how many belong to the handshake, and those of a reader with too small a buffer.
 *
 * Owns them until they are taken.
 */

import type { Transport } from "./transport.ts";

const FIRST_BYTES = 512;

export class LeadBuffer {
  readonly #maximumBytes: number;
  #bytes: Uint8Array;
  #start = 0;
  #end = 0;

  /** Never holds more than `maximumBytes`; begins with room for `firstBytes`. */
  constructor(maximumBytes: number, firstBytes: number = FIRST_BYTES) {
    this.#maximumBytes = maximumBytes;
    this.#bytes = new Uint8Array(Math.min(firstBytes, maximumBytes));
  }

  /** What was read and not taken. Valid until the next call. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  get isFull(): boolean {
    return this.#end === this.#maximumBytes;
  }

  /** Reads more, once; false at the end of the stream. Not to be called when it is full. */
  async readMore(source: Pick<Transport, "read">): Promise<boolean> {
    if (this.#end === this.#bytes.length) this.#grow();
    const count = await source.read(this.#bytes.subarray(this.#end));
    if (count === null) return false;
    this.#end += count;
    return true;
  }

  #grow(): void {
    const grown = new Uint8Array(Math.min(this.#bytes.length * 4, this.#maximumBytes));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }

  /** The first `count` bytes are dealt with. */
  drop(count: number): void {
    this.#start += count;
  }

  /** Moves as much as fits to the start of `buffer`; 0 when nothing is left. */
  take(buffer: Uint8Array): number {
    const count = Math.min(buffer.length, this.#end - this.#start);
    if (count === 0) return 0;
    buffer.set(this.#bytes.subarray(this.#start, this.#start + count));
    this.#start += count;
    if (this.#start === this.#end) {
      this.#bytes = NO_BYTES;
      this.#start = this.#end = 0;
    }
    return count;
  }
}

const NO_BYTES = new Uint8Array(0);
