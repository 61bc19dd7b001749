/**
 * MQTT within WebSocket (MQTT 5 section 6), on top of any other transport.
 *
 * Owns the opening handshake as a server and the end of the WebSocket connection; frames are decoded
 * where they were read to. Written by hand, and not with `Deno.serve`, so that back-pressure, limits,
 * the PROXY protocol, client certificates and Unix sockets are what they are without WebSocket, and
 * for speed: for each message of 64 bytes in a frame of its own that comes in, `Deno.upgradeWebSocket`
 * was measured to take 1.4 us of processor time, and this 0.07 us, the system's part of reading included.
 */

import type { Network } from "../access/network.ts";
import { hostAndPort } from "./address_text.ts";
import { forwardedAddress } from "./forwarded_address.ts";
import { type HttpHead, HttpRefusal, MAX_HEAD_BYTES, parseHttpHead } from "./http_head.ts";
import { LeadBuffer } from "./lead_buffer.ts";
import { HandshakeError, openInner, type Peer, type Transport, writeAll } from "./transport.ts";
import { WebSocketDecoder } from "./websocket_decoder.ts";
import { StatusCode } from "./websocket_frame.ts";
import { browserPage, pageResponse } from "./websocket_page.ts";
import {
  acceptUpgrade,
  checkTarget,
  isPlainBrowser,
  refusalResponse,
  type UpgradeRules,
} from "./websocket_upgrade.ts";
import { WebSocketWriter } from "./websocket_writer.ts";

/** Readers with less room than this are read ahead for, when there is more to read. */
const READ_AHEAD_BYTES = 16 * 1024;

export interface WebSocketRules extends UpgradeRules {
  /** Whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly Network[];
}

export class WebSocketTransport implements Transport {
  readonly #inner: Transport;
  readonly #accepted: Peer;
  readonly #rules: WebSocketRules;
  readonly #decoder = new WebSocketDecoder();
  readonly #writer: WebSocketWriter;
  /** What came with the head, or was read ahead, and is not decoded yet. */
  #lead: LeadBuffer | undefined = new LeadBuffer(MAX_HEAD_BYTES);
  /** The reader had too little room for what there was. */
  #mustReadAhead = false;
  #forwardedAddress: string | undefined;

  constructor(inner: Transport, accepted: Peer, rules: WebSocketRules) {
    this.#inner = inner;
    this.#accepted = accepted;
    this.#rules = rules;
    this.#writer = new WebSocketWriter(inner);
  }

  get remoteAddress(): string {
    const forwarded = this.#forwardedAddress;
    return forwarded === undefined ? this.#inner.remoteAddress : hostAndPort(forwarded);
  }

  async open(): Promise<Peer> {
    const peer = await openInner(this.#inner, this.#accepted);
    const lead = this.#lead as LeadBuffer;
    let head: HttpHead;
    try {
      head = await this.#readHead(lead);
      checkTarget(head, this.#rules);
      if (!isPlainBrowser(head)) {
        await this.#answer(acceptUpgrade(head, this.#rules));
        return this.#forwardedPeer(peer, head);
      }
    } catch (error) {
      if (!(error instanceof HttpRefusal)) throw error;
      await this.#answerAndEnd(refusalResponse(error));
      throw new HandshakeError(`WebSocket handshake failed: ${error.message}`);
    }
    const page = browserPage(
      head.headers.get("host"),
      this.#rules.paths.at(-1) ?? "/",
      peer.isEncrypted,
    );
    await this.#answerAndEnd(pageResponse(page));
    throw new HandshakeError("A browser was shown what this address is for");
  }

  async #readHead(lead: LeadBuffer): Promise<HttpHead> {
    while (await lead.readMore(this.#inner)) {
      const head = parseHttpHead(lead.bytes);
      if (head === undefined) continue;
      lead.drop(head.length);
      return head;
    }
    throw new HandshakeError("WebSocket handshake failed: the connection ended before its request");
  }

  #forwardedPeer(peer: Peer, { headers }: HttpHead): Peer {
    const { trustedProxies } = this.#rules;
    const address = forwardedAddress(headers.get("x-forwarded-for"), peer.address, trustedProxies);
    if (address === undefined) return peer;
    this.#forwardedAddress = address;
    return { ...peer, address, remoteAddress: this.remoteAddress };
  }

  async #answer(text: string): Promise<void> {
    await writeAll(this.#inner, new TextEncoder().encode(text));
  }

  async #answerAndEnd(text: string): Promise<void> {
    try {
      await this.#answer(text);
      await this.#inner.closeWrite();
    } catch {
      // The client did not wait for the answer.
    }
  }

  /** Payload of binary frames. At Close, or when the client breaks the protocol, it is answered. */
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

  /** The client answers Close and ends the connection; the one within stays open for that. */
  closeWrite(): Promise<void> {
    return this.#writer.close(StatusCode.Normal);
  }

  close(): void {
    this.#inner.close();
  }
}
