/**
 * A transport as the Duplex stream that `node:tls` works on.
 *
 * Owns the buffers it reads to: small ones while little comes, as an idle connection holds one. Since
 * `node:tls` of Deno takes from a stream whatever comes, wanted or not, what is read is limited here: by
 * `isHeld`. Invariant: the transport within is closed exactly once, when the stream is destroyed.
 */

import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { type Transport, writeAll } from "./transport.ts";

const IDLE_READ_BYTES = 1024;
const BUSY_READ_BYTES = 64 * 1024;

/** Streams always have an error for their callback. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

export class TransportDuplex extends Duplex {
  readonly #inner: Transport;
  #readBytes = IDLE_READ_BYTES;
  #isHeld = false;
  /** The stream has asked for more while it was held. */
  #isAsked = false;

  constructor(inner: Transport) {
    super({ allowHalfOpen: true, highWaterMark: BUSY_READ_BYTES });
    this.#inner = inner;
  }

  /** While it is held nothing is read, but for one read that may be on its way. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  set isHeld(isHeld: boolean) {
    this.#isHeld = isHeld;
    if (isHeld || !this.#isAsked) return;
    this.#isAsked = false;
    void this.#readOnce();
  }

  override _read(): void {
    if (this.#isHeld) this.#isAsked = true;
    else void this.#readOnce();
  }

  async #readOnce(): Promise<void> {
    try {
      const buffer = Buffer.allocUnsafeSlow(this.#readBytes);
      const count = await this.#inner.read(buffer);
      if (count === null) return void this.push(null);
      if (count === buffer.length) this.#readBytes = BUSY_READ_BYTES;
      else if (count < IDLE_READ_BYTES / 2) this.#readBytes = IDLE_READ_BYTES;
      this.push(buffer.subarray(0, count));
    } catch (error) {
      this.destroy(asError(error));
    }
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error) => void): void {
    writeAll(this.#inner, chunk).then(() => done(), (error) => done(asError(error)));
  }

  override _final(done: (error?: Error) => void): void {
    // A peer that is gone already needs no end of the stream.
    this.#inner.closeWrite().then(() => done(), () => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    try {
      this.#inner.close();
    } catch {
      // It was closed by the peer's end of a handshake within.
    }
    done(error);
  }
}
