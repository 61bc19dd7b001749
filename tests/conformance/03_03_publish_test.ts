/**
 * MQTT 5 section 3.3.2 and 3.3.4, PUBLISH: Topic Name, the properties that are passed on, and the
 * answers it gets. Topic Alias and Message Expiry Interval have files of their own.
 */

import assert from "node:assert/strict";
import { PacketType, type Properties } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { conformance, everyVersion, only5 } from "./fixture.ts";
import { noProperties, packet, properties, string } from "./wire.ts";

const { MalformedPacket, ProtocolError, TopicNameInvalid } = ReasonCode;

for (const topicName of ["a/#", "#", "a/+/b", "+", "a+", "a#b"]) {
  conformance(
    everyVersion,
    `rejects "${topicName}" as a Topic Name [MQTT-3.3.2-2] [MQTT-4.7.0-1]`,
    async (t) => {
      const watcher = await t.connect();
      await watcher.subscribe("a/#");
      const client = await t.connect();
      await client.sendBytes(packet(0x30, string(topicName), noProperties(t.version)));
      await client.expectRefusal(TopicNameInvalid, MalformedPacket, ProtocolError);
      await watcher.expectNothing();
    },
  );
}

conformance(
  everyVersion,
  "rejects an empty Topic Name without Topic Alias [MQTT-4.7.3-1]",
  async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(0x30, string(""), noProperties(t.version)));
    await client.expectRefusal(ProtocolError, MalformedPacket, TopicNameInvalid);
  },
);

conformance(
  everyVersion,
  "delivers with the Topic Name of the publisher [MQTT-3.3.2-1] [MQTT-3.3.2-3]",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic("+/b/#"));
    await client.publish(t.topic("a/b/c d/"), "x");
    await client.expectMessage(t.topic("a/b/c d/"), "x");
  },
);

conformance(everyVersion, "delivers an empty payload, section 3.3.3", async (t) => {
  const client = await t.connect();
  await client.subscribe(t.topic());
  await client.publish(t.topic(), "");
  await client.expectMessage(t.topic(), "");
});

conformance(
  everyVersion,
  "delivers every byte of a payload unaltered, section 3.3.3",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic());
    const payload = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    await client.publish(t.topic(), payload);
    assert.deepEqual((await client.expect(PacketType.Publish)).payload, payload);
  },
);

conformance(everyVersion, "answers no QoS 0 PUBLISH [MQTT-3.3.4-1]", async (t) => {
  const client = await t.connect();
  await client.send(client.publishPacket(t.topic(), "x"));
  await client.expectNothing();
});

conformance(everyVersion, "answers a QoS 1 PUBLISH with PUBACK [MQTT-3.3.4-1]", async (t) => {
  const client = await t.connect();
  await client.send(client.publishPacket(t.topic(), "x", { qos: 1, packetIdentifier: 77 }));
  assert.equal((await client.expect(PacketType.Puback)).packetIdentifier, 77);
  await client.expectNothing();
});

conformance(everyVersion, "answers a QoS 2 PUBLISH with PUBREC [MQTT-3.3.4-1]", async (t) => {
  const client = await t.connect();
  await client.send(client.publishPacket(t.topic(), "x", { qos: 2, packetIdentifier: 77 }));
  assert.equal((await client.expect(PacketType.Pubrec)).packetIdentifier, 77);
  await client.expectNothing();
});

for (const qos of [1, 2] as const) {
  conformance(
    only5,
    `answers QoS ${qos} with 0x10 when nobody has subscribed, 0x00 when somebody has`,
    async (t) => {
      const client = await t.connect();
      const lonely = await client.publish(t.topic(), "x", { qos });
      assert.equal(lonely, ReasonCode.NoMatchingSubscribers);
      await client.subscribe(t.topic());
      assert.equal(await client.publish(t.topic(), "x", { qos }), ReasonCode.Success);
    },
  );
}

