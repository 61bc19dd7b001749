/**
 * MQTT.js against the broker as a process: what people's programs do, over MQTT 3.1, 3.1.1 and 5.
 */

import assert from "node:assert/strict";
import { MqttJsClient } from "../support/mqttjs_client.ts";
import { startBroker } from "../support/broker_process.ts";

const VERSIONS = [
  { name: "MQTT 3.1", options: { protocolId: "MQIsdp", protocolVersion: 3 } },
  { name: "MQTT 3.1.1", options: { protocolId: "MQTT", protocolVersion: 4 } },
  { name: "MQTT 5", options: { protocolId: "MQTT", protocolVersion: 5 } },
] as const;

for (const { name, options } of VERSIONS) {
  Deno.test(`${name}: MQTT.js gets a message of every QoS once`, async () => {
    await using broker = await startBroker();
    await using subscriber = await MqttJsClient.connect(broker, options);
    await using publisher = await MqttJsClient.connect(broker, options);
    await subscriber.client.subscribeAsync("home/#", { qos: 2 });
    for (const qos of [0, 1, 2] as const) {
      await publisher.client.publishAsync(`home/qos${qos}`, `message ${qos}`, { qos });
    }
    await publisher.client.publishAsync("home/last", "", { qos: 2 });
    assert.deepEqual(await subscriber.nextMessages(4), [
      { topic: "home/qos0", payload: "message 0", qos: 0, retain: false },
      { topic: "home/qos1", payload: "message 1", qos: 1, retain: false },
      { topic: "home/qos2", payload: "message 2", qos: 2, retain: false },
      { topic: "home/last", payload: "", qos: 2, retain: false },
    ]);
  });

  Deno.test(`${name}: MQTT.js gets a retained message, and none once it is cleared`, async () => {
    await using broker = await startBroker();
    await using publisher = await MqttJsClient.connect(broker, options);
    await publisher.client.publishAsync("home/temp", "21.5", { qos: 1, retain: true });
    await publisher.client.publishAsync("home/door", "open", { qos: 1, retain: true });
    await publisher.client.publishAsync("home/door", "", { qos: 1, retain: true });
    await using subscriber = await MqttJsClient.connect(broker, options);
    await subscriber.client.subscribeAsync("home/+", { qos: 1 });
    await publisher.client.publishAsync("home/last", "", { qos: 1 });
    assert.deepEqual(await subscriber.nextMessages(2), [
      { topic: "home/temp", payload: "21.5", qos: 1, retain: true },
      { topic: "home/last", payload: "", qos: 1, retain: false },
    ]);
  });

  Deno.test(`${name}: the Will of MQTT.js is published when its connection breaks`, async () => {
    await using broker = await startBroker();
    await using watcher = await MqttJsClient.connect(broker, options);
    await watcher.client.subscribeAsync("status/#", { qos: 1 });
    for (const ending of ["leaves", "breaks"]) {
      const payload = Buffer.from("offline");
      const will = { topic: `status/${ending}`, payload, qos: 1, retain: false } as const;
      await using client = await MqttJsClient.connect(broker, { ...options, will });
      if (ending === "breaks") await client.cut();
      else await client.client.endAsync();
    }
    assert.deepEqual(await watcher.nextMessage(), {
      topic: "status/breaks",
      payload: "offline",
      qos: 1,
      retain: false,
    });
  });

  Deno.test(`${name}: MQTT.js resumes its session and gets what it missed, in order`, async () => {
    await using broker = await startBroker();
    const session = {
      ...options,
      clean: false,
      clientId: "resuming",
      ...(options.protocolVersion === 5 ? { properties: { sessionExpiryInterval: 600 } } : {}),
    };
    {
      await using first = await MqttJsClient.connect(broker, session);
      if (options.protocolVersion > 3) assert.equal(first.sessionPresent, false);
      await first.client.subscribeAsync("news", { qos: 2 });
    }
    await using publisher = await MqttJsClient.connect(broker, options);
    for (const payload of ["1", "2", "3", "4"]) {
      await publisher.client.publishAsync("news", payload, { qos: 1 });
    }
    await using second = await MqttJsClient.connect(broker, session);
    if (options.protocolVersion > 3) assert.equal(second.sessionPresent, true);
    const news = await second.nextMessages(4);
    assert.deepEqual(news.map(({ payload }) => payload), ["1", "2", "3", "4"]);
  });
}
