/**
 * MQTT 5 section 3.3.1, PUBLISH Fixed Header: DUP, QoS, and RETAIN as it is received and sent.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { asText } from "../support/packet_text.ts";
import type { RawClient } from "../support/raw_client.ts";
import { conformance, everyVersion, only5, since311 } from "./fixture.ts";
import { noProperties, packet, string, u16 } from "./wire.ts";

conformance(everyVersion, "rejects a PUBLISH with QoS 3 [MQTT-3.3.1-4]", async (t) => {
  const client = await t.connect();
  await client.sendBytes(packet(0x36, string(t.topic()), u16(1), noProperties(t.version)));
  await client.expectRefusal(ReasonCode.MalformedPacket);
});

conformance(since311, "rejects a QoS 0 PUBLISH with DUP [MQTT-3.3.1-2]", async (t) => {
  const client = await t.connect();
  await client.sendBytes(packet(0x38, string(t.topic()), noProperties(t.version)));
  await client.expectRefusal(ReasonCode.MalformedPacket, ReasonCode.ProtocolError);
});

for (const qos of [1, 2] as const) {
  conformance(
    everyVersion,
    `does not pass on the DUP flag of a QoS ${qos} PUBLISH [MQTT-3.3.1-3]`,
    async (t) => {
      const client = await t.connect();
      await client.subscribe(t.topic(), { qos });
      await client.publish(t.topic(), "x", { qos, duplicate: true });
      const message = await client.find(PacketType.Publish);
      assert.equal(message.duplicate, false);
    },
  );
}

/** What a new subscriber is sent for a Topic Filter: [topic, payload, retain, QoS], sorted. */
async function retainedFor(subscriber: RawClient, topicFilter: string) {
  await subscriber.subscribe(topicFilter, { qos: 2 });
  await subscriber.barrier();
  const found = [];
  while (subscriber.inbox.length > 0) {
    const message = await subscriber.expect(PacketType.Publish);
    found.push([message.topicName, asText(message.payload), message.retain, message.qos]);
    await subscriber.acknowledge(message);
  }
  return found.sort();
}

for (const qos of [0, 1, 2] as const) {
  conformance(
    everyVersion,
    `keeps a QoS ${qos} message with RETAIN for later subscribers [MQTT-3.3.1-5]`,
    async (t) => {
      const publisher = await t.connect();
      await publisher.publish(t.topic(), "kept", { qos, retain: true });
      await publisher.disconnect();
      for (let count = 0; count < 2; count++) {
        const found = await retainedFor(await t.connect(), t.topic());
        assert.deepEqual(found, [[t.topic(), "kept", true, qos]]);
      }
    },
  );
}

conformance(
  everyVersion,
  "replaces the retained message with the next one [MQTT-3.3.1-5]",
  async (t) => {
    const publisher = await t.connect();
    await publisher.publish(t.topic(), "old", { qos: 2, retain: true });
    await publisher.publish(t.topic(), "new", { qos: 1, retain: true });
    const found = await retainedFor(await t.connect(), t.topic());
    assert.deepEqual(found, [[t.topic(), "new", true, 1]]);
  },
);

conformance(
  everyVersion,
  "removes the retained message when an empty one comes [MQTT-3.3.1-6] [MQTT-3.3.1-7]",
  async (t) => {
    const publisher = await t.connect();
    await publisher.publish(t.topic(), "kept", { retain: true });
    await publisher.publish(t.topic(), "", { qos: 1, retain: true });
    assert.deepEqual(await retainedFor(await t.connect(), t.topic()), []);
  },
);

conformance(
  everyVersion,
  "delivers an empty retained message to those who have subscribed [MQTT-3.3.1-6]",
  async (t) => {
    const subscriber = await t.connect();
    await subscriber.subscribe(t.topic(), { qos: 1 });
    const publisher = await t.connect();
    await publisher.publish(t.topic(), "", { qos: 1, retain: true });
    const message = await subscriber.expectMessage(t.topic(), "");
    assert.equal(message.retain, false);
  },
);

conformance(
  everyVersion,
  "leaves the retained message alone when a PUBLISH has no RETAIN [MQTT-3.3.1-8]",
  async (t) => {
    const publisher = await t.connect();
    await publisher.publish(t.topic("not"), "not kept", { qos: 1 });
    await publisher.publish(t.topic("kept"), "kept", { qos: 1, retain: true });
    await publisher.publish(t.topic("kept"), "later", { qos: 1 });
    await publisher.publish(t.topic("kept"), "", { qos: 1 });
    const found = await retainedFor(await t.connect(), t.topic("#"));
    assert.deepEqual(found, [[t.topic("kept"), "kept", true, 1]]);
  },
);

conformance(
  everyVersion,
  "sends every retained message that the filter matches, and no other [MQTT-3.3.1-9]",
  async (t) => {
    const publisher = await t.connect();
    for (const levels of ["a", "a/b", "a/b/c", "a/x/c", "b", "a//c"]) {
      await publisher.publish(t.topic(levels), levels, { retain: true });
    }
    const found = async (levels: string) =>
      (await retainedFor(await t.connect(), t.topic(levels))).map(([, payload]) => payload);
    assert.deepEqual(await found("a/+/c"), ["a//c", "a/b/c", "a/x/c"]);
    assert.deepEqual(await found("a/#"), ["a", "a//c", "a/b", "a/b/c", "a/x/c"]);
    assert.deepEqual(await found("+"), ["a", "b"]);
    assert.deepEqual(await found("a"), ["a"]);
    assert.deepEqual(await found("+/b/#"), ["a/b", "a/b/c"]);
    assert.deepEqual(await found("c/#"), []);
  },
);

