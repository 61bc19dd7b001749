/**
 * MQTT 5 section 4.6, message ordering: what one client publishes to a topic arrives in that order.
 */

import assert from "node:assert/strict";
import { PacketType, type QoS } from "../../src/protocol/packet.ts";
import { asText } from "../support/packet_text.ts";
import { conformance, everyVersion } from "./fixture.ts";

const payloads = Array.from({ length: 100 }, (_, at) => `${at}`);

for (const qos of [0, 1, 2] as const) {
  conformance(
    everyVersion,
    `keeps the order of QoS ${qos} messages of one topic [MQTT-4.6.0-5] [MQTT-4.6.0-6]`,
    async (t) => {
      const subscriber = await t.connect();
      await subscriber.subscribe(t.topic(), { qos });
      const publisher = await t.connect();
      for (const payload of payloads) {
        await publisher.publish(t.topic(), payload, { qos });
        await subscriber.expectMessage(t.topic(), payload);
      }
    },
  );
}

conformance(
  everyVersion,
  "keeps the order when all messages come at once [MQTT-4.6.0-5]",
  async (t) => {
    const subscriber = await t.connect();
    await subscriber.subscribe(t.topic("+"), { qos: 0 });
    const publisher = await t.connect();
    const packets = payloads.map((payload, at) =>
      publisher.publishPacket(t.topic(`${at % 7}`), payload)
    );
    await publisher.send(...packets);
    for (const { topicName, payload } of packets) {
      await subscriber.expectMessage(topicName, asText(payload));
    }
  },
);

conformance(
  everyVersion,
  "keeps the order through two overlapping subscribers and filters [MQTT-4.6.0-5]",
  async (t) => {
    const one = await t.connect();
    await one.subscribe(t.topic("#"), { qos: 1 });
    await one.subscribe(t.topic("a"), { qos: 0 });
    const two = await t.connect();
    await two.subscribe(t.topic("+"), { qos: 0 });
    const publisher = await t.connect();
    for (const payload of payloads.slice(0, 15)) {
      await publisher.publish(t.topic("a"), payload, { qos: 1 });
    }
    await one.expectMessages(t.topic("a"), payloads.slice(0, 15));
    await two.expectMessages(t.topic("a"), payloads.slice(0, 15));
  },
);

conformance(
  everyVersion,
  "acknowledges in the order of the PUBLISH packets, section 4.6",
  async (t) => {
    const publisher = await t.connect();
    const qosOf = (at: number): QoS => at % 2 === 0 ? 1 : 2;
    const packets = payloads.slice(0, 16).map((payload, at) =>
      publisher.publishPacket(t.topic(), payload, { qos: qosOf(at) })
    );
    await publisher.send(...packets);
    const pubacks = [];
    const pubrecs = [];
    for (let count = 0; count < packets.length; count++) {
      const answer = await publisher.receive();
      if (answer.type === PacketType.Puback) pubacks.push(answer.packetIdentifier);
      if (answer.type === PacketType.Pubrec) pubrecs.push(answer.packetIdentifier);
    }
    const identifiers = (qos: QoS) =>
      packets.filter((packet) => packet.qos === qos).map((packet) => packet.packetIdentifier);
    assert.deepEqual([pubacks, pubrecs], [identifiers(1), identifiers(2)]);
  },
);

conformance(
  everyVersion,
  "keeps the order over a reconnect: in flight first, then what has waited [MQTT-4.6.0-5]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const first = await t.connectKeepingSession(clientIdentifier);
    await first.subscribe(t.topic(), { qos: 1 });
    const publisher = await t.connect();
    for (const payload of payloads.slice(0, 40)) {
      await publisher.publish(t.topic(), payload, { qos: 1 });
    }
    await first.expectMessages(t.topic(), payloads.slice(0, 5));
    await first.barrier();
    first.close();
    const again = await t.connectKeepingSession(clientIdentifier);
    await again.expectMessages(t.topic(), payloads.slice(5, 40));
    await again.expectNothing();
  },
);
