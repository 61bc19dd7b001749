/**
 * Sends frames: the output of one side, one binary message for each write, and between them answers to
 * Ping and Close.
 *
 * Owns the order on the wire: one write of the transport within at a time. Invariant: frames are
 * never torn apart, nothing follows Close, and however many Pings come, one Pong waits at most.
 */

import { BufferPool, LARGE_BUFFER_BYTES } from "../broker/buffer_pool.ts";
import { type Transport, writeAll } from "./transport.ts";
import {
  type FrameMaker,
  MAX_SERVER_HEADER,
  SERVER_FRAMES,
  type StatusCode,
} from "./websocket_frame.ts";

/** Payloads up to this are copied behind their header: that costs less than a second write. */
const COPIED_BYTES = LARGE_BUFFER_BYTES - MAX_SERVER_HEADER;

/** Buffers for header and payload together. */
const pool = new BufferPool();

export class WebSocketWriter {
  readonly #inner: Pick<Transport, "write">;
  readonly #frames: FrameMaker;
  /** The writing that goes on; never rejects. */
  #turn: Promise<void> | undefined;
  #pong: Uint8Array | undefined;
  #close: Uint8Array | undefined;
  #isClosed = false;

  constructor(inner: Pick<Transport, "write">, frames: FrameMaker = SERVER_FRAMES) {
    this.#inner = inner;
    this.#frames = frames;
  }

  /** Sends one binary message; one call at a time. Dropped once Close was sent. */
  async binary(payload: Uint8Array): Promise<void> {
    while (this.#turn !== undefined) await this.#turn;
    if (this.#isClosed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    try {
      await this.#writeBinary(payload);
    } finally {
      this.#turn = undefined;
      resolve();
      if (this.#pong !== undefined || this.#close !== undefined) void this.#sendControl();
    }
  }

  async #writeBinary(payload: Uint8Array): Promise<void> {
    const frames = this.#frames;
    const { length } = payload;
    const headerLength = frames.headerLength(length);
    if (length > COPIED_BYTES && !frames.isMasked) {
      const header = new Uint8Array(headerLength);
      frames.writeHeader(header, length);
      await writeAll(this.#inner, header);
      return writeAll(this.#inner, payload);
    }
    const buffer = pool.take(headerLength + length);
    try {
      frames.writeHeader(buffer, length);
      buffer.set(payload, headerLength);
      if (frames.isMasked) frames.mask(buffer, length);
      await writeAll(this.#inner, buffer.subarray(0, headerLength + length));
    } finally {
      pool.giveBack(buffer);
    }
  }

  /** Answers a Ping as soon as nothing else is being written. */
  pong(payload: Uint8Array): void {
    this.#pong = this.#frames.pong(payload);
    if (this.#turn === undefined) void this.#sendControl();
  }

  /**
   * Sends Close after what is being written. Resolves when the network took it, or when it never
   * will.
   */
  async close(status: StatusCode): Promise<void> {
    if (this.#isClosed) return;
    this.#close ??= this.#frames.close(status);
    while (this.#turn !== undefined) await this.#turn;
    if (!this.#isClosed) await this.#sendControl();
  }

  /** Called when nobody writes. A failure is met again by whoever reads or writes next. */
  async #sendControl(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    try {
      for (let frame = this.#nextControl(); frame !== undefined; frame = this.#nextControl()) {
        await writeAll(this.#inner, frame);
      }
    } catch {
      this.#pong = undefined;
      this.#isClosed = true;
    } finally {
      this.#turn = undefined;
      resolve();
    }
  }

  #nextControl(): Uint8Array | undefined {
    if (this.#isClosed) return undefined;
    if (this.#pong !== undefined) {
      const pong = this.#pong;
      this.#pong = undefined;
      return pong;
    }
    if (this.#close !== undefined) this.#isClosed = true;
    return this.#close;
  }
}
