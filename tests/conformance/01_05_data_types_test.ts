/**
 * MQTT 5 section 1.5, data representation: UTF-8 Encoded Strings, Variable Byte Integers, UTF-8
 * String Pairs, as a broker must read them.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { conformance, everyVersion, only5, since311 } from "./fixture.ts";
import { fromHex, noProperties, packet, properties, string, u16 } from "./wire.ts";

const illFormed: [what: string, bytes: number[]][] = [
  ["a lone high surrogate", [0x61, 0xed, 0xa0, 0x80]],
  ["a surrogate pair", [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
  ["an overlong slash", [0x61, 0xc0, 0xaf]],
  ["an overlong null", [0xc0, 0x80]],
  ["a code point over U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
  ["a byte that never occurs in UTF-8", [0x61, 0xff]],
  ["a character cut short", [0x61, 0xe2, 0x82]],
];

for (const [what, bytes] of illFormed) {
  conformance(since311, `rejects a Topic Name with ${what} [MQTT-1.5.4-1]`, async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(0x30, string(bytes), noProperties(t.version)));
    await client.expectRefusal(ReasonCode.MalformedPacket);
  });
  conformance(
    since311,
    `rejects a Topic Filter with ${what} [MQTT-1.5.4-1] [MQTT-3.8.3-1]`,
    async (t) => {
      const client = await t.connect();
      await client.sendBytes(packet(0x82, u16(1), noProperties(t.version), string(bytes), 0));
      await client.expectRefusal(ReasonCode.MalformedPacket);
    },
  );
}

conformance(
  everyVersion,
  "rejects a Topic Name with U+0000 [MQTT-1.5.4-2] [MQTT-4.7.3-2]",
  async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(0x30, string("a\0b"), noProperties(t.version)));
    await client.expectRefusal(ReasonCode.MalformedPacket);
  },
);

conformance(
  everyVersion,
  "rejects a Topic Filter with U+0000 [MQTT-1.5.4-2] [MQTT-4.7.3-2]",
  async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(0x82, u16(1), noProperties(t.version), string("a\0/#"), 0));
    await client.expectRefusal(ReasonCode.MalformedPacket);
  },
);

conformance(
  everyVersion,
  "rejects a Topic Filter with U+0000 in UNSUBSCRIBE [MQTT-1.5.4-2]",
  async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(0xa2, u16(1), noProperties(t.version), string("a\0")));
    await client.expectRefusal(ReasonCode.MalformedPacket);
  },
);

conformance(
  everyVersion,
  "keeps U+FEFF at the start of a Topic Name and in the middle of it [MQTT-1.5.4-3]",
  async (t) => {
    const client = await t.connect();
    const withMark = `\uFEFF${t.topic("a\uFEFFb")}`;
    await client.subscribe(withMark);
    await client.publish(withMark.replaceAll("\uFEFF", ""), "without");
    await client.publish(withMark, "with");
    await client.expectMessage(withMark, "with");
    await client.expectNothing();
  },
);

conformance(
  everyVersion,
  "takes characters of two, three and four bytes in topics, section 1.5.4",
  async (t) => {
    const client = await t.connect();
    const topicName = t.topic("T\u00fcr/\u6e29\u5ea6/\u{1f321}");
    await client.subscribe(t.topic("T\u00fcr/+/\u{1f321}"));
    await client.publish(topicName, "21");
    await client.expectMessage(topicName, "21");
  },
);

conformance(
  everyVersion,
  "rejects a Remaining Length of five bytes, section 1.5.5",
  async (t) => {
    const client = await t.connect();
    await client.sendBytes(fromHex("30 80 80 80 80 01"));
    await client.expectRefusal(ReasonCode.MalformedPacket, ReasonCode.PacketTooLarge);
  },
);

conformance(
  everyVersion,
  "closes when the Remaining Length of the first packet has five bytes, section 1.5.5",
  async (t) => {
    const client = await t.open();
    await client.sendBytes(fromHex("10 ff ff ff ff 01"));
    assert.equal((await client.readToEnd()).length, 0);
  },
);

conformance(
  only5,
  "rejects a Remaining Length that is not in its shortest form [MQTT-1.5.5-1]",
  async (t) => {
    const client = await t.connect();
    await client.sendBytes(fromHex("c0 80 00"));
    await client.expectRefusal(ReasonCode.MalformedPacket);
  },
);

conformance(
  only5,
  "rejects a Property Length that is not in its shortest form [MQTT-1.5.5-1]",
  async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(0x30, string(t.topic()), [0x80, 0x00]));
    await client.expectRefusal(ReasonCode.MalformedPacket);
  },
);

conformance(
  only5,
  "rejects a Subscription Identifier that is not in its shortest form [MQTT-1.5.5-1]",
  async (t) => {
    const client = await t.connect();
    const list = properties(0x0b, [0x81, 0x00]);
    await client.sendBytes(packet(0x82, u16(1), list, string(t.topic()), 0));
    await client.expectRefusal(ReasonCode.MalformedPacket);
  },
);

conformance(
  only5,
  "rejects a Subscription Identifier of five bytes, section 1.5.5",
  async (t) => {
    const client = await t.connect();
    const list = properties(0x0b, [0x80, 0x80, 0x80, 0x80, 0x01]);
    await client.sendBytes(packet(0x82, u16(1), list, string(t.topic()), 0));
    await client.expectRefusal(ReasonCode.MalformedPacket);
  },
);

conformance(
  only5,
  "rejects a User Property whose name is not UTF-8 [MQTT-1.5.7-1]",
  async (t) => {
    const client = await t.connect();
    const list = properties(0x26, string([0xff]), string("value"));
    await client.sendBytes(packet(0x30, string(t.topic()), list));
    await client.expectRefusal(ReasonCode.MalformedPacket);
  },
);

conformance(
  only5,
  "rejects a User Property whose value has a surrogate [MQTT-1.5.7-1]",
  async (t) => {
    const client = await t.connect();
    const list = properties(0x26, string("name"), string([0xed, 0xa0, 0x80]));
    await client.sendBytes(packet(0x30, string(t.topic()), list));
    await client.expectRefusal(ReasonCode.MalformedPacket);
  },
);

conformance(only5, "rejects a User Property with U+0000 [MQTT-1.5.7-1]", async (t) => {
  const client = await t.connect();
  const list = properties(0x26, string("a\0"), string("value"));
  await client.sendBytes(packet(0x30, string(t.topic()), list));
  await client.expectRefusal(ReasonCode.MalformedPacket);
});

conformance(only5, "takes empty names and values in User Properties, section 1.5.7", async (t) => {
  const client = await t.connect();
  await client.subscribe(t.topic());
  await client.publish(t.topic(), "x", { properties: { userProperties: [["", ""]] } });
  const message = await client.expect(PacketType.Publish);
  assert.deepEqual(message.properties.userProperties, [["", ""]]);
});
