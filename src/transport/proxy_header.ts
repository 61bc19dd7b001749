/**
 * The header of the PROXY protocol, version 1 (text) and 2 (binary), that a proxy sends before
 * everything else to say for whom it connects.
 *
 * Owns its syntax; told apart by its first bytes. Pure. Trailing values (TLV) are skipped. See "The
 * PROXY protocol, versions 1 & 2" by HAProxy. Invariant: nothing is taken for a header that is not
 * one to the last byte.
 */

import { isIPv4, isIPv6 } from "node:net";
import { oneSpelling } from "./address_text.ts";
import { HandshakeError } from "./transport.ts";

/** The longest header of version 1, its CR LF included; sections 2.1 of the specification. */
export const MAX_V1_BYTES = 107;

/** The longest header of version 2 that is taken: addresses and 504 bytes of other values. */
export const MAX_V2_BYTES = 536;

/** Where the client is, by the word of the proxy. */
export interface ProxyHeader {
  /** Bytes of the header; what follows is the client's. */
  readonly length: number;
  /** Undefined: the proxy speaks for itself (LOCAL), or does not know (UNKNOWN). */
  readonly source: ProxySource | undefined;
}

export interface ProxySource {
  /** IP address without port; empty for a Unix socket. */
  readonly address: string;
  readonly port: number;
}

const V2_SIGNATURE = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10];
const V2_FIXED_BYTES = 16;
const V1_START = [80, 82, 79, 88, 89, 32]; // "PROXY "

const CR = 13;
const LF = 10;

/** Undefined: not all of the header is in `bytes` yet. Throws a HandshakeError. */
export function parseProxyHeader(bytes: Uint8Array): ProxyHeader | undefined {
  if (startsLike(bytes, V2_SIGNATURE)) return parseV2(bytes);
  if (startsLike(bytes, V1_START)) return parseV1(bytes);
  throw new HandshakeError("Cannot decode PROXY header: the connection does not begin with one");
}

/** Whether `bytes` begins with `start`, as far as there are bytes. */
function startsLike(bytes: Uint8Array, start: readonly number[]): boolean {
  const count = Math.min(bytes.length, start.length);
  for (let index = 0; index < count; index++) {
    if (bytes[index] !== start[index]) return false;
  }
  return true;
}

function parseV1(bytes: Uint8Array): ProxyHeader | undefined {
  const end = bytes.subarray(0, MAX_V1_BYTES).indexOf(LF);
  if (end === -1) {
    if (bytes.length < MAX_V1_BYTES) return undefined;
    throw new HandshakeError(`Cannot decode PROXY header: no end in ${MAX_V1_BYTES} bytes`);
  }
  if (bytes[end - 1] !== CR) {
    throw new HandshakeError("Cannot decode PROXY header: no CR before LF");
  }
  const line = String.fromCharCode(...bytes.subarray(0, end - 1));
  const length = end + 1;
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) return { length, source: undefined };
  return { length, source: parseV1Source(line) };
}

function parseV1Source(line: string): ProxySource {
  const words = line.split(" ");
  const [, family, address = "", destination = "", port = "", destinationPort = ""] = words;
  const isAddress = family === "TCP4" ? isIPv4 : isIPv6;
  const isRight = words.length === 6 && (family === "TCP4" || family === "TCP6") &&
    isAddress(address) && isAddress(destination) && !line.includes("%") &&
    isPort(port) && isPort(destinationPort);
  if (!isRight) throw new HandshakeError("Cannot decode PROXY header: not a line of version 1");
  return { address: oneSpelling(address), port: Number(port) };
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

function parseV2(bytes: Uint8Array): ProxyHeader | undefined {
  if (bytes.length < V2_FIXED_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const versionAndCommand = view.getUint8(12);
  const command = versionAndCommand & 0x0f;
  if (versionAndCommand >> 4 !== 2 || command > 1) {
    const hex = versionAndCommand.toString(16).padStart(2, "0");
    throw new HandshakeError(`Cannot decode PROXY header: version and command are 0x${hex}`);
  }
  const length = V2_FIXED_BYTES + view.getUint16(14);
  if (length > MAX_V2_BYTES) {
    throw new HandshakeError(
      `Cannot decode PROXY header: ${length} bytes announced, allowed are ${MAX_V2_BYTES}`,
    );
  }
  if (bytes.length < length) return undefined;
  const source = command === 0 ? undefined : parseV2Source(bytes.subarray(0, length), view);
  return { length, source };
}

/** Bytes of both addresses and ports, by address family. */
const V2_ADDRESS_BYTES: Readonly<Record<number, number>> = { 0: 0, 1: 12, 2: 36, 3: 216 };

function parseV2Source(header: Uint8Array, view: DataView): ProxySource | undefined {
  const family = view.getUint8(13) >> 4;
  const transport = view.getUint8(13) & 0x0f;
  const needed = V2_ADDRESS_BYTES[family];
  if (needed === undefined || transport > 2) {
    throw new HandshakeError(`Cannot decode PROXY header: unknown address family ${family}`);
  }
  if (header.length - V2_FIXED_BYTES < needed) {
    throw new HandshakeError(
      `Cannot decode PROXY header: ${header.length - V2_FIXED_BYTES} bytes for addresses, ` +
        `${needed} needed`,
    );
  }
  if (family === 0) return undefined;
  if (family === 3) return { address: "", port: 0 };
  if (family === 1) {
    return { address: header.subarray(16, 20).join("."), port: view.getUint16(24) };
  }
  return { address: oneSpelling(ipv6Text(view)), port: view.getUint16(48) };
}

function ipv6Text(view: DataView): string {
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(16 + index * 2));
  return groups.map((group) => group.toString(16)).join(":");
}
