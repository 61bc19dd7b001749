/**
 * MQTT within WebSocket after the opening handshake (RFC 6455 sections 5 and 7), on either side of the
 * connection.
 *
 * Owns the end of the WebSocket connection, and bytes that were read and not decoded yet; frames are
 * decoded where they were read to.
 */

import { LeadBuffer } from "./lead_buffer.ts";
import type { Transport } from "./transport.ts";
import type { WebSocketDecoder } from "./websocket_decoder.ts";
import { StatusCode } from "./websocket_frame.ts";
import type { WebSocketWriter } from "./websocket_writer.ts";

/** Readers with less room than this are read ahead for, when there is more to read. */
const READ_AHEAD_BYTES = 16 * 1024;

export class WebSocketStream implements Transport {
  readonly #inner: Transport;
  readonly #decoder: WebSocketDecoder;
  readonly #writer: WebSocketWriter;
  /** What came with the handshake, or was read ahead, and is not decoded yet. */
  #lead: LeadBuffer | undefined;
  /** The reader had too little room for what there was. */
  #mustReadAhead = false;

  /** `lead`: whatever of it is not taken when reading begins is the start of the stream. */
  constructor(
    inner: Transport,
    decoder: WebSocketDecoder,
    writer: WebSocketWriter,
    lead: LeadBuffer,
  ) {
    this.#inner = inner;
    this.#decoder = decoder;
    this.#writer = writer;
    this.#lead = lead;
  }

  get remoteAddress(): string {
    return this.#inner.remoteAddress;
  }

  /** Payload of binary frames. At Close, or when the other side breaks the protocol, it is answered. */
  async read(buffer: Uint8Array): Promise<number | null> {
    const decoder = this.#decoder;
    for (;;) {
      if (decoder.isClosed) {
        await this.#writer.close(StatusCode.Normal);
        return null;
      }
      if (decoder.failure !== undefined) {
        await this.#writer.close(decoder.failure.status);
        throw new Error(`WebSocket: ${decoder.failure.message}`);
      }
      const count = this.#takeLead(buffer) || await this.#readOn(buffer);
      if (count === null) return null;
      let payloadBytes = decoder.decode(buffer, count);
      // A buffer that is full tells the reader that it should be larger.
      while (this.#lead !== undefined && payloadBytes < buffer.length) {
        const rest = buffer.subarray(payloadBytes);
        payloadBytes += decoder.decode(rest, this.#takeLead(rest));
      }
      this.#answerPing();
      if (payloadBytes > 0) return payloadBytes;
    }
  }

  #takeLead(buffer: Uint8Array): number {
    if (this.#lead === undefined) return 0;
    const count = this.#lead.take(buffer);
    if (count === 0) this.#lead = undefined;
    return count;
  }

  /**
   * Reads what comes next. Without headers it is less than was read: a small buffer would never get
   * full, its reader would never take a larger one, and every few messages would cost a read.
   */
  async #readOn(buffer: Uint8Array): Promise<number | null> {
    if (!this.#mustReadAhead) {
      const count = await this.#inner.read(buffer);
      this.#mustReadAhead = count === buffer.length && count < READ_AHEAD_BYTES;
      return count;
    }
    this.#mustReadAhead = false;
    const lead = new LeadBuffer(READ_AHEAD_BYTES, READ_AHEAD_BYTES);
    if (!await lead.readMore(this.#inner)) return null;
    this.#lead = lead;
    return this.#takeLead(buffer);
  }

  #answerPing(): void {
    const { ping } = this.#decoder;
    if (ping === undefined) return;
    this.#decoder.ping = undefined;
    this.#writer.pong(ping);
  }

  /** One binary message for each call. */
  async write(bytes: Uint8Array): Promise<number> {
    await this.#writer.binary(bytes);
    return bytes.length;
  }

  /** The other side answers Close; the connection within stays open for that. */
  closeWrite(): Promise<void> {
    return this.#writer.close(StatusCode.Normal);
  }

  close(): void {
    this.#inner.close();
  }
}
