/**
 * MQTT 5 section 4.1, Session State: Clean Start, Session Expiry Interval, and what a session holds
 * while its client is away. Redelivery is in 04_04_redelivery_test.ts.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import {
  conformance,
  conformanceTogether,
  everyVersion,
  only5,
  scenario,
  since311,
} from "./fixture.ts";

conformance(
  everyVersion,
  "resumes the subscriptions of a session [MQTT-3.1.2-5] [MQTT-3.1.2-23]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const client = await t.connectKeepingSession(clientIdentifier);
    await client.subscribe(t.topic("+"), { qos: 1 });
    await client.disconnect();
    const again = await t.connectKeepingSession(clientIdentifier);
    await again.publish(t.topic("a"), "x", { qos: 1 });
    await again.expectMessage(t.topic("a"), "x");
  },
);

conformance(
  since311,
  "makes a session when there is none [MQTT-3.1.2-6]",
  async (t) => {
    const client = await t.connectKeepingSession(t.clientIdentifier());
    assert.equal(client.connack.sessionPresent, false);
  },
);

conformance(
  everyVersion,
  "discards session and messages with Clean Start [MQTT-3.1.2-4] [MQTT-3.1.4-4]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const client = await t.connectKeepingSession(clientIdentifier);
    await client.subscribe(t.topic(), { qos: 1 });
    await client.disconnect();
    const publisher = await t.connect();
    await publisher.publish(t.topic(), "while away", { qos: 1 });
    const clean = await t.connect({ clientIdentifier });
    assert.equal(clean.connack.sessionPresent, false);
    await clean.publish(t.topic(), "to nobody", { qos: 1 });
    await clean.expectNothing();
  },
);

conformance(
  everyVersion,
  "keeps no session of a client that asked for none [MQTT-4.1.0-2]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const client = await t.connect({ clientIdentifier });
    await client.subscribe(t.topic(), { qos: 1 });
    await client.disconnect();
    const publisher = await t.connect();
    await publisher.publish(t.topic(), "while away", { qos: 1 });
    const again = await t.connectKeepingSession(clientIdentifier);
    assert.equal(again.connack.sessionPresent, false);
    await again.expectNothing();
  },
);

conformance(
  only5,
  "ends a session with its connection when its expiry is 0 or absent [MQTT-4.1.0-2]",
  async (t) => {
    for (const properties of [{}, { sessionExpiryInterval: 0 }]) {
      const clientIdentifier = t.clientIdentifier();
      const client = await t.connect({ clientIdentifier, cleanStart: false, properties });
      await client.subscribe(t.topic());
      await client.disconnect();
      const again = await t.connectKeepingSession(clientIdentifier);
      assert.equal(again.connack.sessionPresent, false);
    }
  },
);

conformance(
  only5,
  "keeps a session that began with Clean Start and has an expiry, section 3.1.2.4",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const client = await t.connect({
      clientIdentifier,
      cleanStart: true,
      properties: { sessionExpiryInterval: 60 },
    });
    await client.disconnect();
    const again = await t.connectKeepingSession(clientIdentifier);
    assert.equal(again.connack.sessionPresent, true);
  },
);

conformanceTogether(
  "Session Expiry Interval",
  scenario(
    only5,
    "ends a session once its Session Expiry Interval has passed [MQTT-4.1.0-2]",
    async (t) => {
      const clientIdentifier = t.clientIdentifier();
      const properties = { sessionExpiryInterval: 1 };
      const client = await t.connectKeepingSession(clientIdentifier, { properties });
      await client.subscribe(t.topic(), { qos: 1 });
      await client.disconnect();
      await t.secondsPass(2);
      const again = await t.connectKeepingSession(clientIdentifier);
      assert.equal(again.connack.sessionPresent, false);
      await again.publish(t.topic(), "x", { qos: 1 });
      await again.expectNothing();
    },
  ),
  scenario(
    only5,
    "counts Session Expiry Interval from the end of the connection [MQTT-4.1.0-1]",
    async (t) => {
      const clientIdentifier = t.clientIdentifier();
      const properties = { sessionExpiryInterval: 1 };
      const client = await t.connectKeepingSession(clientIdentifier, { properties });
      await client.subscribe(t.topic(), { qos: 1 });
      await t.secondsPass(2);
      await client.publish(t.topic(), "still there", { qos: 1 });
      await client.expectMessage(t.topic(), "still there");
    },
  ),
  scenario(
    only5,
    "takes the Session Expiry Interval of DISCONNECT instead, section 3.14.2.2.2",
    async (t) => {
      const shortened = t.clientIdentifier();
      const first = await t.connectKeepingSession(shortened);
      await first.disconnect(ReasonCode.Success, { sessionExpiryInterval: 1 });
      const lengthened = t.clientIdentifier();
      const second = await t.connectKeepingSession(lengthened, {
        properties: { sessionExpiryInterval: 1 },
      });
      await second.disconnect(ReasonCode.Success, { sessionExpiryInterval: 600 });
      await t.secondsPass(2);
      assert.equal((await t.connectKeepingSession(shortened)).connack.sessionPresent, false);
      assert.equal((await t.connectKeepingSession(lengthened)).connack.sessionPresent, true);
    },
  ),
);

conformance(
  only5,
  "takes the Session Expiry Interval of the newest CONNECT, section 3.1.2.11.2",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    await (await t.connectKeepingSession(clientIdentifier)).disconnect();
    const second = await t.connectKeepingSession(clientIdentifier, {
      properties: { sessionExpiryInterval: 0 },
    });
    assert.equal(second.connack.sessionPresent, true);
    await second.disconnect();
    const third = await t.connectKeepingSession(clientIdentifier);
    assert.equal(third.connack.sessionPresent, false);
  },
);

conformance(
  only5,
  "keeps a session with Session Expiry Interval 0xFFFFFFFF [MQTT-3.1.2-23]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const properties = { sessionExpiryInterval: 0xffff_ffff };
    await (await t.connectKeepingSession(clientIdentifier, { properties })).disconnect();
    const again = await t.connectKeepingSession(clientIdentifier, { properties });
    assert.equal(again.connack.sessionPresent, true);
  },
);

conformance(
  everyVersion,
  "keeps a session whose connection ends without DISCONNECT [MQTT-3.1.2-23]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const client = await t.connectKeepingSession(clientIdentifier);
    await client.subscribe(t.topic(), { qos: 1 });
    client.close();
    const publisher = await t.connect();
    await publisher.publish(t.topic(), "while away", { qos: 1 });
    const again = await t.connectKeepingSession(clientIdentifier);
    const message = await again.expect(PacketType.Publish);
    await again.acknowledge(message);
    assert.equal(message.topicName, t.topic());
  },
);

for (const qos of [1, 2] as const) {
  conformance(
    everyVersion,
    `keeps QoS ${qos} messages for a client that is away, in order [MQTT-4.5.0-1]`,
    async (t) => {
      const clientIdentifier = t.clientIdentifier();
      const client = await t.connectKeepingSession(clientIdentifier);
      await client.subscribe(t.topic(), { qos });
      await client.disconnect();
      const publisher = await t.connect();
      const payloads = Array.from({ length: 30 }, (_, at) => `${at}`);
      for (const payload of payloads) await publisher.publish(t.topic(), payload, { qos });
      const again = await t.connectKeepingSession(clientIdentifier);
      const messages = await again.expectMessages(t.topic(), payloads);
      assert(messages.every((message) => message.qos === qos && !message.duplicate));
      await again.expectNothing();
    },
  );
}

conformance(
  everyVersion,
  "keeps no message at QoS 0 of a subscription for a client that is away, section 4.1",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const client = await t.connectKeepingSession(clientIdentifier);
    await client.subscribe(t.topic("zero"), { qos: 0 });
    await client.subscribe(t.topic("one"), { qos: 1 });
    await client.disconnect();
    const publisher = await t.connect();
    await publisher.publish(t.topic("zero"), "x", { qos: 2 });
    await publisher.publish(t.topic("one"), "y", { qos: 1 });
    const again = await t.connectKeepingSession(clientIdentifier);
    await again.expectMessage(t.topic("one"), "y");
    await again.expectNothing();
  },
);

conformance(
  everyVersion,
  "remembers an UNSUBSCRIBE in the session, section 4.1",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const client = await t.connectKeepingSession(clientIdentifier);
    await client.subscribe(t.topic("a"), { qos: 1 });
    await client.subscribe(t.topic("b"), { qos: 1 });
    await client.unsubscribe(t.topic("a"));
    await client.disconnect();
    const again = await t.connectKeepingSession(clientIdentifier);
    await again.publish(t.topic("a"), "x", { qos: 1 });
    await again.publish(t.topic("b"), "y", { qos: 1 });
    await again.expectMessage(t.topic("b"), "y");
    await again.expectNothing();
  },
);

conformance(
  only5,
  "keeps options and identifiers of subscriptions in the session, section 4.1",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const client = await t.connectKeepingSession(clientIdentifier);
    const options = { qos: 1, retainAsPublished: true } as const;
    await client.subscribe(t.topic("a"), options, { subscriptionIdentifiers: [9] });
    await client.subscribe(t.topic("b"), { qos: 1, noLocal: true });
    await client.disconnect();
    const again = await t.connectKeepingSession(clientIdentifier);
    await again.publish(t.topic("b"), "own");
    await again.publish(t.topic("a"), "kept", { retain: true });
    const message = await again.expectMessage(t.topic("a"), "kept");
    assert.deepEqual([message.retain, message.properties.subscriptionIdentifiers], [true, [9]]);
    await again.expectNothing();
  },
);

conformance(
  everyVersion,
  "keeps the sessions of two clients apart [MQTT-3.1.3-2]",
  async (t) => {
    const first = t.clientIdentifier();
    const second = t.clientIdentifier();
    const one = await t.connectKeepingSession(first);
    await one.subscribe(t.topic("one"), { qos: 1 });
    const two = await t.connectKeepingSession(second);
    await two.subscribe(t.topic("two"), { qos: 1 });
    await one.disconnect();
    await two.disconnect();
    const publisher = await t.connect();
    await publisher.publish(t.topic("one"), "1", { qos: 1 });
    await publisher.publish(t.topic("two"), "2", { qos: 1 });
    const twoAgain = await t.connectKeepingSession(second);
    await twoAgain.expectMessage(t.topic("two"), "2");
    await twoAgain.expectNothing();
    const oneAgain = await t.connectKeepingSession(first);
    await oneAgain.expectMessage(t.topic("one"), "1");
    await oneAgain.expectNothing();
  },
);
