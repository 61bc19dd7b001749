/**
 * MQTT 5 section 4.8.2, Shared Subscriptions: who of a group gets a message, and what becomes of it
 * when that client goes away.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { asText } from "../support/packet_text.ts";
import type { RawClient } from "../support/raw_client.ts";
import { conformance, type Fixture, only5 } from "./fixture.ts";
import { packet, string, u16 } from "./wire.ts";

const { MalformedPacket, ProtocolError, TopicFilterInvalid } = ReasonCode;

const invalidShares: [topicFilter: string, ruleId: string][] = [
  ["$share//t", "[MQTT-4.8.2-1]"],
  ["$share/", "[MQTT-4.8.2-1]"],
  ["$share/group", "[MQTT-4.8.2-2]"],
  ["$share/group/", "[MQTT-4.7.3-1]"],
  ["$share/gr+up/t", "[MQTT-4.8.2-2]"],
  ["$share/gr#up/t", "[MQTT-4.8.2-2]"],
  ["$share/+/t", "[MQTT-4.8.2-2]"],
  ["$share/#", "[MQTT-4.8.2-2]"],
  ["$share/group/a/#/b", "[MQTT-4.7.1-1]"],
  ["$share/group/a+", "[MQTT-4.7.1-2]"],
];
for (const [topicFilter, ruleId] of invalidShares) {
  conformance(only5, `refuses "${topicFilter}" as a Topic Filter ${ruleId}`, async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(0x82, u16(1), 0, string(topicFilter), 0));
    await client.expectRefusal(TopicFilterInvalid, MalformedPacket, ProtocolError);
  });
}

/** Everything that has arrived and is not acknowledged yet: payloads, in order. */
async function received(client: RawClient): Promise<string[]> {
  await client.barrier();
  return client.inbox.splice(0).map((packet) =>
    packet.type === PacketType.Publish ? asText(packet.payload) : `packet type ${packet.type}`
  );
}

async function members(t: Fixture, count: number, topicFilter: string): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let at = 0; at < count; at++) {
    const client = await t.connect();
    await client.subscribe(topicFilter);
    clients.push(client);
  }
  return clients;
}

const payloads = Array.from({ length: 30 }, (_, at) => `${at}`);

conformance(only5, "sends each message to one member of a group, section 4.8.2", async (t) => {
  const group = await members(t, 3, `$share/group/${t.topic("+")}`);
  const publisher = await t.connect();
  for (const payload of payloads) await publisher.publish(t.topic("a"), payload);
  const shares = [];
  for (const client of group) shares.push(await received(client));
  assert.deepEqual(shares.flat().sort(), payloads.toSorted());
  assert(shares.every((share) => share.length > 0), "One member got nothing of 30 messages");
});

conformance(only5, "sends each message to every group and every subscriber", async (t) => {
  const one = await members(t, 2, `$share/one/${t.topic()}`);
  const two = await members(t, 1, `$share/two/${t.topic()}`);
  const alone = await members(t, 1, t.topic());
  const publisher = await t.connect();
  for (const payload of payloads) await publisher.publish(t.topic(), payload);
  for (const group of [one, two, alone]) {
    const all = [];
    for (const client of group) all.push(...await received(client));
    assert.deepEqual(all.sort(), payloads.toSorted());
  }
});

conformance(only5, "keeps shares with one name and two filters apart, section 4.8.2", async (t) => {
  const [one] = await members(t, 1, `$share/group/${t.topic("a")}`);
  const [two] = await members(t, 1, `$share/group/${t.topic("+")}`);
  const publisher = await t.connect();
  await publisher.publish(t.topic("a"), "x");
  await one?.expectMessage(t.topic("a"), "x");
  await two?.expectMessage(t.topic("a"), "x");
});

conformance(
  only5,
  "sends a client its share beside its own subscription, section 4.8.2",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic(), {}, { subscriptionIdentifiers: [1] });
    const share = `$share/group/${t.topic()}`;
    await client.subscribe(share, {}, { subscriptionIdentifiers: [2] });
    await client.publish(t.topic(), "x");
    const identifiers = new Set<number>();
    await client.barrier();
    for (const message of client.inbox.splice(0)) {
      assert(message.type === PacketType.Publish);
      for (const id of message.properties.subscriptionIdentifiers ?? []) identifiers.add(id);
    }
    assert.deepEqual([...identifiers].sort(), [1, 2]);
  },
);

conformance(
  only5,
  "sends each member messages at its own granted QoS [MQTT-4.8.2-3]",
  async (t) => {
    const share = `$share/group/${t.topic()}`;
    const zero = await t.connect();
    await zero.subscribe(share, { qos: 0 });
    const one = await t.connect();
    await one.subscribe(share, { qos: 1 });
    const publisher = await t.connect();
    for (const payload of payloads.slice(0, 10)) {
      await publisher.publish(t.topic(), payload, { qos: 2 });
    }
    for (const [client, qos] of [[zero, 0], [one, 1]] as const) {
      await client.barrier();
      const levels = client.inbox.splice(0).map((packet) => "qos" in packet ? packet.qos : -1);
      assert.deepEqual(new Set(levels), new Set([qos]));
    }
  },
);

