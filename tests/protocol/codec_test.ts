import assert from "node:assert/strict";
import { decodePacket, encodePacket } from "../../src/protocol/codec.ts";
import {
  type Packet,
  PacketType,
  type ProtocolVersion,
  type PublishPacket,
} from "../../src/protocol/packet.ts";
import { Writer } from "../../src/protocol/writer.ts";
import {
  assertProtocolError,
  bytesOf,
  decode,
  decodeHex,
  encode,
  hexOf,
  testVectors,
} from "./vector.ts";

testVectors("ping");
testVectors("reserved");

const VERSIONS: ProtocolVersion[] = [3, 4, 5];

function publish(payload: Uint8Array): PublishPacket {
  return {
    type: PacketType.Publish,
    topicName: "t",
    payload,
    qos: 0,
    retain: false,
    duplicate: false,
    packetIdentifier: 0,
    properties: {},
  };
}

Deno.test("decodePacket() reads only what lies between bodyStart and bodyEnd", () => {
  const buffer = bytesOf("ffff 000174 6869 ffff");
  const packet = decodePacket(0x30, buffer, 2, 7, 4);
  assert.deepEqual(packet, publish(bytesOf("6869")));
});

Deno.test("decodePacket() returns packets that own their bytes", () => {
  const buffer = bytesOf("30 05 000174 6869");
  const packet = decode(buffer, 4);
  buffer.fill(0);
  assert.deepEqual(packet, publish(bytesOf("6869")));
});

Deno.test("decodePacket() rejects every reserved flag of every packet [MQTT-2.1.3-1]", () => {
  const required = new Map<number, number>([
    [PacketType.Pubrel, 2],
    [PacketType.Subscribe, 2],
    [PacketType.Unsubscribe, 2],
  ]);
  for (const type of Object.values(PacketType)) {
    if (type === PacketType.Publish) continue;
    for (let flags = 0; flags < 16; flags++) {
      if (flags === (required.get(type) ?? 0)) continue;
      const header = type << 4 | flags;
      const message = assertProtocolError(
        () => decodePacket(header, new Uint8Array(0), 0, 0, 5),
        0x81,
      );
      assert.match(message, /^Cannot decode Fixed Header: flags \d+ in a packet of type \d+, /);
    }
  }
});

Deno.test("decodePacket() lets DUP pass in MQTT 3.1 only where that has it", () => {
  for (const hex of ["6a 02 0001", "8a 06 0001 0001 61 00", "aa 05 0001 0001 61"]) {
    assert.equal(decodeHex(hex, 3).type, parseInt(hex.charAt(0), 16));
    assertProtocolError(() => decodeHex(hex, 4), 0x81);
    assertProtocolError(() => decodeHex(hex, 5), 0x81);
  }
  assertProtocolError(() => decodeHex("48 02 0001", 3), 0x81);
});

Deno.test("encodePacket() writes Remaining Length in its shortest form at every border", () => {
  const borders: [number, string][] = [
    [127, "7f"],
    [128, "8001"],
    [16_383, "ff7f"],
    [16_384, "808001"],
    [2_097_151, "ffff7f"],
    [2_097_152, "80808001"],
  ];
  for (const [remainingLength, hex] of borders) {
    const packet = publish(new Uint8Array(remainingLength - 3).fill(0x5a));
    const encoded = encode(packet, 4);
    assert.equal(hexOf(encoded.subarray(1, 1 + hex.length / 2)), hex);
    assert.equal(encoded.length, 1 + hex.length / 2 + remainingLength);
    const decoded = decode(encoded, 4) as PublishPacket;
    assert.equal(decoded.topicName, "t");
    assert.ok(decoded.payload.length === remainingLength - 3);
    assert.ok(decoded.payload.every((byte) => byte === 0x5a));
  }
});

Deno.test("encodePacket() appends to what the writer already holds", () => {
  const writer = new Writer(1);
  writer.byte(0xee);
  encodePacket(writer, { type: PacketType.Pingreq }, 5);
  encodePacket(writer, { type: PacketType.Pingresp }, 5);
  assert.equal(hexOf(writer.written()), "eec000d000");
});

Deno.test("encodePacket() leaves the writer as it was when it throws", () => {
  const writer = new Writer();
  encodePacket(writer, { type: PacketType.Pingreq }, 5);
  const packet = { ...publish(new Uint8Array(3)), topicName: "a".repeat(65_536) };
  assert.throws(() => encodePacket(writer, packet, 5), RangeError);
  assert.equal(hexOf(writer.written()), "c000");
  encodePacket(writer, { type: PacketType.Pingresp }, 5);
  assert.equal(hexOf(writer.written()), "c000d000");
});

Deno.test("encodePacket() leaves out what the version does not have", () => {
  const packets: [Packet, string][] = [
    [{ ...publish(bytesOf("01")), properties: { contentType: "x" } }, "3004000174 01"],
    [
      {
        type: PacketType.Puback,
        packetIdentifier: 7,
        reasonCode: 0x87,
        properties: { reasonString: "no" },
      },
      "40020007",
    ],
    [
      {
        type: PacketType.Subscribe,
        packetIdentifier: 7,
        subscriptions: [{
          topicFilter: "a",
          qos: 1,
          noLocal: true,
          retainAsPublished: true,
          retainHandling: 2,
        }],
        properties: { subscriptionIdentifiers: [3] },
      },
      "8206 0007 000161 01",
    ],
    [
      {
        type: PacketType.Suback,
        packetIdentifier: 7,
        reasonCodes: [0, 1, 2, 0x80, 0x87, 0x8f, 0x9e],
        properties: { reasonString: "no" },
      },
      "9009 0007 00 01 02 80 80 80 80",
    ],
    [
      {
        type: PacketType.Unsubscribe,
        packetIdentifier: 7,
        topicFilters: ["a"],
        properties: { userProperties: [["a", "b"]] },
      },
      "a205 0007 000161",
    ],
    [
      {
        type: PacketType.Unsuback,
        packetIdentifier: 7,
        reasonCodes: [0, 0x11],
        properties: { reasonString: "no" },
      },
      "b002 0007",
    ],
    [{ type: PacketType.Disconnect, reasonCode: 0, properties: { reasonString: "x" } }, "e000"],
  ];
  for (const [packet, hex] of packets) {
    for (const version of [3, 4] as const) {
      assert.equal(hexOf(encode(packet, version)), hex.replaceAll(" ", ""));
    }
  }
});

Deno.test("encodePacket() writes CONNECT in its own version, whatever is passed", () => {
  for (const protocolVersion of VERSIONS) {
    const packet: Packet = {
      type: PacketType.Connect,
      protocolVersion,
      cleanStart: true,
      keepAlive: 1,
      clientIdentifier: "",
      properties: {},
      bridge: false,
    };
    const encodings = VERSIONS.map((version) => hexOf(encode(packet, version)));
    assert.equal(new Set(encodings).size, 1);
    assert.deepEqual(decodeHex(encodings[0] as string, 4), packet);
  }
});
