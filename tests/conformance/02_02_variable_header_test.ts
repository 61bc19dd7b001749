/**
 * MQTT 5 section 2.2, the Variable Header: Packet Identifiers, and the form of property lists.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { conformance, everyVersion, type Fixture, only5 } from "./fixture.ts";
import { noProperties, packet, properties, string, u16, u32 } from "./wire.ts";

for (const qos of [1, 2] as const) {
  conformance(
    everyVersion,
    `rejects a QoS ${qos} PUBLISH with Packet Identifier 0 [MQTT-2.2.1-3]`,
    async (t) => {
      const client = await t.connect();
      const body = [string(t.topic()), u16(0), noProperties(t.version)].flat();
      await client.sendBytes(packet(0x30 | qos << 1, body));
      await client.expectRefusal(ReasonCode.ProtocolError, ReasonCode.MalformedPacket);
    },
  );
}

conformance(
  everyVersion,
  "rejects a SUBSCRIBE with Packet Identifier 0 [MQTT-2.2.1-3]",
  async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(0x82, u16(0), noProperties(t.version), string(t.topic()), 0));
    await client.expectRefusal(ReasonCode.ProtocolError, ReasonCode.MalformedPacket);
  },
);

conformance(
  everyVersion,
  "rejects an UNSUBSCRIBE with Packet Identifier 0 [MQTT-2.2.1-3]",
  async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(0xa2, u16(0), noProperties(t.version), string(t.topic())));
    await client.expectRefusal(ReasonCode.ProtocolError, ReasonCode.MalformedPacket);
  },
);

conformance(
  everyVersion,
  "gives no Packet Identifier to a QoS 0 PUBLISH [MQTT-2.2.1-2]",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic(), { qos: 2 });
    const before = client.bytesReceived.length;
    await client.sendBytes(packet(0x30, string(t.topic()), noProperties(t.version), 0x78));
    await client.expectMessage(t.topic(), "x");
    const expected = packet(0x30, string(t.topic()), noProperties(t.version), 0x78);
    assert.deepEqual(client.bytesReceived.slice(before), expected);
  },
);

for (const qos of [1, 2] as const) {
  conformance(
    everyVersion,
    `gives each unacknowledged QoS ${qos} PUBLISH an identifier of its own [MQTT-2.2.1-4]`,
    async (t) => {
      const subscriber = await t.connect();
      await subscriber.subscribe(t.topic(), { qos });
      const publisher = await t.connect();
      for (let count = 0; count < 10; count++) {
        await publisher.publish(t.topic(), `${count}`, { qos });
      }
      const identifiers = new Set<number>();
      for (let count = 0; count < 10; count++) {
        identifiers.add((await subscriber.expect(PacketType.Publish)).packetIdentifier);
      }
      assert.equal(identifiers.size, 10);
      assert(!identifiers.has(0));
    },
  );
}

conformance(
  everyVersion,
  "gives an identifier back after PUBACK, and never one in use [MQTT-2.2.1-4] [MQTT-4.3.2-1]",
  async (t) => {
    const subscriber = await t.connect();
    await subscriber.subscribe(t.topic(), { qos: 1 });
    const publisher = await t.connect();
    const held = await sendAndReceive(t, publisher, subscriber, "held");
    for (let count = 0; count < 300; count++) {
      const message = await sendAndReceive(t, publisher, subscriber, `${count}`);
      assert.notEqual(message.packetIdentifier, held.packetIdentifier);
      await subscriber.acknowledge(message);
    }
  },
);

async function sendAndReceive(
  t: Fixture,
  publisher: Awaited<ReturnType<Fixture["connect"]>>,
  subscriber: Awaited<ReturnType<Fixture["connect"]>>,
  payload: string,
) {
  await publisher.publish(t.topic(), payload, { qos: 1 });
  return await subscriber.expect(PacketType.Publish);
}

conformance(
  everyVersion,
  "acknowledges with the identifier of the PUBLISH, up to 65,535 [MQTT-2.2.1-5]",
  async (t) => {
    const client = await t.connect();
    for (const packetIdentifier of [1, 255, 256, 65_535]) {
      await client.publish(t.topic(), "x", { qos: 1, packetIdentifier });
      await client.publish(t.topic(), "x", { qos: 2, packetIdentifier });
    }
    await client.expectNothing();
  },
);

conformance(
  everyVersion,
  "answers SUBSCRIBE and UNSUBSCRIBE with their identifiers [MQTT-2.2.1-6]",
  async (t) => {
    const client = await t.connect();
    const none = noProperties(t.version);
    await client.sendBytes(packet(0x82, u16(65_535), none, string(t.topic()), 0));
    assert.equal((await client.expect(PacketType.Suback)).packetIdentifier, 65_535);
    await client.sendBytes(packet(0xa2, u16(256), none, string(t.topic())));
    assert.equal((await client.expect(PacketType.Unsuback)).packetIdentifier, 256);
  },
);

conformance(
  everyVersion,
  "keeps the identifiers of both directions apart, section 2.2.1",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic(), { qos: 1 });
    await client.publish(t.topic(), "first", { qos: 1 });
    const { packetIdentifier } = await client.expect(PacketType.Publish);
    await client.publish(t.topic("other"), "second", { qos: 1, packetIdentifier });
    await client.sendAcknowledgement(PacketType.Puback, packetIdentifier);
    await client.expectNothing();
  },
);

conformance(only5, "rejects a PUBLISH without a Property Length [MQTT-2.2.2-1]", async (t) => {
  const client = await t.connect();
  await client.sendBytes(packet(0x30, string(t.topic())));
  await client.expectRefusal(ReasonCode.MalformedPacket);
});

conformance(only5, "rejects a Property Length past the packet, section 2.2.2.1", async (t) => {
  const client = await t.connect();
  await client.sendBytes(packet(0x30, string(t.topic()), [5, 0x01, 0x00]));
  await client.expectRefusal(ReasonCode.MalformedPacket);
});

conformance(only5, "rejects a property that is cut short, section 2.2.2.1", async (t) => {
  const client = await t.connect();
  await client.sendBytes(packet(0x30, string(t.topic()), properties(0x02, [0, 0, 0]), [0x78]));
  await client.expectRefusal(ReasonCode.MalformedPacket);
});

conformance(only5, "rejects a property identifier that does not exist, table 2-4", async (t) => {
  const client = await t.connect();
  await client.sendBytes(packet(0x30, string(t.topic()), properties(0x7f, 0x00)));
  await client.expectRefusal(ReasonCode.MalformedPacket, ReasonCode.ProtocolError);
});

/** Each property that PUBLISH may have once, with a value; User Property may repeat. */
const publishProperties: [name: string, bytes: number[]][] = [
  ["Payload Format Indicator", [0x01, 0x00]],
  ["Message Expiry Interval", [0x02, ...u32(60)]],
  ["Content Type", [0x03, ...string("text/plain")]],
  ["Response Topic", [0x08, ...string("answer")]],
  ["Correlation Data", [0x09, ...u16(1), 0xff]],
  ["Topic Alias", [0x23, ...u16(1)]],
];
for (const [name, bytes] of publishProperties) {
  conformance(only5, `rejects a PUBLISH with ${name} twice, section 3.3.2.3`, async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(0x30, string(t.topic()), properties(bytes, bytes)));
    await client.expectRefusal(ReasonCode.ProtocolError, ReasonCode.MalformedPacket);
  });
}

