/**
 * MQTT 5 section 4.9, flow control: Receive Maximum of the client, and of the broker.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { conformance, only5 } from "./fixture.ts";

const payloads = Array.from({ length: 12 }, (_, at) => `${at}`);

for (const qos of [1, 2] as const) {
  for (const receiveMaximum of [1, 3]) {
    conformance(
      only5,
      `sends at most ${receiveMaximum} QoS ${qos} messages at a time [MQTT-3.3.4-9] [MQTT-4.9.0-1] [MQTT-4.9.0-2]`,
      async (t) => {
        const subscriber = await t.connect({ properties: { receiveMaximum } });
        await subscriber.subscribe(t.topic(), { qos });
        const publisher = await t.connect();
        for (const payload of payloads) await publisher.publish(t.topic(), payload, { qos });
        await subscriber.barrier();
        assert.equal(subscriber.inbox.length, receiveMaximum);
        for (const [at, payload] of payloads.entries()) {
          await subscriber.expectMessage(t.topic(), payload);
          await subscriber.barrier();
          const left = Math.min(receiveMaximum, payloads.length - at - 1);
          assert.equal(subscriber.inbox.length, left);
        }
      },
    );
  }
}

conformance(
  only5,
  "counts QoS 1 and QoS 2 together [MQTT-3.3.4-9]",
  async (t) => {
    const subscriber = await t.connect({ properties: { receiveMaximum: 2 } });
    await subscriber.subscribe(t.topic(), { qos: 2 });
    const publisher = await t.connect();
    for (const qos of [1, 2, 1] as const) await publisher.publish(t.topic(), `${qos}`, { qos });
    await subscriber.barrier();
    assert.equal(subscriber.inbox.length, 2);
  },
);

conformance(
  only5,
  "counts a QoS 2 message until PUBCOMP, not PUBREC, section 4.9",
  async (t) => {
    const subscriber = await t.connect({ properties: { receiveMaximum: 1 } });
    await subscriber.subscribe(t.topic(), { qos: 2 });
    const publisher = await t.connect();
    await publisher.publish(t.topic(), "1", { qos: 2 });
    await publisher.publish(t.topic(), "2", { qos: 2 });
    const { packetIdentifier } = await subscriber.expect(PacketType.Publish);
    await subscriber.sendAcknowledgement(PacketType.Pubrec, packetIdentifier);
    await subscriber.expect(PacketType.Pubrel);
    await subscriber.expectNothing();
    await subscriber.sendAcknowledgement(PacketType.Pubcomp, packetIdentifier);
    await subscriber.expectMessage(t.topic(), "2");
  },
);

conformance(
  only5,
  "does everything else while the quota is used up [MQTT-3.3.4-10] [MQTT-4.9.0-3]",
  async (t) => {
    const client = await t.connect({ properties: { receiveMaximum: 1 } });
    await client.subscribe(t.topic("one"), { qos: 1 });
    await client.publish(t.topic("one"), "held", { qos: 1 });
    await client.publish(t.topic("one"), "waits", { qos: 1 });
    await client.find(PacketType.Publish);
    await client.subscribe(t.topic("zero"), { qos: 0 });
    await client.publish(t.topic("zero"), "QoS 0 is not counted", { qos: 2 });
    await client.expectMessage(t.topic("zero"), "QoS 0 is not counted");
    await client.unsubscribe(t.topic("zero"));
    await client.expectNothing();
  },
);

conformance(
  only5,
  "starts each connection with a full quota, section 4.9",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const first = await t.connectKeepingSession(clientIdentifier, {
      properties: { receiveMaximum: 2 },
    });
    await first.subscribe(t.topic(), { qos: 1 });
    const publisher = await t.connect();
    for (const payload of payloads.slice(0, 4)) {
      await publisher.publish(t.topic(), payload, { qos: 1 });
    }
    await first.barrier();
    assert.equal(first.inbox.length, 2);
    first.close();
    const second = await t.connectKeepingSession(clientIdentifier, {
      properties: { receiveMaximum: 3 },
    });
    await second.barrier();
    assert.equal(second.inbox.length, 3);
    await second.expectMessages(t.topic(), payloads.slice(0, 4));
  },
);

conformance(
  only5,
  "honours a Receive Maximum smaller than what was in flight [MQTT-4.9.0-1]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const first = await t.connectKeepingSession(clientIdentifier);
    await first.subscribe(t.topic(), { qos: 1 });
    const publisher = await t.connect();
    for (const payload of payloads.slice(0, 5)) {
      await publisher.publish(t.topic(), payload, { qos: 1 });
    }
    await first.barrier();
    assert.equal(first.inbox.length, 5);
    first.close();
    const second = await t.connectKeepingSession(clientIdentifier, {
      properties: { receiveMaximum: 2 },
    });
    await second.barrier();
    assert.equal(second.inbox.length, 2);
    await second.expectMessages(t.topic(), payloads.slice(0, 5));
  },
);

conformance(
  only5,
  "ends a client that exceeds the broker's Receive Maximum with 0x93 [MQTT-3.3.4-7]",
  async (t) => {
    const client = await t.connect();
    const maximum = client.connack.properties.receiveMaximum ?? 65_535;
    assert(maximum < 65_535, "The broker announces no Receive Maximum: it cannot be exceeded");
    const packets = Array.from(
      { length: maximum + 1 },
      () => client.publishPacket(t.topic(), "", { qos: 2 }),
    );
    await client.send(...packets.slice(0, maximum));
    for (let count = 0; count < maximum; count++) await client.expect(PacketType.Pubrec);
    await client.expectNothing(); // As many as allowed are allowed.
    await client.send(...packets.slice(maximum));
    await client.expectRefusal(ReasonCode.ReceiveMaximumExceeded);
  },
);

conformance(
  only5,
  "gives quota back with each PUBCOMP it sends, section 4.9",
  async (t) => {
    const client = await t.connect();
    const maximum = client.connack.properties.receiveMaximum ?? 65_535;
    for (let count = 0; count < Math.min(maximum, 100) * 2; count++) {
      await client.publish(t.topic(), "", { qos: 2 });
    }
    await client.expectNothing();
  },
);
