/**
 * MQTT 5 section 3.3.2.3.4, Topic Alias: from the client to the broker and the other way.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { asText } from "../support/packet_text.ts";
import type { RawClient } from "../support/raw_client.ts";
import { conformance, only5 } from "./fixture.ts";
import { packet, properties, string } from "./wire.ts";

async function publishWithAlias(
  client: RawClient,
  topicName: string,
  topicAlias: number,
  payload: string,
) {
  await client.send(client.publishPacket(topicName, payload, { properties: { topicAlias } }));
}

/** The largest alias the broker takes; a broker that takes none cannot be tested here. */
function aliasMaximumOf(client: RawClient): number {
  const maximum = client.connack.properties.topicAliasMaximum ?? 0;
  assert(maximum > 0, "The broker announces no Topic Alias Maximum");
  return maximum;
}

conformance(only5, "rejects Topic Alias 0 [MQTT-3.3.2-8]", async (t) => {
  const client = await t.connect();
  await client.sendBytes(packet(0x30, string(t.topic()), properties(0x23, 0, 0)));
  await client.expectRefusal(ReasonCode.TopicAliasInvalid);
});

conformance(
  only5,
  "rejects a Topic Alias over its Topic Alias Maximum [MQTT-3.3.2-9]",
  async (t) => {
    const client = await t.connect();
    await publishWithAlias(client, t.topic(), aliasMaximumOf(client) + 1, "x");
    await client.expectRefusal(ReasonCode.TopicAliasInvalid);
  },
);

conformance(
  only5,
  "takes every Topic Alias from 1 to its maximum [MQTT-3.3.2-12]",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic("#"));
    const maximum = aliasMaximumOf(client);
    for (const alias of new Set([1, 2, maximum >> 1 || 1, maximum])) {
      await publishWithAlias(client, t.topic(`${alias}`), alias, "named");
      await publishWithAlias(client, "", alias, "by alias");
      await client.expectMessage(t.topic(`${alias}`), "named");
      await client.expectMessage(t.topic(`${alias}`), "by alias");
    }
  },
);

conformance(only5, "does not pass a publisher's Topic Alias on, section 3.3.2.3.4", async (t) => {
  const client = await t.connect();
  await client.subscribe(t.topic());
  await publishWithAlias(client, t.topic(), 1, "x");
  const message = await client.expectMessage(t.topic(), "x");
  assert.equal(message.properties.topicAlias, undefined);
});

conformance(
  only5,
  "gives a Topic Alias a new meaning when told so, section 3.3.2.3.4",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic("#"));
    await publishWithAlias(client, t.topic("a"), 1, "1");
    await publishWithAlias(client, t.topic("b"), 1, "2");
    await publishWithAlias(client, "", 1, "3");
    await client.expectMessage(t.topic("a"), "1");
    await client.expectMessage(t.topic("b"), "2");
    await client.expectMessage(t.topic("b"), "3");
  },
);

conformance(only5, "lets several aliases stand for one topic, section 3.3.2.3.4", async (t) => {
  const client = await t.connect();
  await client.subscribe(t.topic());
  await publishWithAlias(client, t.topic(), 1, "1");
  await publishWithAlias(client, t.topic(), 2, "2");
  await publishWithAlias(client, "", 1, "3");
  await publishWithAlias(client, "", 2, "4");
  await client.expectMessages(t.topic(), ["1", "2", "3", "4"]);
});

conformance(only5, "rejects a Topic Alias that has no meaning yet, section 3.3.4", async (t) => {
  const client = await t.connect();
  await publishWithAlias(client, "", 1, "x");
  await client.expectRefusal(ReasonCode.ProtocolError, ReasonCode.TopicAliasInvalid);
});

conformance(
  only5,
  "forgets Topic Aliases when the connection ends, not the session [MQTT-3.3.2-7]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const first = await t.connectKeepingSession(clientIdentifier);
    await publishWithAlias(first, t.topic(), 1, "x");
    await first.disconnect();
    const second = await t.connectKeepingSession(clientIdentifier);
    await publishWithAlias(second, "", 1, "y");
    await second.expectRefusal(ReasonCode.ProtocolError, ReasonCode.TopicAliasInvalid);
  },
);

conformance(only5, "keeps the Topic Aliases of two clients apart [MQTT-3.3.2-7]", async (t) => {
  const first = await t.connect();
  const second = await t.connect();
  await first.subscribe(t.topic("#"));
  await publishWithAlias(first, t.topic("first"), 1, "1");
  await publishWithAlias(second, t.topic("second"), 1, "2");
  await second.barrier();
  await publishWithAlias(first, "", 1, "3");
  await first.expectMessage(t.topic("first"), "1");
  await first.expectMessage(t.topic("second"), "2");
  await first.expectMessage(t.topic("first"), "3");
});