const forwarded: [name: string, id: string, property: Properties][] = [
  ["Payload Format Indicator 0", "[MQTT-3.3.2-4]", { payloadFormatIndicator: 0 }],
  ["Payload Format Indicator 1", "[MQTT-3.3.2-4]", { payloadFormatIndicator: 1 }],
  ["Response Topic", "[MQTT-3.3.2-15]", { responseTopic: "answers/\u00fc" }],
  ["Correlation Data", "[MQTT-3.3.2-16]", { correlationData: Uint8Array.of(0, 255, 0, 1) }],
  ["empty Correlation Data", "[MQTT-3.3.2-16]", { correlationData: new Uint8Array(0) }],
  ["User Properties", "[MQTT-3.3.2-17]", { userProperties: [["name", "value"]] }],
  ["Content Type", "[MQTT-3.3.2-20]", { contentType: "application/json" }],
];
for (const [name, id, property] of forwarded) {
  for (const qos of [0, 1] as const) {
    conformance(only5, `passes on ${name} unaltered at QoS ${qos} ${id}`, async (t) => {
      const client = await t.connect();
      await client.subscribe(t.topic(), { qos });
      await client.publish(t.topic(), "x", { qos, properties: property });
      const message = await client.expectMessage(t.topic(), "x");
      // Payload Format Indicator 0 says the same as none.
      const { payloadFormatIndicator = 0, ...others } = message.properties;
      const { payloadFormatIndicator: sent = 0, ...sentOthers } = property;
      assert.deepEqual([payloadFormatIndicator, others], [sent, sentOthers]);
    });
  }
}

conformance(
  only5,
  "keeps the order of User Properties, repeated names included [MQTT-3.3.2-18]",
  async (t) => {
    const client = await t.connect();
    const userProperties = [["b", "1"], ["a", "2"], ["b", "3"], ["b", "1"], ["", ""]] as const;
    await client.subscribe(t.topic(), { qos: 2 });
    await client.publish(t.topic(), "x", {
      qos: 2,
      properties: { userProperties: [...userProperties] },
    });
    const message = await client.expectMessage(t.topic(), "x");
    assert.deepEqual(message.properties.userProperties, userProperties);
  },
);

conformance(only5, "passes on all properties together and adds none", async (t) => {
  const client = await t.connect();
  const all: Properties = {
    payloadFormatIndicator: 1,
    contentType: "c",
    responseTopic: "r",
    correlationData: Uint8Array.of(1, 2),
    userProperties: [["u", "v"]],
  };
  await client.subscribe(t.topic());
  await client.publish(t.topic(), "x", { properties: all });
  assert.deepEqual((await client.expectMessage(t.topic(), "x")).properties, all);
  await client.publish(t.topic(), "y");
  assert.deepEqual((await client.expectMessage(t.topic(), "y")).properties, {});
});

conformance(
  only5,
  "delivers to an MQTT 3.1.1 subscriber without properties, section 3.3.2.3",
  async (t) => {
    const older = await t.connect({}, 4);
    await older.subscribe(t.topic(), { qos: 1 });
    const client = await t.connect();
    await client.publish(t.topic(), "x", { qos: 1, properties: { contentType: "c" } });
    await older.expectMessage(t.topic(), "x");
    await older.publish(t.topic("back"), "y");
    await older.expectNothing();
  },
);

conformance(only5, "delivers what MQTT 3.1.1 has published, section 3.3", async (t) => {
  const client = await t.connect();
  await client.subscribe(t.topic(), { qos: 2 });
  const older = await t.connect({}, 4);
  await older.publish(t.topic(), "x", { qos: 2 });
  const message = await client.expectMessage(t.topic(), "x");
  assert.deepEqual([message.qos, message.properties], [2, {}]);
});

