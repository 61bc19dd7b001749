/**
 * What one PUBLISH to one link looks like, and what is said when it is too large.
 */

import assert from "node:assert/strict";
import { Message } from "../../src/broker/message.ts";
import { Outgoing } from "../../src/broker/outgoing.ts";
import { sendOutgoing, sendPublish } from "../../src/broker/send_publish.ts";
import { Topic } from "../../src/broker/topic_table.ts";
import type { PublishPacket } from "../../src/protocol/packet.ts";
import { Core } from "../support/core.ts";

const clock = { nowMs: () => 1_000 };

function message(expiresAtMs?: number): Message {
  return new Message(new Topic("t"), new Uint8Array([1, 2]), 2, true, undefined, expiresAtMs);
}

Deno.test("sendPublish() writes what is delivered, with the rest of its time", () => {
  const client = new Core().connect("c");
  assert.equal(sendPublish(client.link, clock, message(4_500), 1, true, [7], 9, true), true);
  const [packet] = client.received() as [PublishPacket];
  const { qos, retain, duplicate, packetIdentifier, properties, topicName } = packet;
  assert.deepEqual({ qos, retain, duplicate, packetIdentifier, topicName }, {
    qos: 1,
    retain: true,
    duplicate: true,
    packetIdentifier: 9,
    topicName: "t",
  });
  assert.deepEqual(properties, { messageExpiryInterval: 4, subscriptionIdentifiers: [7] });
});

Deno.test("sendPublish() takes nothing over from the delivery before", () => {
  const client = new Core().connect("c");
  sendPublish(client.link, clock, message(4_500), 1, true, [7], 9, true);
  sendPublish(client.link, clock, message(), 0, false, []);
  const packet = client.received()[1] as PublishPacket;
  const { qos, retain, duplicate, packetIdentifier, properties } = packet;
  assert.deepEqual({ qos, retain, duplicate, packetIdentifier, properties }, {
    qos: 0,
    retain: false,
    duplicate: false,
    packetIdentifier: 0,
    properties: {},
  });
});

Deno.test("sendOutgoing() sends nothing that is larger than the client takes [MQTT-3.1.2-24]", () => {
  const client = new Core().connect("c", 5, { properties: { maximumPacketSize: 10 } });
  const outgoing = new Outgoing(message(), 1, false, [], undefined);
  outgoing.packetIdentifier = 1;
  assert.equal(sendOutgoing(client.link, clock, outgoing, false), true);
  const large = new Message(new Topic("t"), new Uint8Array(20), 1, false);
  const tooLarge = new Outgoing(large, 1, false, [], undefined);
  tooLarge.packetIdentifier = 2;
  assert.equal(sendOutgoing(client.link, clock, tooLarge, false), false);
  assert.equal(client.received().length, 1);
});
