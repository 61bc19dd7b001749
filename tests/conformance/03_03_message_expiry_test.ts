/**
 * MQTT 5 section 3.3.2.3.3, Message Expiry Interval. Time passes for real here; what is awaited is
 * a delayed Will, which the broker publishes when at least as much time has gone by.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { conformance, conformanceTogether, only5, scenario } from "./fixture.ts";

conformanceTogether(
  "Message Expiry Interval",
  scenario(
    only5,
    "passes Message Expiry Interval on, less the time it has waited [MQTT-3.3.2-6]",
    async (t) => {
      const clientIdentifier = t.clientIdentifier();
      const subscriber = await t.connectKeepingSession(clientIdentifier);
      await subscriber.subscribe(t.topic(), { qos: 1 });
      const publisher = await t.connect();
      const properties = { messageExpiryInterval: 100 };
      await publisher.publish(t.topic(), "at once", { qos: 1, properties });
      const first = await subscriber.expectMessage(t.topic(), "at once");
      const { messageExpiryInterval: immediate = 0 } = first.properties;
      assert(immediate === 100 || immediate === 99, `${immediate}`);
      await subscriber.disconnect();
      await publisher.publish(t.topic(), "later", { qos: 1, properties });
      await t.secondsPass(2);
      const again = await t.connectKeepingSession(clientIdentifier);
      const second = await again.expectMessage(t.topic(), "later");
      const { messageExpiryInterval: left = 100 } = second.properties;
      assert(left > 0 && left <= 98, `${left} seconds left of 100 after 2`);
    },
  ),
  scenario(
    only5,
    "does not deliver a queued message that has expired [MQTT-3.3.2-5]",
    async (t) => {
      const clientIdentifier = t.clientIdentifier();
      const subscriber = await t.connectKeepingSession(clientIdentifier);
      await subscriber.subscribe(t.topic(), { qos: 2 });
      await subscriber.disconnect();
      const publisher = await t.connect();
      for (const qos of [1, 2] as const) {
        await publisher.publish(t.topic(), "too late", {
          qos,
          properties: { messageExpiryInterval: 1 },
        });
      }
      await publisher.publish(t.topic(), "in time", { qos: 1 });
      await t.secondsPass(2);
      const again = await t.connectKeepingSession(clientIdentifier);
      await again.expectMessage(t.topic(), "in time");
      await again.expectNothing();
    },
  ),
  scenario(
    only5,
    "does not deliver an expired message that waited for Receive Maximum [MQTT-3.3.2-5]",
    async (t) => {
      const subscriber = await t.connect({ properties: { receiveMaximum: 1 } });
      await subscriber.subscribe(t.topic(), { qos: 1 });
      const publisher = await t.connect();
      await publisher.publish(t.topic(), "first", { qos: 1 });
      await publisher.publish(t.topic(), "too late", {
        qos: 1,
        properties: { messageExpiryInterval: 1 },
      });
      await publisher.publish(t.topic(), "last", { qos: 1 });
      await t.secondsPass(2);
      await subscriber.expectMessage(t.topic(), "first");
      await subscriber.expectMessage(t.topic(), "last");
      await subscriber.expectNothing();
    },
  ),
  scenario(
    only5,
    "does not send a retained message that has expired [MQTT-3.3.2-5] [MQTT-3.3.2-6]",
    async (t) => {
      const publisher = await t.connect();
      await publisher.publish(t.topic("short"), "x", {
        retain: true,
        properties: { messageExpiryInterval: 1 },
      });
      await publisher.publish(t.topic("long"), "y", {
        retain: true,
        properties: { messageExpiryInterval: 100 },
      });
      await t.secondsPass(2);
      const subscriber = await t.connect();
      await subscriber.subscribe(t.topic("#"));
      const message = await subscriber.expectMessage(t.topic("long"), "y");
      const { messageExpiryInterval: left = 100 } = message.properties;
      assert(left > 0 && left <= 98, `${left} seconds left of 100 after 2`);
      await subscriber.expectNothing();
    },
  ),
  scenario(
    only5,
    "finishes a delivery that has started, expired or not [MQTT-4.3.3-7]",
    async (t) => {
      const clientIdentifier = t.clientIdentifier();
      const subscriber = await t.connectKeepingSession(clientIdentifier);
      await subscriber.subscribe(t.topic(), { qos: 2 });
      const publisher = await t.connect();
      await publisher.publish(t.topic(), "started", {
        qos: 2,
        properties: { messageExpiryInterval: 1 },
      });
      const sent = await subscriber.expect(PacketType.Publish);
      subscriber.close();
      await t.secondsPass(2);
      const again = await t.connectKeepingSession(clientIdentifier);
      const resent = await again.expectMessage(t.topic(), "started");
      assert.deepEqual([resent.packetIdentifier, resent.duplicate], [sent.packetIdentifier, true]);
    },
  ),
  scenario(
    only5,
    "finishes the exchange for a QoS 2 message that has expired meanwhile [MQTT-4.3.3-13]",
    async (t) => {
      const publisher = await t.connect();
      const properties = { messageExpiryInterval: 1 };
      const packet = publisher.publishPacket(t.topic(), "x", { qos: 2, properties });
      await publisher.send(packet);
      await publisher.expect(PacketType.Pubrec);
      await t.secondsPass(2);
      await publisher.sendAcknowledgement(PacketType.Pubrel, packet.packetIdentifier);
      const pubcomp = await publisher.expect(PacketType.Pubcomp);
      assert.deepEqual([pubcomp.packetIdentifier, pubcomp.reasonCode], [
        packet.packetIdentifier,
        0,
      ]);
    },
  ),
);

conformance(only5, "adds no Message Expiry Interval to a message without one", async (t) => {
  const client = await t.connect();
  await client.subscribe(t.topic());
  await client.publish(t.topic(), "x");
  const message = await client.expectMessage(t.topic(), "x");
  assert.equal(message.properties.messageExpiryInterval, undefined);
});
