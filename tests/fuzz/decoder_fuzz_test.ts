/**
 * Seeded fuzzing of the decoder. `FUZZ_RUNS` sets the runs of each property (1000 without it),
 * `FUZZ_SEED` repeats a run; a failure prints its seed and the smallest case that fails.
 */

import assert from "node:assert/strict";
import * as fc from "fast-check";
import { describePacket } from "../../src/protocol/describe.ts";
import { Framer } from "../../src/protocol/framer.ts";
import { type Packet, PacketType, type ProtocolVersion } from "../../src/protocol/packet.ts";
import { ProtocolError } from "../../src/protocol/reason_code.ts";
import { PacketStream } from "../../src/protocol/stream_decoder.ts";
import { decode, encode } from "../protocol/vector.ts";
import { packetSequence, versionedPacket } from "./packet_arbitrary.ts";

const RUNS = Number(Deno.env.get("FUZZ_RUNS") ?? 1000);
const SEED = Number(Deno.env.get("FUZZ_SEED") ?? Date.now() | 0);

function check<Values extends [unknown, ...unknown[]]>(property: fc.IProperty<Values>): void {
  fc.assert(property, { numRuns: RUNS, seed: SEED });
}

/** The packets of `bytes`, or the Reason Code of the first that cannot be read. */
function decodeStream(bytes: Uint8Array, cuts: number[], version: ProtocolVersion): unknown[] {
  const stream = new PacketStream({ version });
  const borders = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length]
    .sort((left, right) => left - right);
  const results: unknown[] = [];
  let start = 0;
  try {
    for (const end of borders) {
      results.push(...stream.push(bytes.slice(start, end)));
      start = end;
    }
    results.push(...stream.push(new Uint8Array(0)));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    results.push(`ProtocolError 0x${error.reasonCode.toString(16)}: ${error.message}`);
  }
  return results;
}

/** Decodes what need not be a packet. Anything but a packet or a `ProtocolError` is a failure. */
function decodeAnything(bytes: Uint8Array, version: ProtocolVersion): Packet | undefined {
  const framer = new Framer();
  try {
    if (!framer.next(bytes, 0, bytes.length)) return undefined;
    return decode(bytes.subarray(0, framer.bodyEnd), version);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

/** What was read must be writable, and be read as the same again. */
function checkReencoding(packet: Packet, version: ProtocolVersion): void {
  const itsVersion = packet.type === PacketType.Connect ? packet.protocolVersion : version;
  assert.deepEqual(decode(encode(packet, itsVersion), itsVersion), packet);
}

const version = fc.constantFrom<ProtocolVersion[]>(3, 4, 5);
const cuts = fc.array(fc.nat(), { maxLength: 12 });

Deno.test("every packet is decoded as it was encoded", () => {
  check(fc.property(versionedPacket, ({ version, packet }) => {
    assert.deepEqual(decode(encode(packet, version), version), packet);
  }));
});

Deno.test("every proper prefix of a packet is incomplete, whatever follows in the buffer", () => {
  check(fc.property(versionedPacket, fc.nat(255), ({ version, packet }, filler) => {
    const encoded = encode(packet, version);
    const buffer = new Uint8Array(encoded.length + 4).fill(filler);
    buffer.set(encoded);
    const framer = new Framer();
    const step = Math.max(1, encoded.length >> 8);
    for (let end = 0; end < encoded.length; end += step) {
      assert.equal(framer.next(buffer, 0, end), false);
    }
    assert.equal(framer.next(buffer, 0, encoded.length - 1), false);
    assert.equal(framer.next(buffer, 0, encoded.length), true);
    assert.equal(framer.bodyEnd, encoded.length);
  }));
});

Deno.test("packets in a row are the same packets however they are cut", () => {
  check(fc.property(packetSequence, cuts, ({ version, packets }, cuts) => {
    // A CONNECT would switch the stream to its version, which here is the same.
    const bytes = packets.map((packet) => encode(packet, version));
    const whole = new Uint8Array(bytes.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of bytes) {
      whole.set(part, at);
      at += part.length;
    }
    assert.deepEqual(decodeStream(whole, cuts, version), packets);
  }));
});

Deno.test("a body cut short is a ProtocolError or another packet, never another exception", () => {
  check(fc.property(versionedPacket, fc.nat(), ({ version, packet }, cut) => {
    const encoded = encode(packet, version);
    const framer = new Framer();
    assert.ok(framer.next(encoded, 0, encoded.length));
    const length = cut % (encoded.length - framer.bodyStart + 1) & 0x7f;
    const body = encoded.subarray(framer.bodyStart, framer.bodyStart + length);
    const shorter = Uint8Array.of(framer.header, body.length, ...body);
    const decoded = decodeAnything(shorter, version);
    if (decoded !== undefined) checkReencoding(decoded, version);
  }));
});

Deno.test("mutated packets are a ProtocolError or a packet that can be written again", () => {
  const mutations = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
  check(
    fc.property(versionedPacket, mutations, version, ({ version, packet }, mutations, other) => {
      const bytes = encode(packet, version);
      for (const [at, value] of mutations) bytes[at % bytes.length] = value;
      for (const reader of [version, other]) {
        const decoded = decodeAnything(bytes, reader);
        if (decoded === undefined) continue;
        checkReencoding(decoded, reader);
        assert.doesNotMatch(describePacket(decoded, reader), /[\n\r]/);
      }
    }),
  );
});

Deno.test("random bytes are a ProtocolError, a packet or incomplete", () => {
  const random = fc.tuple(fc.nat(255), fc.uint8Array({ maxLength: 60 }), fc.boolean());
  check(fc.property(random, version, ([header, body, framed], version) => {
    const bytes = framed
      ? Uint8Array.of(header, body.length, ...body)
      : Uint8Array.of(header, ...body);
    const decoded = decodeAnything(bytes, version);
    if (decoded !== undefined) checkReencoding(decoded, version);
  }));
});

Deno.test("random streams give the same packets and the same error however they are cut", () => {
  check(fc.property(fc.uint8Array({ maxLength: 80 }), cuts, version, (bytes, cuts, version) => {
    assert.deepEqual(decodeStream(bytes, cuts, version), decodeStream(bytes, [], version));
  }));
});