/** Each property that PUBLISH may not have, with a value. */
const foreignProperties: [name: string, bytes: number[]][] = [
  ["Session Expiry Interval", [0x11, ...u32(1)]],
  ["Assigned Client Identifier", [0x12, ...string("a")]],
  ["Server Keep Alive", [0x13, ...u16(1)]],
  ["Authentication Method", [0x15, ...string("a")]],
  ["Authentication Data", [0x16, ...u16(0)]],
  ["Request Problem Information", [0x17, 0x01]],
  ["Will Delay Interval", [0x18, ...u32(1)]],
  ["Request Response Information", [0x19, 0x01]],
  ["Response Information", [0x1a, ...string("a")]],
  ["Server Reference", [0x1c, ...string("a")]],
  ["Reason String", [0x1f, ...string("a")]],
  ["Receive Maximum", [0x21, ...u16(1)]],
  ["Topic Alias Maximum", [0x22, ...u16(1)]],
  ["Maximum QoS", [0x24, 0x01]],
  ["Retain Available", [0x25, 0x01]],
  ["Maximum Packet Size", [0x27, ...u32(1)]],
  ["Wildcard Subscription Available", [0x28, 0x01]],
  ["Subscription Identifier Available", [0x29, 0x01]],
  ["Shared Subscription Available", [0x2a, 0x01]],
];
for (const [name, bytes] of foreignProperties) {
  conformance(only5, `rejects ${name} in PUBLISH, table 2-4`, async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(0x30, string(t.topic()), properties(bytes)));
    await client.expectRefusal(ReasonCode.MalformedPacket, ReasonCode.ProtocolError);
  });
}

/** A property in each other packet that may not carry it. */
const misplaced: [packetName: string, build: (topic: string) => Uint8Array][] = [
  ["SUBSCRIBE", (topic) => packet(0x82, u16(1), properties(0x01, 0x00), string(topic), 0)],
  ["UNSUBSCRIBE", (topic) => packet(0xa2, u16(1), properties(0x0b, 0x01), string(topic))],
  ["PUBACK", () => packet(0x40, u16(1), 0x00, properties(0x02, u32(1)))],
  ["PUBREC", () => packet(0x50, u16(1), 0x00, properties(0x23, u16(1)))],
  ["PUBREL", () => packet(0x62, u16(1), 0x00, properties(0x03, string("a")))],
  ["PUBCOMP", () => packet(0x70, u16(1), 0x00, properties(0x11, u32(1)))],
  ["DISCONNECT", () => packet(0xe0, 0x00, properties(0x21, u16(1)))],
];
for (const [packetName, build] of misplaced) {
  conformance(only5, `rejects ${packetName} with a property of another packet`, async (t) => {
    const client = await t.connect();
    await client.sendBytes(build(t.topic()));
    await client.expectRefusal(ReasonCode.MalformedPacket, ReasonCode.ProtocolError);
  });
}
