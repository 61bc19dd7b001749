/**
 * The opening handshake of WebSocket (RFC 6455 section 4.2), and what everybody else is told who
 * comes to the listener.
 *
 * Owns which requests become WebSocket connections: right path, version 13, a subprotocol that is
 * MQTT, an allowed origin. Pure.
 */

import { createHash } from "node:crypto";
import type { HttpHead } from "./http_head.ts";
import { HttpRefusal, listItems } from "./http_head.ts";

export interface UpgradeRules {
  readonly paths: readonly string[];
  /** Web pages that may connect; none: all. */
  readonly origins: readonly string[];
}

/** What RFC 6455 appends to the key. */
const KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The name for all versions of MQTT, and the one that some clients of MQTT 3.1 use. */
const SUBPROTOCOLS = ["mqtt", "mqttv3.1"];

const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  426: "Upgrade Required",
  431: "Request Header Fields Too Large",
};

/** Whether a browser wants to show something. */
export function isPlainBrowser(head: HttpHead): boolean {
  return head.headers.get("upgrade") === undefined;
}

/** Throws an HttpRefusal when the method or the path is not served. */
export function checkTarget({ method, path }: HttpHead, { paths }: UpgradeRules): void {
  if (method !== "GET") throw new HttpRefusal(405, `The method is ${method}, served is GET`);
  if (paths.includes(path)) return;
  throw new HttpRefusal(404, `Nothing is served at this path; served: ${paths.join(" ")}`);
}

/** The answer that makes it a WebSocket connection. Throws an HttpRefusal. */
export function acceptUpgrade(head: HttpHead, { origins }: UpgradeRules): string {
  const { headers } = head;
  if (!hasToken(headers.get("upgrade"), "websocket")) {
    throw new HttpRefusal(400, "The header Upgrade does not name websocket");
  }
  if (!hasToken(headers.get("connection"), "upgrade")) {
    throw new HttpRefusal(400, "The header Connection does not name Upgrade");
  }
  const version = headers.get("sec-websocket-version");
  if (version !== "13") {
    throw new HttpRefusal(426, "The header Sec-WebSocket-Version is not 13");
  }
  const key = headers.get("sec-websocket-key");
  if (key === undefined || !/^[A-Za-z0-9+/]{22}==$/.test(key)) {
    throw new HttpRefusal(400, "The header Sec-WebSocket-Key is not 16 bytes in base64");
  }
  checkOrigin(headers.get("origin"), origins);
  const subprotocol = chooseSubprotocol(headers.get("sec-websocket-protocol"));
  return [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptKey(key)}`,
    `Sec-WebSocket-Protocol: ${subprotocol}`,
    "",
    "",
  ].join("\r\n");
}

function hasToken(value: string | undefined, token: string): boolean {
  return listItems(value).some((item) => item.toLowerCase() === token);
}

/** What is not a browser sends no origin, or any that it likes: it is not held up. */
function checkOrigin(origin: string | undefined, origins: readonly string[]): void {
  if (origin === undefined || origins.length === 0) return;
  const wanted = originOf(origin);
  if (origins.some((allowed) => originOf(allowed) === wanted)) return;
  throw new HttpRefusal(403, "The origin of the web page is not in websocket.origins");
}

function originOf(text: string): string {
  return text.toLowerCase().replace(/\/$/, "");
}

/** The client names what it speaks [MQTT-6.0.0-3], and is answered with "mqtt" [MQTT-6.0.0-4]. */
function chooseSubprotocol(offered: string | undefined): string {
  const offers = listItems(offered);
  const chosen = SUBPROTOCOLS.find((name) => offers.includes(name));
  if (chosen !== undefined) return chosen;
  throw new HttpRefusal(400, "The header Sec-WebSocket-Protocol does not offer mqtt");
}

/** Section 4.2.2, item 5.4. */
export function acceptKey(key: string): string {
  return createHash("sha1").update(key + KEY_SUFFIX).digest("base64");
}

/** The whole answer to a request that is not served. */
export function refusalResponse({ status, message }: HttpRefusal): string {
  const body = `${message}.\n`;
  const lines = [
    `HTTP/1.1 ${status} ${REASONS[status] ?? "Error"}`,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${new TextEncoder().encode(body).length}`,
    "X-Content-Type-Options: nosniff",
    "Connection: close",
  ];
  if (status === 426) lines.push("Upgrade: websocket", "Sec-WebSocket-Version: 13");
  if (status === 405) lines.push("Allow: GET");
  return [...lines, "", body].join("\r\n");
}
