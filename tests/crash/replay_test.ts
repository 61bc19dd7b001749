/**
 * A subscription whose retained messages are on their way when the broker is killed.
 */
import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import type { Address } from "../support/packet_channel.ts";
import { RawClient } from "../support/raw_client.ts";
import { ourBroker } from "./brokers.ts";

const MESSAGES = 100;
/** So many are sent before the client acknowledges any. */
const RECEIVE_MAXIMUM = 10;
const CLIENT = {
  clientIdentifier: "reader",
  cleanStart: false,
  properties: { sessionExpiryInterval: 3600, receiveMaximum: RECEIVE_MAXIMUM },
};

const EVERYTHING = new Set(Array.from({ length: MESSAGES }, (_, number) => `value/${number}`));

/** Takes messages, and acknowledges them, until `topics` has `count`. */
async function take(client: RawClient, topics: Set<string>, count: number): Promise<void> {
  while (topics.size < count) {
    const packet = await client.find(PacketType.Publish);
    assert.equal(packet.retain, true);
    topics.add(packet.topicName);
    await client.acknowledge(packet);
  }
}

/** Subscribes and acknowledges the retained messages of so many topics, which it returns. */
async function begin(address: Address, count: number): Promise<Set<string>> {
  using publisher = await RawClient.connect(address, 4);
  for (const name of EVERYTHING) await publisher.publish(name, "1", { qos: 1, retain: true });
  const reader = await RawClient.connect(address, 5, CLIENT);
  try {
    await reader.subscribe("value/#", { qos: 1 });
    const topics = new Set<string>();
    await take(reader, topics, count);
    // An answer to this has waited for the disk, and for what was recorded before.
    await reader.subscribe("other", { qos: 1 });
    return topics;
  } finally {
    reader.close();
  }
}

for (const count of [0, MESSAGES / 2]) {
  Deno.test(`retained messages of a subscription go on after a crash, ${count} acknowledged before`, async () => {
    await using broker = await ourBroker("full");
    const topics = await begin(await broker.start(), count);
    await broker.kill();
    using reader = await RawClient.connect(await broker.start(), 5, CLIENT);
    assert.equal(reader.connack.sessionPresent, true);
    await take(reader, topics, MESSAGES);
    assert.deepEqual(topics, EVERYTHING);
  });
}

Deno.test("retained messages that all came before a crash do not come again", async () => {
  await using broker = await ourBroker("full");
  await begin(await broker.start(), MESSAGES);
  await broker.kill();
  using reader = await RawClient.connect(await broker.start(), 5, CLIENT);
  await reader.expectNothing();
});