conformance(only5, "takes Topic Aliases at QoS 1 and 2 too, section 3.3.2.3.4", async (t) => {
  const client = await t.connect();
  await client.subscribe(t.topic());
  for (const qos of [1, 2] as const) {
    await client.publish(t.topic(), "named", { qos, properties: { topicAlias: 1 } });
    await client.publish("", "by alias", { qos, properties: { topicAlias: 1 } });
    await client.expectMessage(t.topic(), "named");
    await client.expectMessage(t.topic(), "by alias");
  }
});

conformance(
  only5,
  "keeps a retained message under its topic when it came by alias [MQTT-3.3.1-5]",
  async (t) => {
    const client = await t.connect();
    await publishWithAlias(client, t.topic(), 1, "x");
    client.retainedTopics.add(t.topic());
    await client.publish("", "kept", { retain: true, qos: 1, properties: { topicAlias: 1 } });
    client.retainedTopics.delete("");
    await client.subscribe(t.topic());
    await client.expectMessage(t.topic(), "kept");
  },
);

/** Publishes to each topic, and checks what the subscriber makes of the aliases it is sent. */
async function resolveAliases(
  subscriber: RawClient,
  publisher: RawClient,
  topics: string[],
): Promise<number[]> {
  const meaning = new Map<number, string>();
  const aliases: number[] = [];
  for (const [at, topicName] of topics.entries()) {
    await publisher.publish(topicName, `${at}`);
    const message = await subscriber.expect(PacketType.Publish);
    const alias = message.properties.topicAlias;
    if (alias !== undefined) {
      aliases.push(alias);
      if (message.topicName !== "") meaning.set(alias, message.topicName);
    }
    const resolved = message.topicName || meaning.get(alias as number);
    assert.deepEqual([resolved, asText(message.payload)], [topicName, `${at}`]);
  }
  return aliases;
}

conformance(
  only5,
  "sends no Topic Alias to a client that allows none [MQTT-3.1.2-27]",
  async (t) => {
    const publisher = await t.connect();
    for (const properties of [{}, { topicAliasMaximum: 0 }]) {
      const subscriber = await t.connect({ properties });
      await subscriber.subscribe(t.topic());
      const topics = Array.from({ length: 10 }, () => t.topic());
      assert.deepEqual(await resolveAliases(subscriber, publisher, topics), []);
    }
  },
);

conformance(
  only5,
  "sends no Topic Alias over the client's maximum, nor 0 [MQTT-3.1.2-26] [MQTT-3.3.2-11]",
  async (t) => {
    const publisher = await t.connect();
    const subscriber = await t.connect({ properties: { topicAliasMaximum: 2 } });
    await subscriber.subscribe(t.topic("#"));
    const topics = Array.from({ length: 40 }, (_, at) => t.topic(`long/topic/name/${at % 5}`));
    const aliases = await resolveAliases(subscriber, publisher, topics);
    assert(aliases.every((alias) => alias === 1 || alias === 2), `${aliases}`);
  },
);

conformance(
  only5,
  "saves a topic that repeats with a Topic Alias where the client allows it, section 3.3.2.3.4",
  async (t) => {
    const publisher = await t.connect();
    const subscriber = await t.connect({ properties: { topicAliasMaximum: 5 } });
    await subscriber.subscribe(t.topic("#"));
    const topics = Array.from({ length: 20 }, () => t.topic("a/long/topic/name"));
    const aliases = await resolveAliases(subscriber, publisher, topics);
    assert(aliases.length > 10, `${aliases.length} of 20 messages had an alias`);
  },
);

conformance(
  only5,
  "starts anew with its Topic Aliases on each connection [MQTT-3.3.2-7]",
  async (t) => {
    const publisher = await t.connect();
    const clientIdentifier = t.clientIdentifier();
    const topics = Array.from({ length: 8 }, () => t.topic("a/long/topic/name"));
    for (let connection = 0; connection < 2; connection++) {
      const subscriber = await t.connectKeepingSession(clientIdentifier, {
        properties: { topicAliasMaximum: 10 },
      });
      if (connection === 0) await subscriber.subscribe(t.topic("#"));
      await resolveAliases(subscriber, publisher, topics);
      await subscriber.disconnect();
    }
  },
);
