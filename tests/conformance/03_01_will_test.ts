/**
 * MQTT 5 sections 3.1.2.5 to 3.1.2.7 and 3.1.3.2: the Will Message, when it is published and when
 * it is not, its properties and its delay.
 */

import assert from "node:assert/strict";
import { PacketType, type QoS } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import {
  conformance,
  conformanceTogether,
  everyVersion,
  type Fixture,
  only5,
  scenario,
} from "./fixture.ts";
import { fromHex } from "./wire.ts";
import { asText } from "../support/packet_text.ts";

async function watch(t: Fixture, qos: QoS = 2) {
  const watcher = await t.connect();
  await watcher.subscribe(t.topic("#"), { qos });
  return watcher;
}

conformance(
  everyVersion,
  "publishes the Will when the connection ends without DISCONNECT [MQTT-3.1.2-7] [MQTT-3.1.2-8]",
  async (t) => {
    const watcher = await watch(t);
    const client = await t.connect({ will: { topicName: t.topic("will"), payload: "gone" } });
    client.close();
    await watcher.expectMessage(t.topic("will"), "gone");
  },
);

for (const qos of [0, 1, 2] as const) {
  conformance(everyVersion, `publishes a Will at QoS ${qos} [MQTT-3.1.2-12]`, async (t) => {
    const watcher = await watch(t);
    const client = await t.connect({ will: { topicName: t.topic(), payload: "gone", qos } });
    client.close();
    assert.equal((await watcher.expectMessage(t.topic(), "gone")).qos, qos);
  });
}

conformance(
  everyVersion,
  "does not publish the Will after DISCONNECT [MQTT-3.14.4-3] [MQTT-3.1.2-10]",
  async (t) => {
    const watcher = await watch(t);
    const client = await t.connect({ will: { topicName: t.topic(), payload: "gone" } });
    await client.disconnect();
    await watcher.expectNothing();
  },
);

conformance(
  everyVersion,
  "publishes the Will when the client breaks the protocol [MQTT-3.1.2-8]",
  async (t) => {
    const watcher = await watch(t);
    const client = await t.connect({ will: { topicName: t.topic(), payload: "gone" } });
    await client.sendBytes(fromHex("00 00"));
    await client.readToEnd();
    await watcher.expectMessage(t.topic(), "gone");
  },
);

conformance(
  everyVersion,
  "publishes the Will once: not again when the next connection ends [MQTT-3.1.2-10]",
  async (t) => {
    const watcher = await watch(t);
    const clientIdentifier = t.clientIdentifier();
    const first = await t.connectKeepingSession(clientIdentifier, {
      will: { topicName: t.topic(), payload: "gone" },
    });
    first.close();
    await watcher.expectMessage(t.topic(), "gone");
    const second = await t.connectKeepingSession(clientIdentifier);
    await second.sendBytes(fromHex("00 00"));
    await second.readToEnd();
    await watcher.expectNothing();
  },
);

conformance(
  everyVersion,
  "does not keep a Will without Will Retain [MQTT-3.1.2-14]",
  async (t) => {
    const watcher = await watch(t);
    const client = await t.connect({ will: { topicName: t.topic(), payload: "gone" } });
    client.close();
    const message = await watcher.expectMessage(t.topic(), "gone");
    assert.equal(message.retain, false);
    await watcher.subscribe(t.topic());
    await watcher.expectNothing();
  },
);

conformance(everyVersion, "keeps a Will with Will Retain [MQTT-3.1.2-15]", async (t) => {
  const watcher = await watch(t);
  const client = await t.connect({
    will: { topicName: t.topic(), payload: "gone", retain: true, qos: 1 },
  });
  client.retainedTopics.add(t.topic());
  client.close();
  await watcher.expectMessage(t.topic(), "gone");
  const late = await t.connect();
  await late.subscribe(t.topic(), { qos: 1 });
  const message = await late.expectMessage(t.topic(), "gone");
  assert.deepEqual([message.retain, message.qos], [true, 1]);
});

