/**
 * The bytes on their way to one peer: one queue and one writer loop for each connection.
 *
 * `Deno.Conn.write` may take only a part, and concurrent writes interleave, so nobody else writes
 * to the connection. Invariant: `bufferedBytes` is what was queued and not taken by the network;
 * all of it but the tail that is still being appended to is part of `budget.bufferedBytes`.
 */

import { type BufferPool, FULL_BUFFER_BYTES, LARGE_BUFFER_BYTES } from "../broker/buffer_pool.ts";
import { SharedChunk } from "../broker/shared_chunk.ts";
import { Writer } from "../protocol/writer.ts";

/** Shared chunks below this are copied when other output waits already: fewer writes. */
const COPIED_CHUNK_BYTES = 2 * 1024;

/** What all connections together hold in finished chunks, and have sent; in bytes. */
export interface OutputBudget {
  bufferedBytes: number;
  bytesSent: number;
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
  /** Output waits for a commit: `committed` is to be called with those to come. */
  outputGated(): void;
}

/** From the chunk with this ordinal number on, nothing is sent before `commit`. */
interface Gate {
  readonly firstChunk: number;
  readonly commit: number;
}

export class Output {
  readonly #sink: Pick<Deno.Conn, "write">;
  readonly #pool: BufferPool;
  readonly #budget: OutputBudget;
  readonly #owner: OutputOwner;
  /** Taken by the network so far. */
  bytesSent = 0;
  /** Complete chunks that wait, oldest first; the current tail comes after them. */
  #chunks: SharedChunk[] = [];
  #tail: Writer | undefined;
  /** Bytes in `#chunks` and in the chunk being written. */
  #chunkBytes = 0;
  /** Chunks ever queued, and ever taken from the queue. */
  #queuedChunks = 0;
  #takenChunks = 0;
  /** By rising commit. */
  #gates: Gate[] = [];
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
    if (!this.#pending) this.#markPending();
    let tail = this.#tail;
    if (tail === undefined) {
      tail = this.#tail = new Writer(this.#lastTailBytes, this.#pool);
    } else if (tail.length >= FULL_BUFFER_BYTES) {
      this.#finishTail(tail);
      tail = this.#tail = new Writer(LARGE_BUFFER_BYTES, this.#pool);
    }
    return tail;
  }

  /** Queues packets that other connections send as well, and holds them until they are sent. */
  share(chunk: SharedChunk): void {
    if (this.#failed) return;
    const { bytes } = chunk;
    if (
      bytes.length < COPIED_CHUNK_BYTES && (this.#tail !== undefined || this.#draining)
    ) {
      this.writer().rawBytes(bytes, 0, bytes.length);
      return;
    }
    if (this.#tail !== undefined) this.#finishTail(this.#tail);
    chunk.retain();
    this.#push(chunk);
    if (!this.#pending) this.#markPending();
  }

  /** Counts what was appended as finished. */
  endTail(): void {
    if (this.#tail !== undefined) this.#finishTail(this.#tail);
  }

  #markPending(): void {
    this.#pending = true;
    this.#owner.outputPending();
  }

  #finishTail(tail: Writer): void {
    this.#tail = undefined;
    this.#lastTailBytes = Math.min(tail.length, LARGE_BUFFER_BYTES);
    this.#push(new SharedChunk(tail, this.#pool));
  }

  #push(chunk: SharedChunk): void {
    this.#chunks.push(chunk);
    this.#queuedChunks++;
    this.#chunkBytes += chunk.bytes.length;
    this.#budget.bufferedBytes += chunk.bytes.length;
  }

  /** Starts sending what was queued, unless that is going on already. */
  flush(): void {
    this.#pending = false;
    if (this.#draining || this.#failed) return;
    this.#draining = true;
    this.#drain();
  }

  async #drain(): Promise<void> {
    let chunk: SharedChunk | undefined;
    try {
      for (chunk = this.#next(); chunk !== undefined; chunk = this.#next()) {
        const { bytes } = chunk;
        this.#owner.traceOutput?.(bytes);
        for (let sent = 0; sent < bytes.length;) {
          sent += await this.#sink.write(sent === 0 ? bytes : bytes.subarray(sent));
        }
        this.bytesSent += bytes.length;
        this.#budget.bytesSent += bytes.length;
        this.#letGo(chunk);
        chunk = undefined;
        this.#owner.outputTaken();
      }
    } catch (error) {
      // Not before the network has stopped reading the chunk may others write to its buffer.
      if (chunk !== undefined) this.#letGo(chunk);
      this.#draining = false;
      this.discard();
      return this.#owner.outputFailed(error);
    }
    this.#draining = false;
    if (this.bufferedBytes === 0) this.#owner.outputDrained();
  }

  #next(): SharedChunk | undefined {
    if (this.#isGated) return undefined;
    if (this.#chunks.length === 0 && this.#tail !== undefined) this.#finishTail(this.#tail);
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) this.#takenChunks++;
    return chunk;
  }

  /** What is next to be sent waits for a commit. */
  get #isGated(): boolean {
    const gate = this.#gates[0];
    return gate !== undefined && gate.firstChunk <= this.#takenChunks;
  }

  /** Holds what is queued from now on until `commit`; what was queued before does not wait. */
  gate(commit: number): void {
    if (this.#failed || this.#gates.at(-1)?.commit === commit) return;
    this.endTail();
    if (this.#gates.length === 0) this.#owner.outputGated();
    this.#gates.push({ firstChunk: this.#queuedChunks, commit });
  }

  /** Everything up to `commit` is durable. True when output still waits for a later one. */
  committed(commit: number): boolean {
    while (this.#gates[0] !== undefined && this.#gates[0].commit <= commit) this.#gates.shift();
    if (!this.#draining && this.bufferedBytes > 0) this.flush();
    return this.#gates.length > 0;
  }

  #letGo(chunk: SharedChunk): void {
    this.#chunkBytes -= chunk.bytes.length;
    this.#budget.bufferedBytes -= chunk.bytes.length;
    chunk.release();
  }

  /** Gives up what was not sent: the connection is gone. What is being sent ends by itself. */
  discard(): void {
    if (this.#failed) return;
    this.#failed = true;
    for (const chunk of this.#chunks) this.#letGo(chunk);
    this.#chunks = [];
    this.#gates = [];
    this.#tail = undefined;
  }
}