conformance(only5, "sends no retained message to a new share, section 4.8.2", async (t) => {
  const client = await t.connect();
  await client.publish(t.topic(), "kept", { retain: true });
  await client.subscribe(`$share/group/${t.topic()}`);
  await client.expectNothing();
});

conformance(
  only5,
  "ends a share with UNSUBSCRIBE of its whole filter [MQTT-3.10.4-1]",
  async (t) => {
    const [leaving, staying] = await members(t, 2, `$share/group/${t.topic()}`);
    assert(leaving && staying);
    const wrong = await leaving.unsubscribe(t.topic(), `$share/other/${t.topic()}`);
    assert.deepEqual(wrong.reasonCodes, [0x11, 0x11]);
    const right = await leaving.unsubscribe(`$share/group/${t.topic()}`);
    assert.deepEqual(right.reasonCodes, [0]);
    const publisher = await t.connect();
    for (const payload of payloads) await publisher.publish(t.topic(), payload);
    assert.deepEqual(await received(staying), payloads);
    await leaving.expectNothing();
  },
);

conformance(only5, "passes over a member that has disconnected, section 4.8.2", async (t) => {
  const [leaving, staying] = await members(t, 2, `$share/group/${t.topic()}`);
  assert(leaving && staying);
  await leaving.disconnect();
  const publisher = await t.connect();
  for (const payload of payloads) await publisher.publish(t.topic(), payload);
  assert.deepEqual(await received(staying), payloads);
});

conformance(
  only5,
  "prefers a member that is connected to one that is away, section 4.8.2",
  async (t) => {
    const share = `$share/group/${t.topic()}`;
    const away = await t.connectKeepingSession(t.clientIdentifier());
    await away.subscribe(share, { qos: 1 });
    await away.disconnect();
    const present = await t.connect();
    await present.subscribe(share, { qos: 1 });
    const publisher = await t.connect();
    for (const payload of payloads.slice(0, 10)) {
      await publisher.publish(t.topic(), payload, { qos: 1 });
    }
    await present.expectMessages(t.topic(), payloads.slice(0, 10));
  },
);

conformance(
  only5,
  "keeps messages for a group whose only member is away, section 4.8.2",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const member = await t.connectKeepingSession(clientIdentifier);
    await member.subscribe(`$share/group/${t.topic()}`, { qos: 1 });
    await member.disconnect();
    const publisher = await t.connect();
    await publisher.publish(t.topic(), "x", { qos: 1 });
    const again = await t.connectKeepingSession(clientIdentifier);
    await again.expectMessage(t.topic(), "x");
  },
);

/** Two members of a group; which of them was sent "x" at this QoS, and which was not. */
async function chosenOfTwo(t: Fixture, qos: 1 | 2) {
  const identifiers = [t.clientIdentifier(), t.clientIdentifier()];
  const clients: RawClient[] = [];
  for (const clientIdentifier of identifiers) {
    const client = await t.connectKeepingSession(clientIdentifier);
    await client.subscribe(`$share/group/${t.topic()}`, { qos });
    clients.push(client);
  }
  const publisher = await t.connect();
  await publisher.publish(t.topic(), "x", { qos });
  for (const client of clients) await client.barrier();
  const at = clients.findIndex((client) => client.inbox.length > 0);
  const [chosen, other] = [clients[at], clients[1 - at]];
  assert(chosen && other);
  const message = await chosen.expect(PacketType.Publish);
  return { chosen, other, message, chosenIdentifier: identifiers[at] as string };
}

conformance(
  only5,
  "completes a QoS 2 delivery with the client it began with [MQTT-4.8.2-4]",
  async (t) => {
    const { chosen, other, message, chosenIdentifier } = await chosenOfTwo(t, 2);
    chosen.close();
    const again = await t.connectKeepingSession(chosenIdentifier);
    const resent = await again.expectMessage(t.topic(), "x");
    assert.equal(resent.packetIdentifier, message.packetIdentifier);
    await other.expectNothing();
  },
);

conformance(
  only5,
  "gives a QoS 2 message to no other when its client's session ends [MQTT-4.8.2-5]",
  async (t) => {
    const { chosen, other } = await chosenOfTwo(t, 2);
    await chosen.disconnect(ReasonCode.Success, { sessionExpiryInterval: 0 });
    await other.expectNothing();
  },
);

conformance(
  only5,
  "gives a QoS 1 message to another when its client's session ends, section 4.8.2",
  async (t) => {
    const { chosen, other } = await chosenOfTwo(t, 1);
    await chosen.disconnect(ReasonCode.Success, { sessionExpiryInterval: 0 });
    await other.expectMessage(t.topic(), "x");
  },
);

for (const qos of [1, 2] as const) {
  conformance(
    only5,
    `gives a QoS ${qos} message that was refused to no other member [MQTT-4.8.2-6]`,
    async (t) => {
      const { chosen, other, message } = await chosenOfTwo(t, qos);
      await chosen.sendAcknowledgement(
        qos === 1 ? PacketType.Puback : PacketType.Pubrec,
        message.packetIdentifier,
        ReasonCode.UnspecifiedError,
      );
      await chosen.expectNothing();
      await other.expectNothing();
    },
  );
}