/** Properties whose value a broker has to refuse. */
const wrongValues: [what: string, list: number[]][] = [
  ["Payload Format Indicator 2", [0x01, 2]],
  ["a Response Topic with a wildcard [MQTT-3.3.2-14]", [0x08, ...string("a/+")]],
  ["a Response Topic with a multi-level wildcard [MQTT-3.3.2-14]", [0x08, ...string("#")]],
  ["a Response Topic that is not UTF-8 [MQTT-3.3.2-13]", [0x08, ...string([0xc0])]],
  ["a Content Type that is not UTF-8 [MQTT-3.3.2-19]", [0x03, ...string([0x80])]],
  ["a Subscription Identifier [MQTT-3.3.4-6]", [0x0b, 1]],
];
for (const [what, list] of wrongValues) {
  conformance(only5, `rejects a PUBLISH with ${what}`, async (t) => {
    const watcher = await t.connect();
    await watcher.subscribe(t.topic());
    const client = await t.connect();
    await client.sendBytes(packet(0x30, string(t.topic()), properties(list)));
    await client.expectRefusal(ProtocolError, MalformedPacket, TopicNameInvalid);
    await watcher.expectNothing();
  });
}

conformance(
  everyVersion,
  "delivers to every subscriber of a topic, the publisher too, section 3.3.4",
  async (t) => {
    const clients = [await t.connect(), await t.connect(), await t.connect()];
    for (const client of clients) await client.subscribe(t.topic(), { qos: 1 });
    await clients[0]?.publish(t.topic(), "x", { qos: 1 });
    for (const client of clients) await client.expectMessage(t.topic(), "x");
  },
);

conformance(
  everyVersion,
  "delivers once for overlapping filters, at the highest QoS of them [MQTT-3.3.4-2]",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic("a/#"), { qos: 0 });
    await client.subscribe(t.topic("a/+"), { qos: 2 });
    await client.subscribe(t.topic("a/b"), { qos: 1 });
    await client.publish(t.topic("a/b"), "x", { qos: 2 });
    assert.equal((await client.expectMessage(t.topic("a/b"), "x")).qos, 2);
    await client.expectNothing();
  },
);

conformance(only5, "sends the identifier of the subscription [MQTT-3.3.4-3]", async (t) => {
  const client = await t.connect();
  await client.subscribe(t.topic("a"), {}, { subscriptionIdentifiers: [1] });
  await client.subscribe(t.topic("b"), {}, { subscriptionIdentifiers: [268_435_455] });
  await client.subscribe(t.topic("c"));
  for (
    const [levels, identifiers] of [["a", [1]], ["b", [268_435_455]], ["c", undefined]] as const
  ) {
    await client.publish(t.topic(levels), "x");
    const message = await client.expectMessage(t.topic(levels), "x");
    assert.deepEqual(message.properties.subscriptionIdentifiers, identifiers);
  }
});

conformance(
  only5,
  "sends the identifiers of all overlapping subscriptions in one message [MQTT-3.3.4-4]",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic("a/#"), { qos: 1 }, { subscriptionIdentifiers: [300] });
    await client.subscribe(t.topic("+/b"), { qos: 0 }, { subscriptionIdentifiers: [20] });
    await client.subscribe(t.topic("a/b"), { qos: 0 });
    await client.publish(t.topic("a/b"), "x", { qos: 1 });
    const message = await client.expectMessage(t.topic("a/b"), "x");
    assert.deepEqual(message.properties.subscriptionIdentifiers?.toSorted((a, b) => a - b), [
      20,
      300,
    ]);
    await client.expectNothing();
  },
);

conformance(
  only5,
  "sends each subscriber its own Subscription Identifier [MQTT-3.3.4-3]",
  async (t) => {
    const clients = [await t.connect(), await t.connect(), await t.connect()];
    for (const [at, client] of clients.entries()) {
      const list = at === 2 ? {} : { subscriptionIdentifiers: [at + 1] };
      await client.subscribe(t.topic(), {}, list);
    }
    await clients[0]?.publish(t.topic(), "x");
    const seen = [];
    for (const client of clients) {
      const message = await client.expectMessage(t.topic(), "x");
      seen.push(message.properties.subscriptionIdentifiers);
    }
    assert.deepEqual(seen, [[1], [2], undefined]);
  },
);
