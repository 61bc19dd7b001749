/**
 * MQTT 5 section 2.1, the Fixed Header: packet types, reserved flags, Remaining Length, and packets
 * that arrive in pieces or many at a time.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { conformance, everyVersion, only311, only5, since311 } from "./fixture.ts";
import { fromHex, joined, noProperties, packet, protocolOf, string, u16 } from "./wire.ts";

conformance(everyVersion, "rejects packet type 0, section 2.1.2", async (t) => {
  const client = await t.connect();
  await client.sendBytes(fromHex("00 00"));
  await client.expectRefusal(ReasonCode.MalformedPacket, ReasonCode.ProtocolError);
});

conformance(only311, "rejects packet type 15, section 2.2.1 of MQTT 3.1.1", async (t) => {
  const client = await t.connect();
  await client.sendBytes(fromHex("f0 00"));
  await client.expectRefusal();
});

const serverPackets: [name: string, hex: string][] = [
  ["CONNACK", "20 02 00 00"],
  ["SUBACK", "90 03 00 01 00"],
  ["UNSUBACK", "b0 02 00 01"],
  ["PINGRESP", "d0 00"],
];
for (const [name, bytes] of serverPackets) {
  conformance(everyVersion, `rejects ${name}, which only a server sends, table 2-1`, async (t) => {
    const client = await t.connect();
    await client.sendBytes(fromHex(bytes));
    await client.expectRefusal(ReasonCode.ProtocolError, ReasonCode.MalformedPacket);
  });
}

/** First byte with wrong flags, and the body that would be right for MQTT 3.1.1 and 5. */
const wrongFlags: [name: string, firstByte: number, body: (version: 3 | 4 | 5) => Uint8Array][] = [
  ["PUBACK", 0x41, () => joined(u16(1))],
  ["PUBREC", 0x52, () => joined(u16(1))],
  ["PUBCOMP", 0x78, () => joined(u16(1))],
  ["PINGREQ", 0xc1, () => joined()],
];
for (const [name, firstByte, body] of wrongFlags) {
  conformance(since311, `rejects ${name} with a reserved flag set [MQTT-2.1.3-1]`, async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(firstByte, body(t.version)));
    await client.expectRefusal(ReasonCode.MalformedPacket);
  });
}

conformance(since311, "closes when CONNECT has a reserved flag set [MQTT-2.1.3-1]", async (t) => {
  const client = await t.open();
  const body = [protocolOf[t.version], 0x02, u16(0), noProperties(t.version)].flat();
  await client.sendBytes(packet(0x11, body, string(t.clientIdentifier())));
  const answer = await client.readToEnd();
  // A CONNACK is possible in MQTT 5 only, and there it is up to the broker.
  if (t.version === 5 && answer.length > 0) {
    assert.deepEqual([answer[0], answer[2], answer[3]], [0x20, 0x00, 0x81]);
  } else {
    assert.equal(answer.length, 0);
  }
});

conformance(everyVersion, "rejects PINGREQ with a body, section 3.12.1", async (t) => {
  const client = await t.connect();
  await client.sendBytes(fromHex("c0 01 00"));
  await client.expectRefusal(ReasonCode.MalformedPacket, ReasonCode.ProtocolError);
});

conformance(everyVersion, "rejects a PUBLISH too short for its topic, section 1.5.4", async (t) => {
  const client = await t.connect();
  await client.sendBytes(packet(0x30, u16(12), [0x61, 0x62, 0x63]));
  await client.expectRefusal(ReasonCode.MalformedPacket);
});

conformance(everyVersion, "rejects a PUBLISH without a body, section 3.3.2", async (t) => {
  const client = await t.connect();
  await client.sendBytes(fromHex("30 00"));
  await client.expectRefusal(ReasonCode.MalformedPacket);
});

conformance(
  everyVersion,
  "rejects a QoS 1 PUBLISH that ends before its Packet Identifier, section 3.3.2.2",
  async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(0x32, string(t.topic()), 0x00));
    await client.expectRefusal(ReasonCode.MalformedPacket);
  },
);

for (const [name, firstByte] of [["PUBACK", 0x40], ["PUBREC", 0x50], ["PUBREL", 0x62]] as const) {
  conformance(everyVersion, `rejects ${name} without a Packet Identifier`, async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(firstByte, 0x00));
    await client.expectRefusal(ReasonCode.MalformedPacket);
  });
}

conformance(
  only311,
  "rejects a PUBACK with more than a Packet Identifier, section 3.4.1 of MQTT 3.1.1",
  async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(0x40, u16(1), 0x00));
    await client.expectRefusal();
  },
);

conformance(
  only311,
  "takes a Remaining Length that is not in its shortest form: MQTT 3.1.1 does not forbid it",
  async (t) => {
    const client = await t.connect();
    await client.sendBytes(fromHex("c0 80 80 00"));
    await client.expect(PacketType.Pingresp);
  },
);

conformance(everyVersion, "reads a packet that arrives byte by byte, section 4.2", async (t) => {
  const client = await t.connect();
  await client.subscribe(t.topic());
  const bytes = packet(0x30, string(t.topic()), noProperties(t.version), [0x68, 0x69]);
  for (const byte of bytes) {
    await client.sendBytes(Uint8Array.of(byte));
    await new Promise((resolve) => setTimeout(resolve)); // Lets the byte travel alone.
  }
  await client.expectMessage(t.topic(), "hi");
});

conformance(everyVersion, "answers packets that arrive together in order", async (t) => {
  const client = await t.connect();
  const none = noProperties(t.version);
  await client.sendBytes(joined(
    packet(0x82, u16(7), none, string(t.topic()), 0),
    packet(0x32, string(t.topic("elsewhere")), u16(8), none),
    packet(0xc0),
    packet(0xa2, u16(9), none, string(t.topic())),
    packet(0xc0),
  ));
  const types = [];
  for (let count = 0; count < 5; count++) types.push((await client.receive()).type);
  assert.deepEqual(types, [
    PacketType.Suback,
    PacketType.Puback,
    PacketType.Pingresp,
    PacketType.Unsuback,
    PacketType.Pingresp,
  ]);
});

conformance(everyVersion, "carries a payload of 200,000 bytes unaltered", async (t) => {
  const client = await t.connect();
  await client.subscribe(t.topic(), { qos: 1 });
  const payload = Uint8Array.from({ length: 200_000 }, (_, at) => at * 31 >> 3);
  await client.publish(t.topic(), payload, { qos: 1 });
  const message = await client.expect(PacketType.Publish);
  assert.deepEqual(message.payload, payload);
});

conformance(only5, "rejects a packet over the announced Maximum Packet Size", async (t) => {
  const client = await t.connect();
  const limit = client.connack.properties.maximumPacketSize;
  assert(limit !== undefined, "The broker announces no Maximum Packet Size");
  // Three bytes of Remaining Length, or four, take the packet over the limit by themselves.
  await client.sendBytes(joined(0x30, remainingLengthOf(limit), string(t.topic())));
  await client.expectRefusal(ReasonCode.PacketTooLarge);
});

function remainingLengthOf(value: number): number[] {
  return value < 128 ? [value] : [value & 0x7f | 0x80, ...remainingLengthOf(value >>> 7)];
}
