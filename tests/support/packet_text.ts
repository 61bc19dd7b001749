/**
 * Packets and bytes in words, for the messages of failing tests. Owns nothing.
 */

import { packetName } from "../../src/protocol/describe.ts";
import type { Packet } from "../../src/protocol/packet.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function asBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? encoder.encode(data) : data;
}

export function asText(data: Uint8Array): string {
  return decoder.decode(data);
}

/** One byte as two hexadecimal digits. */
export function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** A packet in one line: its name and what its fields hold, payloads cut short. */
export function describePacket(packet: Packet): string {
  const { type, ...fields } = packet;
  const text = JSON.stringify(fields, (_key, value) => {
    if (!(value instanceof Uint8Array)) return value;
    return value.length > 40 ? `${value.length} bytes` : asText(value);
  });
  return `${packetName(type)} ${text}`;
}