conformance(
  everyVersion,
  "publishes a Will without a payload, and removes a retained message with it",
  async (t) => {
    const watcher = await watch(t);
    await watcher.publish(t.topic(), "kept", { retain: true });
    await watcher.expectMessage(t.topic(), "kept");
    const client = await t.connect({ will: { topicName: t.topic(), retain: true } });
    client.close();
    await watcher.expectMessage(t.topic(), "");
    const late = await t.connect();
    await late.subscribe(t.topic());
    await late.expectNothing();
  },
);

conformance(
  everyVersion,
  "publishes the Will of a client that is taken over and keeps no session, section 3.1.2.5",
  async (t) => {
    const watcher = await watch(t);
    const clientIdentifier = t.clientIdentifier();
    await t.connect({ clientIdentifier, will: { topicName: t.topic(), payload: "replaced" } });
    await t.connect({ clientIdentifier });
    await watcher.expectMessage(t.topic(), "replaced");
  },
);

conformance(only5, "publishes the Will with all its properties, section 3.1.3.2", async (t) => {
  const watcher = await watch(t);
  const client = await t.connect({
    will: {
      topicName: t.topic(),
      payload: "gone",
      qos: 1,
      properties: {
        payloadFormatIndicator: 1,
        messageExpiryInterval: 900,
        contentType: "text/plain",
        responseTopic: t.topic("answer"),
        correlationData: Uint8Array.of(0, 1, 255),
        userProperties: [["b", "2"], ["a", "1"], ["b", "2"]], // [MQTT-3.1.3-10]
      },
    },
  });
  client.close();
  const { properties } = await watcher.expectMessage(t.topic(), "gone");
  const { messageExpiryInterval = 0, ...others } = properties;
  assert.deepEqual(others, {
    payloadFormatIndicator: 1,
    contentType: "text/plain",
    responseTopic: t.topic("answer"),
    correlationData: Uint8Array.of(0, 1, 255),
    userProperties: [["b", "2"], ["a", "1"], ["b", "2"]],
  });
  assert(messageExpiryInterval > 0 && messageExpiryInterval <= 900);
});

conformance(
  only5,
  "keeps the order of User Properties in a Will [MQTT-3.1.3-10]",
  async (t) => {
    const watcher = await watch(t);
    const userProperties = Array.from({ length: 12 }, (_, at) => [`k${at % 3}`, `${at}`] as const);
    const client = await t.connect({
      will: { topicName: t.topic(), properties: { userProperties } },
    });
    client.close();
    const message = await watcher.expect(PacketType.Publish);
    assert.deepEqual(message.properties.userProperties, userProperties);
  },
);

conformance(
  only5,
  "publishes the Will on DISCONNECT with Reason Code 0x04, section 3.14.2.1",
  async (t) => {
    const watcher = await watch(t);
    const client = await t.connect({ will: { topicName: t.topic(), payload: "on purpose" } });
    await client.disconnect(ReasonCode.DisconnectWithWillMessage);
    await watcher.expectMessage(t.topic(), "on purpose");
  },
);

conformance(
  only5,
  "publishes the Will on DISCONNECT with an error code [MQTT-3.1.2-8]",
  async (t) => {
    const watcher = await watch(t);
    const client = await t.connect({ will: { topicName: t.topic(), payload: "failed" } });
    await client.disconnect(ReasonCode.UnspecifiedError);
    await watcher.expectMessage(t.topic(), "failed");
  },
);

