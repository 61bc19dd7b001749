/**
 * MQTT within WebSocket (MQTT 5 section 6), as a client, on top of any other transport.
 *
 * Owns the opening handshake (RFC 6455 section 4.1); the base class has what follows it.
 */

import { messageOf } from "../error_text.ts";
import { hostAndPort } from "../transport/address_text.ts";
import { endOfHead, HttpRefusal, MAX_HEAD_BYTES, parseHeaders } from "../transport/http_head.ts";
import { LeadBuffer } from "../transport/lead_buffer.ts";
import { type Transport, writeAll } from "../transport/transport.ts";
import { WebSocketDecoder } from "../transport/websocket_decoder.ts";
import { WebSocketStream } from "../transport/websocket_stream.ts";
import { acceptKey } from "../transport/websocket_upgrade.ts";
import { WebSocketWriter } from "../transport/websocket_writer.ts";
import { ConnectError } from "./connect_error.ts";
import type { Endpoint } from "./endpoint.ts";
import { CLOSED, explainLoss } from "./loss_text.ts";
import { ClientFrames } from "./websocket_frames.ts";

const SUBPROTOCOL = "mqtt";
const DOUBT = "does it speak WebSocket there?";

/** What a server answers to a path, or a client, that it does not serve. */
const HINTS: Readonly<Record<number, string>> = {
  401: "it wants a login that is not MQTT's",
  403: "it does not allow it",
  404: "there is no WebSocket at this path; the usual one is /mqtt",
  426: "it does not speak this version of WebSocket",
};

export class WebSocketClientTransport extends WebSocketStream {
  readonly #inner: Transport;
  readonly #lead: LeadBuffer;

  /** Owns `inner`, which is open. */
  constructor(inner: Transport) {
    const lead = new LeadBuffer(MAX_HEAD_BYTES);
    const writer = new WebSocketWriter(inner, new ClientFrames());
    super(inner, new WebSocketDecoder("server"), writer, lead);
    this.#inner = inner;
    this.#lead = lead;
  }

  /** To be called once, before anything but `close`. Rejects with a `ConnectError`. */
  async handshake(endpoint: Endpoint, path: string): Promise<void> {
    const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
    const failure = (why: string) =>
      new ConnectError("websocket", `Cannot connect to ${this.remoteAddress}: ${why}`);
    let head: string;
    try {
      await writeAll(this.#inner, new TextEncoder().encode(requestHead(endpoint, path, key)));
      head = await this.#readHead(failure);
    } catch (error) {
      if (error instanceof ConnectError) throw error;
      throw failure(`${explainLoss(messageOf(error))}; ${DOUBT}`);
    }
    const why = faultOf(head, key);
    if (why !== undefined) throw failure(why);
  }

  /** The head of the answer, without its last empty line. */
  async #readHead(failure: (why: string) => ConnectError): Promise<string> {
    const lead = this.#lead;
    while (!lead.isFull && await lead.readMore(this.#inner)) {
      const { bytes } = lead;
      if (!startsAsHttp(bytes)) throw failure("the server does not speak WebSocket there");
      const length = endOfHead(bytes);
      if (length === undefined) continue;
      lead.drop(length);
      return new TextDecoder("latin1").decode(bytes.subarray(0, length - 4));
    }
    throw failure(
      lead.isFull
        ? `the server's answer has more than ${MAX_HEAD_BYTES} bytes of headers`
        : `${CLOSED}; ${DOUBT}`,
    );
  }
}

function requestHead(endpoint: Endpoint, path: string, key: string): string {
  const { host, port, tls } = endpoint;
  const isUsual = port === (tls === undefined ? 80 : 443);
  return [
    `GET ${asTarget(path)} HTTP/1.1`,
    `Host: ${hostAndPort(host, isUsual ? undefined : port)}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`, // [MQTT-6.0.0-3]
    "",
    "",
  ].join("\r\n");
}

/** Whatever is given becomes one target: no spaces, no line ends. */
function asTarget(path: string): string {
  const absolute = path.startsWith("/") ? path : `/${path}`;
  return absolute.replace(/[^!-~]/gu, (character) => encodeURIComponent(character));
}

function startsAsHttp(bytes: Uint8Array): boolean {
  const start = "HTTP/1.1 ";
  const count = Math.min(bytes.length, start.length);
  return new TextDecoder("latin1").decode(bytes.subarray(0, count)) === start.slice(0, count);
}

/** Why the answer is not the one that opens a connection, if it is not. */
function faultOf(head: string, key: string): string | undefined {
  const [statusLine = "", ...lines] = head.split("\r\n");
  const [, status = "", reason = ""] = /^HTTP\/1\.1 (\d{3}) ?(.*)$/.exec(statusLine) ?? [];
  if (status !== "101") {
    const answer = `the server answered "${status} ${reason}".`.replace(/ ?"\.$/, '"');
    const hint = HINTS[Number(status)] ?? DOUBT;
    return `${answer}; ${hint}`;
  }
  let headers: ReadonlyMap<string, string>;
  try {
    headers = parseHeaders(lines);
  } catch (error) {
    if (error instanceof HttpRefusal) return "the server's answer is not one of HTTP/1.1";
    throw error;
  }
  if (headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return "the server's answer does not name websocket";
  }
  if (headers.get("sec-websocket-accept") !== acceptKey(key)) {
    return "the server's answer does not fit the request; does a proxy stand between?";
  }
  if (headers.get("sec-websocket-protocol") !== SUBPROTOCOL) {
    return "the server does not speak MQTT in its WebSockets";
  }
  return undefined;
}
