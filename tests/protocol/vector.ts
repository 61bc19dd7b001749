/**
 * Byte vectors of `tests/vectors/` and what tests of the codec share.
 *
 * A vector is `{ name, version, hex, packet }` or `{ name, version, hex, error }`. Spaces in `hex`
 * only separate fields. Reason Codes and binary data are hex strings, packet types their names;
 * absent properties are none. `decodeOnly` marks bytes that are legal but not the form we write.
 */

import assert from "node:assert/strict";
import { decodePacket, encodePacket } from "../../src/protocol/codec.ts";
import { Framer } from "../../src/protocol/framer.ts";
import { type Packet, PacketType, type ProtocolVersion } from "../../src/protocol/packet.ts";
import { ProtocolError } from "../../src/protocol/reason_code.ts";
import { Writer } from "../../src/protocol/writer.ts";

export interface Vector {
  name: string;
  version: ProtocolVersion;
  hex: string;
  packet?: Record<string, unknown>;
  error?: string;
  decodeOnly?: boolean;
}

const BINARY_FIELDS = new Set(["payload", "password", "correlationData", "authenticationData"]);

export function bytesOf(hex: string): Uint8Array {
  const digits = hex.replaceAll(" ", "");
  assert.match(digits, /^([0-9a-f]{2})*$/);
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Decodes bytes that hold exactly one packet. */
export function decode(bytes: Uint8Array, version: ProtocolVersion): Packet {
  const framer = new Framer();
  assert.ok(framer.next(bytes, 0, bytes.length), "the packet is not complete");
  assert.equal(framer.bodyEnd, bytes.length, "bytes follow the packet");
  return decodePacket(framer.header, bytes, framer.bodyStart, framer.bodyEnd, version);
}

export function decodeHex(hex: string, version: ProtocolVersion): Packet {
  return decode(bytesOf(hex), version);
}

export function encode(packet: Packet, version: ProtocolVersion): Uint8Array {
  const writer = new Writer(1); // Starts too small, so that growing is exercised everywhere.
  encodePacket(writer, packet, version);
  return writer.written();
}

export function encodeHex(packet: Packet, version: ProtocolVersion): string {
  return hexOf(encode(packet, version));
}

/** Asserts that `action` throws a `ProtocolError` with this Reason Code, and returns its message. */
export function assertProtocolError(action: () => unknown, reasonCode: number): string {
  try {
    action();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    assert.equal(`0x${error.reasonCode.toString(16)}`, `0x${reasonCode.toString(16)}`);
    assert.match(error.message, /^Cannot (decode|accept) .*[^.]$/);
    return error.message;
  }
  assert.fail("no ProtocolError was thrown");
}

/** Registers a test that runs every vector of `tests/vectors/<file>.json` both ways. */
export function testVectors(file: string): void {
  Deno.test(`every vector of ${file}.json is decoded and encoded as it says`, async () => {
    const url = new URL(`../vectors/${file}.json`, import.meta.url);
    const vectors = JSON.parse(await Deno.readTextFile(url)) as Vector[];
    assert.ok(vectors.length > 0);
    const failures: string[] = [];
    for (const vector of vectors) {
      try {
        runVector(vector);
      } catch (error) {
        failures.push(`${vector.name} (version ${vector.version}): ${error}`);
      }
    }
    assert.deepEqual(failures, []);
  });
}

function runVector({ version, hex, packet, error, decodeOnly }: Vector): void {
  if (error !== undefined) {
    assert.equal(packet, undefined, "a vector has either a packet or an error");
    assertProtocolError(() => decodeHex(hex, version), Number(error));
    return;
  }
  assert.ok(packet, "a vector has either a packet or an error");
  const expected = toPacket(packet);
  // CONNECT tells its own version, so it must not matter what is passed.
  const passed = expected.type === PacketType.Connect ? 4 : version;
  assert.deepEqual(decodeHex(hex, passed), expected);
  const encoded = encodeHex(expected, version);
  if (decodeOnly) assert.deepEqual(decodeHex(encoded, passed), expected);
  else assert.equal(encoded, hex.replaceAll(" ", ""));
}

/** The packet that a vector's JSON stands for. */
export function toPacket(json: Record<string, unknown>): Packet {
  const packet = convert(json) as Record<string, unknown>;
  const type = Object.entries(PacketType).find(([name]) => name.toUpperCase() === json.type);
  assert.ok(type, `unknown packet type ${json.type}`);
  packet.type = type[1];
  if (type[1] !== PacketType.Pingreq && type[1] !== PacketType.Pingresp) packet.properties ??= {};
  if (type[1] === PacketType.Connect) packet.bridge ??= false;
  const will = packet.will as Record<string, unknown> | undefined;
  if (will !== undefined) will.properties ??= {};
  return packet as unknown as Packet;
}

function convert(json: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(json)) {
    if (BINARY_FIELDS.has(name)) result[name] = bytesOf(value as string);
    else if (name === "reasonCode") result[name] = Number(value);
    else if (name === "reasonCodes") result[name] = (value as string[]).map(Number);
    else if (name === "properties" || name === "will") {
      result[name] = convert(value as Record<string, unknown>);
    } else result[name] = value;
  }
  return result;
}
