/**
 * A duplex stream of Node, read and written as a transport is.
 *
 * Owns what was read and not asked for yet. Invariant: with a `source` that can be held, bytes are
 * taken from it only while somebody waits for them.
 */

import type { Duplex } from "node:stream";

/** Where the stream's bytes come from; while it is held, nothing is read. */
export interface HeldSource {
  isHeld: boolean;
}

export class NodeStream {
  readonly #stream: Duplex;
  readonly #source: HeldSource | undefined;
  #chunk: Uint8Array | undefined;
  #error: Error | undefined;
  #hasEnded = false;
  #wake: (() => void) | undefined;

  constructor(stream: Duplex, source?: HeldSource) {
    this.#stream = stream;
    this.#source = source;
    const wake = () => this.#wake?.();
    const end = () => {
      this.#hasEnded = true;
      wake();
    };
    stream.on("readable", wake);
    stream.on("end", end);
    stream.on("close", end);
    stream.on("error", (error) => {
      this.#error ??= error;
      wake();
    });
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    for (;;) {
      this.#chunk ??= this.#stream.read() ?? undefined;
      if (this.#chunk !== undefined) return this.#take(this.#chunk, buffer);
      if (this.#error !== undefined) throw this.#error;
      if (this.#hasEnded) return null;
      await this.#more();
    }
  }

  /** Reads from the network only when somebody waits for it: nobody else holds up who sends. */
  async #more(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    if (this.#source !== undefined) this.#source.isHeld = false;
    await promise;
    if (this.#source !== undefined) this.#source.isHeld = true;
    this.#wake = undefined;
  }

  #take(chunk: Uint8Array, buffer: Uint8Array): number {
    if (chunk.length <= buffer.length) {
      buffer.set(chunk);
      this.#chunk = undefined;
      return chunk.length;
    }
    buffer.set(chunk.subarray(0, buffer.length));
    this.#chunk = chunk.subarray(buffer.length);
    return buffer.length;
  }

  write(bytes: Uint8Array): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#stream.write(bytes, (error) => {
      if (error === undefined || error === null) resolve(bytes.length);
      else reject(error);
    });
    return promise;
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve) => this.#stream.end(() => resolve()));
  }

  close(): void {
    this.#stream.destroy();
  }
}
