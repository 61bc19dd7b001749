/**
 * MQTT within WebSocket (MQTT 5 section 6), on top of any other transport.
 *
 * Owns the opening handshake as a server; the base class has what follows it. Written by hand, and not
 * with `Deno.serve`, so that back-pressure, limits, the PROXY protocol, client certificates and Unix
 * sockets are what they are without WebSocket, and for speed: for each message of 64 bytes in a frame of
 * its own that comes in, `Deno.upgradeWebSocket` was measured to take 1.4 us of processor time, and this
 * 0.07 us, the system's part of reading included.
 */

import type { Network } from "../access/network.ts";
import { hostAndPort } from "./address_text.ts";
import { forwardedAddress } from "./forwarded_address.ts";
import { type HttpHead, HttpRefusal, MAX_HEAD_BYTES, parseHttpHead } from "./http_head.ts";
import { LeadBuffer } from "./lead_buffer.ts";
import { HandshakeError, openInner, type Peer, type Transport, writeAll } from "./transport.ts";
import { WebSocketDecoder } from "./websocket_decoder.ts";
import { browserPage, pageResponse } from "./websocket_page.ts";
import { WebSocketStream } from "./websocket_stream.ts";
import {
  acceptUpgrade,
  checkTarget,
  isPlainBrowser,
  refusalResponse,
  type UpgradeRules,
} from "./websocket_upgrade.ts";
import { WebSocketWriter } from "./websocket_writer.ts";

export interface WebSocketRules extends UpgradeRules {
  /** Whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly Network[];
}

export class WebSocketTransport extends WebSocketStream {
  readonly #inner: Transport;
  readonly #accepted: Peer;
  readonly #rules: WebSocketRules;
  /** What comes with the head. */
  #lead: LeadBuffer | undefined;
  #forwardedAddress: string | undefined;

  constructor(inner: Transport, accepted: Peer, rules: WebSocketRules) {
    const lead = new LeadBuffer(MAX_HEAD_BYTES);
    super(inner, new WebSocketDecoder(), new WebSocketWriter(inner), lead);
    this.#inner = inner;
    this.#accepted = accepted;
    this.#rules = rules;
    this.#lead = lead;
  }

  override get remoteAddress(): string {
    const forwarded = this.#forwardedAddress;
    return forwarded === undefined ? super.remoteAddress : hostAndPort(forwarded);
  }

  async open(): Promise<Peer> {
    const peer = await openInner(this.#inner, this.#accepted);
    const lead = this.#lead as LeadBuffer;
    this.#lead = undefined;
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
}
