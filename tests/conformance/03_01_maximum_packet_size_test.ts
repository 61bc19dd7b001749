/**
 * MQTT 5 section 3.1.2.11.4, the client's Maximum Packet Size, which the broker must honour.
 */

import assert from "node:assert/strict";
import { type Packet, PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import type { RawClient } from "../support/raw_client.ts";
import { conformance, type Fixture, only5 } from "./fixture.ts";
import { fromHex } from "./wire.ts";

/** Bytes of a PUBLISH to `t.topic()`: Fixed Header, topic, Packet Identifier, Property Length. */
function publishSize(t: Fixture, payloadBytes: number, qos: 0 | 1 | 2): number {
  const body = 2 + t.topic().length + (qos === 0 ? 0 : 2) + 1 + payloadBytes;
  return body + (body < 128 ? 2 : 3);
}

for (const qos of [0, 1, 2] as const) {
  conformance(
    only5,
    `sends QoS ${qos} messages up to Maximum Packet Size, none over it [MQTT-3.1.2-24]`,
    async (t) => {
      const maximumPacketSize = publishSize(t, 50, qos);
      const subscriber = await t.connect({ properties: { maximumPacketSize } });
      await subscriber.subscribe(t.topic(), { qos });
      const publisher = await t.connect();
      await publisher.publish(t.topic(), "x".repeat(51), { qos });
      await publisher.publish(t.topic(), "y".repeat(50), { qos });
      await publisher.publish(t.topic(), "z".repeat(5_000), { qos });
      await subscriber.expectMessage(t.topic(), "y".repeat(50));
      await subscriber.expectNothing();
    },
  );
}

conformance(
  only5,
  "goes on as if it had sent what was too large [MQTT-3.1.2-25]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const properties = { maximumPacketSize: 200, receiveMaximum: 1 };
    const subscriber = await t.connectKeepingSession(clientIdentifier, { properties });
    await subscriber.subscribe(t.topic(), { qos: 2 });
    const publisher = await t.connect();
    for (let count = 0; count < 3; count++) {
      await publisher.publish(t.topic(), "x".repeat(200), { qos: 1 });
      await publisher.publish(t.topic(), "x".repeat(200), { qos: 2 });
    }
    await publisher.publish(t.topic(), "fits", { qos: 2 });
    await subscriber.expectMessage(t.topic(), "fits");
    await subscriber.disconnect();
    const again = await t.connectKeepingSession(clientIdentifier);
    await again.expectNothing();
  },
);

conformance(
  only5,
  "delivers to others what is too large for one [MQTT-3.1.2-25]",
  async (t) => {
    const small = await t.connect({ properties: { maximumPacketSize: 150 } });
    await small.subscribe(t.topic(), { qos: 1 });
    const large = await t.connect();
    await large.subscribe(t.topic(), { qos: 1 });
    const publisher = await t.connect();
    const payload = "x".repeat(400);
    await publisher.publish(t.topic(), payload, { qos: 1 });
    await large.expectMessage(t.topic(), payload);
    await small.expectNothing();
  },
);

conformance(
  only5,
  "counts User Properties towards Maximum Packet Size [MQTT-3.1.2-24]",
  async (t) => {
    const subscriber = await t.connect({ properties: { maximumPacketSize: 200 } });
    await subscriber.subscribe(t.topic());
    const publisher = await t.connect();
    const userProperties = [["name", "v".repeat(200)] as const];
    await publisher.publish(t.topic(), "x", { properties: { userProperties } });
    await publisher.publish(t.topic(), "y");
    await subscriber.expectMessage(t.topic(), "y");
    await subscriber.expectNothing();
  },
);

conformance(
  only5,
  "sends no retained message that is too large [MQTT-3.1.2-24]",
  async (t) => {
    const publisher = await t.connect();
    await publisher.publish(t.topic("large"), "x".repeat(300), { retain: true });
    await publisher.publish(t.topic("small"), "y", { retain: true });
    const subscriber = await t.connect({ properties: { maximumPacketSize: 200 } });
    await subscriber.subscribe(t.topic("#"));
    await subscriber.expectMessage(t.topic("small"), "y");
    await subscriber.expectNothing();
  },
);

/** Bytes of the largest answer without Reason String and User Property, and room for few more. */
const TINY = 24;

/** Makes the broker send a packet that it could add a Reason String to. */
const answers: [name: string, rules: string, provoke: (client: RawClient) => Promise<Packet>][] = [
  ["PUBACK", "[MQTT-3.4.2-2] [MQTT-3.4.2-3]", async (client) => {
    await client.send(client.publishPacket("nobody/subscribes", "x", { qos: 1 }));
    return await client.expect(PacketType.Puback);
  }],
  ["PUBREC", "[MQTT-3.5.2-2] [MQTT-3.5.2-3]", async (client) => {
    await client.send(client.publishPacket("nobody/subscribes", "x", { qos: 2 }));
    return await client.expect(PacketType.Pubrec);
  }],
  ["PUBREL", "[MQTT-3.6.2-2] [MQTT-3.6.2-3]", async (client) => {
    await client.sendAcknowledgement(PacketType.Pubrec, 40);
    return await client.expect(PacketType.Pubrel);
  }],
  ["PUBCOMP", "[MQTT-3.7.2-2] [MQTT-3.7.2-3]", async (client) => {
    await client.sendAcknowledgement(PacketType.Pubrel, 40);
    return await client.expect(PacketType.Pubcomp);
  }],
  ["SUBACK", "[MQTT-3.9.2-1] [MQTT-3.9.2-2]", async (client) => {
    const topicFilter = `${"x/".repeat(200)}#`; // Too many levels for some brokers.
    return await client.requestSubscriptions([{ topicFilter }]);
  }],
  ["UNSUBACK", "[MQTT-3.11.2-1] [MQTT-3.11.2-2]", (client) => client.unsubscribe("a", "b", "c")],
  ["DISCONNECT", "[MQTT-3.14.2-3] [MQTT-3.14.2-4]", async (client) => {
    await client.sendBytes(fromHex("00 00"));
    return await client.expect(PacketType.Disconnect);
  }],
];
for (const [name, rules, provoke] of answers) {
  conformance(only5, `sends ${name} without what would make it too large ${rules}`, async (t) => {
    const client = await t.connect({ properties: { maximumPacketSize: TINY } });
    const before = client.bytesReceived.length;
    await provoke(client);
    assert(client.bytesReceived.length - before <= TINY, "The answer is over Maximum Packet Size");
  });
}

conformance(
  only5,
  "sends CONNACK without what would make it too large [MQTT-3.2.2-19] [MQTT-3.2.2-20]",
  async (t) => {
    const client = await t.open();
    await client.sendConnect({
      clientIdentifier: t.clientIdentifier(),
      properties: { authenticationMethod: "unheard-of", maximumPacketSize: TINY },
    });
    await client.expectConnectRefused(ReasonCode.BadAuthenticationMethod);
    assert(client.bytesReceived.length <= TINY, "CONNACK is over Maximum Packet Size");
  },
);
