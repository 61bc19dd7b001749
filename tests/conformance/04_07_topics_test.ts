/**
 * MQTT 5 section 4.7, Topic Names and Topic Filters: which filters are valid, and which topics each
 * matches.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { conformance, everyVersion } from "./fixture.ts";
import { noProperties, packet, string, u16 } from "./wire.ts";

const { MalformedPacket, ProtocolError, TopicFilterInvalid } = ReasonCode;

const invalidFilters: [topicFilter: string, ruleId: string][] = [
  ["", "[MQTT-4.7.3-1]"],
  ["a#", "[MQTT-4.7.1-1]"],
  ["a/b#", "[MQTT-4.7.1-1]"],
  ["#/a", "[MQTT-4.7.1-1]"],
  ["a/#/b", "[MQTT-4.7.1-1]"],
  ["a/##", "[MQTT-4.7.1-1]"],
  ["#a", "[MQTT-4.7.1-1]"],
  ["a+", "[MQTT-4.7.1-2]"],
  ["+a", "[MQTT-4.7.1-2]"],
  ["a/b+/c", "[MQTT-4.7.1-2]"],
  ["a/++/c", "[MQTT-4.7.1-2]"],
  ["+#", "[MQTT-4.7.1-1]"],
];
for (const [topicFilter, ruleId] of invalidFilters) {
  conformance(
    everyVersion,
    `refuses "${topicFilter}" as a Topic Filter in SUBSCRIBE ${ruleId}`,
    async (t) => {
      const client = await t.connect();
      const none = noProperties(t.version);
      await client.sendBytes(packet(0x82, u16(1), none, string(topicFilter), 0));
      await client.expectRefusal(TopicFilterInvalid, MalformedPacket, ProtocolError);
    },
  );
  conformance(
    everyVersion,
    `refuses "${topicFilter}" as a Topic Filter in UNSUBSCRIBE ${ruleId}`,
    async (t) => {
      const client = await t.connect();
      const none = noProperties(t.version);
      await client.sendBytes(packet(0xa2, u16(1), none, string(topicFilter)));
      await client.expectRefusal(TopicFilterInvalid, MalformedPacket, ProtocolError);
    },
  );
}

/** Filters, the topics under the test's own that each matches, and those it does not. */
const matching: [topicFilter: string, matches: string[], doesNot: string[]][] = [
  ["a", ["a"], ["a/", "/a", "A", "b", "a/b"]],
  ["a/b", ["a/b"], ["a", "a/b/", "a//b", "a/B", "a/b/c"]],
  ["a/", ["a/"], ["a", "a//", "a/b"]],
  ["/a", ["/a"], ["a", "//a", "/a/"]],
  ["+", ["a", "b", " "], ["a/b", "/a", "a/"]],
  ["a/+", ["a/b", "a/"], ["a", "a/b/c", "/a/b"]],
  ["+/a", ["b/a", "/a"], ["a", "b/b", "c/b/a"]],
  ["+/+", ["a/b", "/a", "a/", "/"], ["a", "a/b/c", "//a"]],
  ["a/+/c", ["a/b/c", "a//c"], ["a/c", "a/b/b/c", "a/b"]],
  ["#", ["a", "a/b/c", "/", "/a", "a//"], []],
  ["a/#", ["a", "a/", "a/b", "a/b/c/d", "a//"], ["b", "/a", "aa", "aa/b"]],
  ["+/b/#", ["a/b", "a/b/c", "/b"], ["b", "a/c", "a/a/b"]],
  ["a//b", ["a//b"], ["a/b", "a///b"]],
  ["a b/c", ["a b/c"], ["ab/c", "a  b/c"]],
  ["a/b/+/#", ["a/b/c", "a/b/", "a/b/c/d/e"], ["a/b", "a"]],
  ["a.b*?", ["a.b*?"], ["aXb", "a.bb", "a.b"]],
];
for (const [topicFilter, matches, doesNot] of matching) {
  conformance(
    everyVersion,
    `matches "${topicFilter}" level by level, section 4.7.1 [MQTT-4.7.3-4]`,
    async (t) => {
      const client = await t.connect();
      await client.subscribe(t.topic(topicFilter));
      for (const levels of [...matches, ...doesNot]) await client.publish(t.topic(levels), "x");
      const received = client.inbox.splice(0).map((message) =>
        message.type === PacketType.Publish ? message.topicName : message.type
      );
      assert.deepEqual(received, matches.map((levels) => t.topic(levels)));
    },
  );
}

conformance(
  everyVersion,
  "does not fold different forms of one character [MQTT-4.7.3-4]",
  async (t) => {
    const client = await t.connect();
    const [composed, decomposed] = [t.topic("\u00e9"), t.topic("e\u0301")];
    await client.subscribe(composed);
    await client.publish(decomposed, "no");
    await client.publish(composed, "yes");
    await client.expectMessage(composed, "yes");
    await client.expectNothing();
  },
);

conformance(
  everyVersion,
  'matches no topic that starts with "$" by a leading wildcard [MQTT-4.7.2-1]',
  async (t) => {
    const client = await t.connect();
    for (const topicFilter of ["#", "+/#", "+/broker/#", "+/broker/version"]) {
      await client.subscribe(topicFilter);
    }
    await client.barrier();
    const publishes = client.inbox.filter((received) => received.type === PacketType.Publish);
    assert.deepEqual(publishes.filter(({ topicName }) => topicName.startsWith("$")), []);
  },
);

conformance(
  everyVersion,
  'matches topics that start with "$" by filters that do as well [MQTT-4.7.2-1]',
  async (t) => {
    for (const topicFilter of ["$SYS/#", "$SYS/+/version", "$SYS/broker/version"]) {
      const client = await t.connect();
      await client.subscribe(topicFilter);
      const topics = new Set<string>();
      while (!topics.has("$SYS/broker/version")) {
        topics.add((await client.expect(PacketType.Publish)).topicName);
      }
      assert([...topics].every((topicName) => topicName.startsWith("$SYS/")));
    }
  },
);

conformance(
  everyVersion,
  "takes a topic of 1,000 bytes, section 4.7.3",
  async (t) => {
    const client = await t.connect();
    const topicName = t.topic("x".repeat(1_000 - t.topic("").length));
    assert.equal(topicName.length, 1_000);
    await client.subscribe(topicName);
    await client.publish(topicName, "x");
    await client.expectMessage(topicName, "x");
  },
);

conformance(
  everyVersion,
  "takes topics of many levels and topics of empty levels, section 4.7.1.1",
  async (t) => {
    const client = await t.connect();
    const deep = t.topic(Array.from({ length: 60 }, (_, at) => `${at % 10}`).join("/"));
    const empty = t.topic("/".repeat(60));
    await client.subscribe(t.topic("#"));
    await client.publish(deep, "deep");
    await client.publish(empty, "empty");
    await client.expectMessage(deep, "deep");
    await client.expectMessage(empty, "empty");
  },
);
