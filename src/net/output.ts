/**
 * The bytes on their way to one peer: one queue and one writer loop for each connection.
 *
 * `Deno.Conn.write` may take only a part, and concurrent writes interleave, so nobody else writes
 * to the connection. Invariant: `bufferedBytes` is what was queued and not taken by the network;
 * all of it but the tail that is still being appended to is part of `budget.bufferedBytes`.
 */

import { Writer } from "../protocol/writer.ts";
import { type BufferPool, LARGE_BUFFER_BYTES } from "./buffer_pool.ts";

/** Shared chunks below this are copied when other output waits already: fewer writes. */
const COPIED_CHUNK_BYTES = 2 * 1024;

/** What all connections together hold in finished chunks, and have sent; in bytes. */
export interface OutputBudget {
  bufferedBytes: number;
  bytesSent: number;
}

interface Chunk {
  readonly bytes: Uint8Array;
  /** The pool's buffer that `bytes` lies in; undefined for bytes that others send too. */
  readonly buffer: Uint8Array<ArrayBuffer> | undefined;
}

/** Told what happens to the output; the connection. */
export interface OutputOwner {
  /** There is output to flush. Called once until the next `flush`. */
  outputPending(): void;
  /** The network took a chunk. */
  outputTaken(): void;
  /** All output was taken by the network. Must not throw. */
  outputDrained(): void;
  outputFailed(error: unknown): void;
  /** Sees every chunk that is about to be sent: whole packets. For tracing. */
  traceOutput?(bytes: Uint8Array): void;
}

export class Output {
  readonly #sink: Pick<Deno.Conn, "write">;
  readonly #pool: BufferPool;
  readonly #budget: OutputBudget;
  readonly #owner: OutputOwner;
  /** Complete chunks that wait, oldest first; the current tail comes after them. */
  #chunks: Chunk[] = [];
  #tail: Writer | undefined;
  /** Bytes in `#chunks` and in the chunk being written. */
  #chunkBytes = 0;
  #pending = false;
  #draining = false;
  #failed = false;
  /** The size of the last tail: the next one is likely to be as large. */
  #lastTailBytes = 0;

  constructor(
    sink: Pick<Deno.Conn, "write">,
    pool: BufferPool,
    budget: OutputBudget,
    owner: OutputOwner,
  ) {
    this.#sink = sink;
    this.#pool = pool;
    this.#budget = budget;
    this.#owner = owner;
  }

  get bufferedBytes(): number {
    return this.#chunkBytes + (this.#tail?.length ?? 0);
  }

  get isEmpty(): boolean {
    return !this.#draining && this.bufferedBytes === 0;
  }

  /** Where to append whole packets. Valid until the next call of any method. */
  writer(): Writer {
    let tail = this.#tail;
    if (tail === undefined) {
      tail = this.#tail = new Writer(this.#pool.take(this.#lastTailBytes));
      this.#markPending();
    } else if (tail.length >= LARGE_BUFFER_BYTES) {
      this.#finishTail(tail);
      tail = this.#tail = new Writer(this.#pool.take(LARGE_BUFFER_BYTES));
    }
    return tail;
  }

  /** Queues bytes that other connections send as well; nobody changes them any more. */
  share(bytes: Uint8Array): void {
    if (
      bytes.length < COPIED_CHUNK_BYTES && (this.#tail !== undefined || this.#draining)
    ) {
      this.writer().rawBytes(bytes, 0, bytes.length);
      return;
    }
    if (this.#tail !== undefined) this.#finishTail(this.#tail);
    this.#push(bytes, undefined);
    this.#markPending();
  }

  #markPending(): void {
    if (this.#pending) return;
    this.#pending = true;
    this.#owner.outputPending();
  }

  #finishTail(tail: Writer): void {
    this.#tail = undefined;
    this.#lastTailBytes = Math.min(tail.length, LARGE_BUFFER_BYTES);
    this.#push(tail.written(), tail.bytes);
  }

  #push(bytes: Uint8Array, buffer: Uint8Array<ArrayBuffer> | undefined): void {
    this.#chunks.push({ bytes, buffer });
    this.#chunkBytes += bytes.length;
    this.#budget.bufferedBytes += bytes.length;
  }

  /** Starts sending what was queued, unless that is going on already. */
  flush(): void {
    this.#pending = false;
    if (this.#draining || this.#failed) return;
    this.#draining = true;
    this.#drain();
  }

  async #drain(): Promise<void> {
    try {
      for (let chunk = this.#next(); chunk !== undefined; chunk = this.#next()) {
        const { bytes, buffer } = chunk;
        this.#owner.traceOutput?.(bytes);
        for (let sent = 0; sent < bytes.length;) {
          sent += await this.#sink.write(sent === 0 ? bytes : bytes.subarray(sent));
        }
        this.#chunkBytes -= bytes.length;
        this.#budget.bufferedBytes -= bytes.length;
        this.#budget.bytesSent += bytes.length;
        if (buffer !== undefined) this.#pool.giveBack(buffer);
        this.#owner.outputTaken();
      }
    } catch (error) {
      this.#draining = false;
      this.discard();
      return this.#owner.outputFailed(error);
    }
    this.#draining = false;
    this.#owner.outputDrained();
  }

  #next(): Chunk | undefined {
    if (this.#chunks.length === 0 && this.#tail !== undefined) this.#finishTail(this.#tail);
    return this.#chunks.shift();
  }

  /** Gives up what was not sent: the connection is gone. */
  discard(): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#budget.bufferedBytes -= this.#chunkBytes;
    this.#chunkBytes = 0;
    this.#chunks = [];
    this.#tail = undefined;
  }
}
