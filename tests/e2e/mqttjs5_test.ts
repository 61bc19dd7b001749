/**
 * What only MQTT 5 has, with MQTT.js against the broker as a process.
 */

import assert from "node:assert/strict";
import { MqttJsClient } from "../support/mqttjs_client.ts";
import { startBroker } from "../support/broker_process.ts";

const mqtt5 = { protocolVersion: 5 } as const;

Deno.test("MQTT 5: MQTT.js gets the properties of a message unaltered", async () => {
  await using broker = await startBroker();
  await using subscriber = await MqttJsClient.connect(broker, mqtt5);
  await using publisher = await MqttJsClient.connect(broker, mqtt5);
  await subscriber.client.subscribeAsync("request", {
    qos: 1,
    properties: { subscriptionIdentifier: 7 },
  });
  const properties = {
    payloadFormatIndicator: true,
    contentType: "application/json",
    responseTopic: "response/1",
    correlationData: Buffer.from([0, 1, 254, 255]),
    userProperties: { room: ["kitchen", "hall"], unit: "C" },
  };
  await publisher.client.publishAsync("request", "{}", { qos: 1, properties });
  const packet = await subscriber.nextPacket();
  assert.deepEqual({ ...packet.properties }, {
    ...properties,
    subscriptionIdentifier: 7,
    // MQTT.js makes its objects of user properties without a prototype.
    userProperties: Object.assign(Object.create(null), properties.userProperties),
  });
});

Deno.test("MQTT 5: two MQTT.js clients share a subscription, each message goes to one", async () => {
  await using broker = await startBroker();
  await using first = await MqttJsClient.connect(broker, mqtt5);
  await using second = await MqttJsClient.connect(broker, mqtt5);
  const received: string[] = [];
  const { promise: all, resolve } = Promise.withResolvers<void>();
  for (const { client } of [first, second]) {
    client.on("message", (_topic, payload) => {
      received.push(payload.toString());
      if (received.length === 20) resolve();
    });
    await client.subscribeAsync("$share/workers/jobs/+", { qos: 1 });
  }
  await using publisher = await MqttJsClient.connect(broker, mqtt5);
  const jobs = Array.from({ length: 20 }, (_, number) => String(number));
  for (const job of jobs) await publisher.client.publishAsync(`jobs/${job}`, job, { qos: 1 });
  await all;
  assert.deepEqual(received.toSorted(), jobs.toSorted());
});

Deno.test("MQTT 5: MQTT.js publishes through Topic Aliases", async () => {
  await using broker = await startBroker();
  await using subscriber = await MqttJsClient.connect(broker, {
    ...mqtt5,
    properties: { topicAliasMaximum: 5 },
  });
  await subscriber.client.subscribeAsync("a/long/topic/name", { qos: 1 });
  await using publisher = await MqttJsClient.connect(broker, {
    ...mqtt5,
    autoAssignTopicAlias: true,
  });
  for (const payload of ["1", "2", "3"]) {
    await publisher.client.publishAsync("a/long/topic/name", payload, { qos: 1 });
  }
  const messages = await subscriber.nextMessages(3);
  assert.deepEqual(messages.map(({ topic, payload }) => `${topic} ${payload}`), [
    "a/long/topic/name 1",
    "a/long/topic/name 2",
    "a/long/topic/name 3",
  ]);
});

Deno.test("MQTT 5: a second MQTT.js client of the same name takes the session over", async () => {
  await using broker = await startBroker();
  const properties = { sessionExpiryInterval: 600 };
  const options = { ...mqtt5, clientId: "twin", clean: false, properties };
  await using first = await MqttJsClient.connect(broker, options);
  const disconnected = first.event("disconnect");
  await using second = await MqttJsClient.connect(broker, options);
  const { reasonCode } = await disconnected as { reasonCode: number };
  assert.equal(reasonCode, 0x8e);
  assert.equal(second.sessionPresent, true);
});