conformance(
  everyVersion,
  "sends a retained message at the lower of both QoS [MQTT-3.8.4-8]",
  async (t) => {
    const publisher = await t.connect();
    await publisher.publish(t.topic(), "kept", { qos: 2, retain: true });
    for (const qos of [0, 1, 2] as const) {
      const subscriber = await t.connect();
      await subscriber.subscribe(t.topic(), { qos });
      assert.equal((await subscriber.expectMessage(t.topic(), "kept")).qos, qos);
    }
  },
);

conformance(
  everyVersion,
  "passes on a message without RETAIN to those who have subscribed [MQTT-3.3.1-12]",
  async (t) => {
    const subscriber = await t.connect();
    await subscriber.subscribe(t.topic());
    await subscriber.publish(t.topic(), "live", { retain: true });
    assert.equal((await subscriber.expectMessage(t.topic(), "live")).retain, false);
  },
);

conformance(
  only5,
  "passes on RETAIN as it came with Retain As Published [MQTT-3.3.1-13]",
  async (t) => {
    const subscriber = await t.connect();
    await subscriber.subscribe(t.topic(), { retainAsPublished: true });
    await subscriber.publish(t.topic(), "kept", { retain: true });
    await subscriber.publish(t.topic(), "not", { retain: false });
    assert.equal((await subscriber.expectMessage(t.topic(), "kept")).retain, true);
    assert.equal((await subscriber.expectMessage(t.topic(), "not")).retain, false);
  },
);

conformance(
  only5,
  "sets RETAIN on retained messages even without Retain As Published, section 3.3.1.3",
  async (t) => {
    const client = await t.connect();
    await client.publish(t.topic(), "kept", { retain: true });
    await client.subscribe(t.topic(), { retainAsPublished: false });
    assert.equal((await client.expectMessage(t.topic(), "kept")).retain, true);
  },
);

conformance(
  only5,
  "sends retained messages each time with Retain Handling 0 [MQTT-3.3.1-9]",
  async (t) => {
    const client = await t.connect();
    await client.publish(t.topic(), "kept", { retain: true });
    for (let count = 0; count < 3; count++) {
      await client.subscribe(t.topic(), { retainHandling: 0 });
      await client.expectMessage(t.topic(), "kept");
    }
    await client.expectNothing();
  },
);

conformance(
  only5,
  "sends retained messages to a new subscription only, Retain Handling 1 [MQTT-3.3.1-10]",
  async (t) => {
    const client = await t.connect();
    await client.publish(t.topic(), "kept", { retain: true });
    await client.subscribe(t.topic(), { retainHandling: 1 });
    await client.expectMessage(t.topic(), "kept");
    await client.subscribe(t.topic(), { retainHandling: 1, qos: 1 });
    await client.expectNothing();
    await client.unsubscribe(t.topic());
    await client.subscribe(t.topic(), { retainHandling: 1 });
    await client.expectMessage(t.topic(), "kept");
  },
);

conformance(
  only5,
  "counts the subscriptions of a resumed session as existing, Retain Handling 1 [MQTT-3.3.1-10]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const first = await t.connectKeepingSession(clientIdentifier);
    await first.publish(t.topic(), "kept", { retain: true });
    await first.subscribe(t.topic(), { retainHandling: 2 });
    await first.disconnect();
    const second = await t.connectKeepingSession(clientIdentifier);
    await second.subscribe(t.topic(), { retainHandling: 1 });
    await second.expectNothing();
  },
);

conformance(
  only5,
  "sends no retained messages with Retain Handling 2 [MQTT-3.3.1-11]",
  async (t) => {
    const client = await t.connect();
    await client.publish(t.topic(), "kept", { retain: true });
    await client.subscribe(t.topic(), { retainHandling: 2 });
    await client.expectNothing();
    await client.publish(t.topic(), "live");
    await client.expectMessage(t.topic(), "live");
  },
);

conformance(
  everyVersion,
  "sends retained messages again when a subscription is made again [MQTT-3.8.4-4]",
  async (t) => {
    const client = await t.connect();
    await client.publish(t.topic(), "kept", { retain: true });
    await client.subscribe(t.topic());
    await client.expectMessage(t.topic(), "kept");
    await client.subscribe(t.topic());
    await client.expectMessage(t.topic(), "kept");
  },
);

conformance(
  only5,
  "keeps the properties of a retained message [MQTT-3.3.2-17]",
  async (t) => {
    const client = await t.connect();
    await client.publish(t.topic(), "kept", {
      retain: true,
      properties: {
        contentType: "text/plain",
        responseTopic: "answers",
        correlationData: Uint8Array.of(7),
        payloadFormatIndicator: 1,
        userProperties: [["z", "1"], ["a", "2"]],
      },
    });
    await client.subscribe(t.topic(), {}, { subscriptionIdentifiers: [7] });
    const message = await client.expectMessage(t.topic(), "kept");
    assert.deepEqual(message.properties, {
      contentType: "text/plain",
      responseTopic: "answers",
      correlationData: Uint8Array.of(7),
      payloadFormatIndicator: 1,
      subscriptionIdentifiers: [7],
      userProperties: [["z", "1"], ["a", "2"]],
    });
  },
);