conformanceTogether(
  "Will Delay Interval",
  scenario(
    only5,
    "does not publish a delayed Will when the client returns in time [MQTT-3.1.3-9]",
    async (t) => {
      const watcher = await watch(t);
      const clientIdentifier = t.clientIdentifier();
      // The sentinel's delay is the same and it is set off later, so it comes after the first Will.
      const delayed = (payload: string) => ({
        will: { topicName: t.topic(), payload, properties: { willDelayInterval: 1 } },
      });
      const first = await t.connectKeepingSession(clientIdentifier, delayed("cancelled"));
      await first.disconnect(ReasonCode.DisconnectWithWillMessage);
      const second = await t.connectKeepingSession(clientIdentifier);
      assert.equal(second.connack.sessionPresent, true);
      const sentinel = await t.connectKeepingSession(t.clientIdentifier(), delayed("sentinel"));
      await sentinel.disconnect(ReasonCode.DisconnectWithWillMessage);
      await watcher.expectMessage(t.topic(), "sentinel");
      await watcher.expectNothing();
    },
  ),
  scenario(
    only5,
    "publishes a delayed Will once its delay has passed, not before [MQTT-3.1.2-8]",
    async (t) => {
      const watcher = await watch(t);
      const started = performance.now();
      const client = await t.connectKeepingSession(t.clientIdentifier(), {
        will: { topicName: t.topic(), payload: "late", properties: { willDelayInterval: 1 } },
      });
      await client.disconnect(ReasonCode.DisconnectWithWillMessage);
      await watcher.expectNothing();
      await watcher.expectMessage(t.topic(), "late");
      assert(performance.now() - started >= 1_000, "Published before its delay had passed");
    },
  ),
);

conformance(
  only5,
  "publishes a delayed Will when the session ends, if that is earlier [MQTT-3.1.2-8]",
  async (t) => {
    const watcher = await watch(t);
    const client = await t.connect({
      properties: { sessionExpiryInterval: 0 },
      will: { topicName: t.topic(), payload: "ended", properties: { willDelayInterval: 3_000 } },
    });
    client.close();
    await watcher.expectMessage(t.topic(), "ended");
  },
);

conformance(
  only5,
  "publishes a delayed Will when Clean Start ends its session, section 3.1.2.5",
  async (t) => {
    const watcher = await watch(t);
    const clientIdentifier = t.clientIdentifier();
    const client = await t.connectKeepingSession(clientIdentifier, {
      will: { topicName: t.topic(), payload: "ended", properties: { willDelayInterval: 3_000 } },
    });
    await client.disconnect(ReasonCode.DisconnectWithWillMessage);
    await t.connect({ clientIdentifier, cleanStart: true });
    await watcher.expectMessage(t.topic(), "ended");
  },
);

conformance(
  only5,
  "does not publish a delayed Will of a session that is taken over and goes on [MQTT-3.1.3-9]",
  async (t) => {
    const watcher = await watch(t);
    const clientIdentifier = t.clientIdentifier();
    await t.connectKeepingSession(clientIdentifier, {
      will: { topicName: t.topic(), payload: "no", properties: { willDelayInterval: 3_000 } },
    });
    const newer = await t.connectKeepingSession(clientIdentifier);
    assert.equal(newer.connack.sessionPresent, true);
    await newer.disconnect(ReasonCode.Success, { sessionExpiryInterval: 0 });
    await watcher.expectNothing();
  },
);

conformance(
  only5,
  "publishes an immediate Will when the session is taken over, section 3.1.2.5",
  async (t) => {
    const watcher = await watch(t);
    const clientIdentifier = t.clientIdentifier();
    await t.connectKeepingSession(clientIdentifier, {
      will: { topicName: t.topic(), payload: "replaced" },
    });
    await t.connectKeepingSession(clientIdentifier);
    await watcher.expectMessage(t.topic(), "replaced");
  },
);

conformance(
  everyVersion,
  "delivers the Will to the client's own session as to others",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const watcher = await watch(t);
    const client = await t.connectKeepingSession(clientIdentifier, {
      will: { topicName: t.topic(), payload: "mine", qos: 1 },
    });
    await client.subscribe(t.topic(), { qos: 1 });
    client.close();
    await watcher.expectMessage(t.topic(), "mine");
    const again = await t.connectKeepingSession(clientIdentifier);
    const message = await again.expect(PacketType.Publish);
    assert.equal(asText(message.payload), "mine");
  },
);
