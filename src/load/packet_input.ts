/**
 * The bytes that a connection of a load reads, and the packets in them, where they lie.
 *
 * Owns the read buffer: small while little comes, as for ten thousand idle clients, larger once a
 * read has filled it. Invariant: a packet that `next` has found is good until the next `fill`.
 */

import { Framer } from "../protocol/framer.ts";
import type { Transport } from "../transport/transport.ts";

/** Bytes of the buffer at first, and as far as it grows for anything but a larger packet. */
const SMALL_BUFFER = 256;
const LARGE_BUFFER = 256 * 1024;

export class PacketInput {
  readonly #transport: Pick<Transport, "read">;
  readonly #framer = new Framer();
  #bytes = new Uint8Array(SMALL_BUFFER);
  #view = new DataView(this.#bytes.buffer);
  /** What is not handled yet is `#bytes[#start..#filled)`. */
  #start = 0;
  #filled = 0;

  constructor(transport: Pick<Transport, "read">) {
    this.#transport = transport;
  }

  /** Where the packet lies that was found last. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  get view(): DataView {
    return this.#view;
  }

  get header(): number {
    return this.#framer.header;
  }

  get bodyStart(): number {
    return this.#framer.bodyStart;
  }

  get bodyEnd(): number {
    return this.#framer.bodyEnd;
  }

  /** Finds the next packet; false when it has not come whole. Throws `ProtocolError`. */
  next(): boolean {
    if (!this.#framer.next(this.#bytes, this.#start, this.#filled)) return false;
    this.#start = this.#framer.bodyEnd;
    return true;
  }

  /** Reads more, after `next` has found nothing; false at the end of the stream. */
  async fill(): Promise<boolean> {
    this.#makeRoom();
    const space = this.#filled === 0 ? this.#bytes : this.#bytes.subarray(this.#filled);
    const count = await this.#transport.read(space);
    if (count === null) return false;
    this.#filled += count;
    return true;
  }

  #makeRoom(): void {
    const wasFull = this.#filled === this.#bytes.length;
    const missing = this.#framer.bodyEnd - this.#start;
    this.#bytes.copyWithin(0, this.#start, this.#filled);
    this.#filled -= this.#start;
    this.#start = 0;
    let size = this.#bytes.length;
    if (wasFull && size < LARGE_BUFFER) size = Math.min(size * 16, LARGE_BUFFER);
    if (missing > size) size = missing;
    if (size > this.#bytes.length) this.#resize(size);
  }

  #resize(size: number): void {
    const larger = new Uint8Array(size);
    larger.set(this.#bytes.subarray(0, this.#filled));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
