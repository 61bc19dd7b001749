/**
 * MQTT 5 section 3.2.2.3, what a broker with a configuration of its own announces in CONNACK, and
 * how it enforces that. These tests start their own broker; on a running one they are ignored.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { before5, conformance, everyVersion, only311, only5, since311 } from "./fixture.ts";
import { fromHex, joined, string, variable } from "./wire.ts";

const qos1 = { settings: { features: { maxQos: 1 } }, yaml: "features:\n  max_qos: 1\n" };
const qos0 = { settings: { features: { maxQos: 0 } }, yaml: "features:\n  max_qos: 0\n" };

conformance(only5, "announces Maximum QoS 1 [MQTT-3.2.2-9]", async (t) => {
  const client = await t.connect();
  assert.equal(client.connack.properties.maximumQoS, 1);
}, qos1);

conformance(only5, "announces Maximum QoS 0 [MQTT-3.2.2-9]", async (t) => {
  const client = await t.connect();
  assert.equal(client.connack.properties.maximumQoS, 0);
}, qos0);

conformance(
  everyVersion,
  "grants no more than its Maximum QoS and refuses no subscription for it [MQTT-3.2.2-10]",
  async (t) => {
    const client = await t.connect();
    const suback = await client.requestSubscriptions([
      { topicFilter: t.topic("a"), qos: 0 },
      { topicFilter: t.topic("b"), qos: 1 },
      { topicFilter: t.topic("c"), qos: 2 },
    ]);
    assert.deepEqual(suback.reasonCodes, [0, 1, 1]);
  },
  qos1,
);

conformance(
  everyVersion,
  "rejects a PUBLISH over its Maximum QoS [MQTT-3.2.2-11]",
  async (t) => {
    const client = await t.connect();
    await client.publish(t.topic(), "x", { qos: 1 });
    await client.send(client.publishPacket(t.topic(), "x", { qos: 2 }));
    await client.expectRefusal(ReasonCode.QoSNotSupported);
  },
  qos1,
);

conformance(
  everyVersion,
  "refuses a Will over its Maximum QoS [MQTT-3.2.2-12]",
  async (t) => {
    const client = await t.open();
    const will = { topicName: t.topic(), qos: 1 } as const;
    await client.sendConnect({ clientIdentifier: t.clientIdentifier(), will });
    if (t.version < 5) await client.readToEnd(); // A Connect Return code for this does not exist.
    else await client.expectConnectRefused(ReasonCode.QoSNotSupported);
  },
  qos0,
);

const noRetain = {
  settings: { features: { retainAvailable: false } },
  yaml: "features:\n  retain_available: false\n",
};

conformance(only5, "announces Retain Available 0, section 3.2.2.3.5", async (t) => {
  const client = await t.connect();
  assert.equal(client.connack.properties.retainAvailable, 0);
}, noRetain);

conformance(
  everyVersion,
  "rejects a PUBLISH with RETAIN where there is no retaining [MQTT-3.2.2-14]",
  async (t) => {
    const client = await t.connect();
    await client.publish(t.topic(), "x", { qos: 1 });
    await client.send(client.publishPacket(t.topic(), "x", { qos: 1, retain: true }));
    await client.expectRefusal(ReasonCode.RetainNotSupported);
  },
  noRetain,
);

conformance(
  only5,
  "refuses a Will with Will Retain where there is no retaining [MQTT-3.2.2-13]",
  async (t) => {
    const client = await t.open();
    const will = { topicName: t.topic(), retain: true };
    await client.sendConnect({ clientIdentifier: t.clientIdentifier(), will });
    await client.expectConnectRefused(ReasonCode.RetainNotSupported);
  },
  noRetain,
);

const keepAlive1 = {
  settings: { limits: { maxKeepaliveMs: 1_000 } },
  yaml: "limits:\n  max_keepalive: 1s\n",
};

for (const keepAlive of [0, 2, 65_535]) {
  conformance(
    only5,
    `announces its Server Keep Alive to a client that asks for ${keepAlive} [MQTT-3.2.2-21]`,
    async (t) => {
      const client = await t.connect({ keepAlive });
      assert.equal(client.connack.properties.serverKeepAlive, 1);
    },
    keepAlive1,
  );
}

conformance(only5, "enforces its Server Keep Alive [MQTT-3.1.2-22]", async (t) => {
  const client = await t.connect({ keepAlive: 600 });
  const disconnect = await client.expect(PacketType.Disconnect);
  assert.equal(disconnect.reasonCode, ReasonCode.KeepAliveTimeout);
  await client.expectClosed();
}, keepAlive1);

conformance(
  since311,
  "refuses an empty Client Identifier where they are not assigned [MQTT-3.1.3-8]",
  async (t) => {
    const client = await t.open();
    await client.sendConnect({ clientIdentifier: "" });
    if (t.version === 5) await client.expectConnectRefused(ReasonCode.ClientIdentifierNotValid);
    else assert.deepEqual(await client.readToEnd(), fromHex("20 02 00 02"));
  },
  {
    settings: { sessions: { allowZeroLengthClientid: false } },
    yaml: "sessions:\n  allow_zero_length_clientid: false\n",
  },
);

const smallReceiveMaximum = {
  settings: { limits: { receiveMaximum: 2 } },
  yaml: "limits:\n  receive_maximum: 2\n",
};

conformance(
  only5,
  "announces its Receive Maximum and enforces it [MQTT-3.3.4-7] [MQTT-3.3.4-8]",
  async (t) => {
    const client = await t.connect();
    assert.equal(client.connack.properties.receiveMaximum, 2);
    for (let count = 0; count < 2; count++) {
      await client.send(client.publishPacket(t.topic(), "x", { qos: 2 }));
      await client.expect(PacketType.Pubrec);
    }
    await client.publish(t.topic(), "QoS 0 is not counted");
    await client.send(client.publishPacket(t.topic(), "x", { qos: 2 }));
    await client.expectRefusal(ReasonCode.ReceiveMaximumExceeded);
  },
  smallReceiveMaximum,
);

conformance(
  before5,
  "limits no client that cannot be told of Receive Maximum, section 4.9",
  async (t) => {
    const client = await t.connect();
    for (let count = 0; count < 10; count++) {
      await client.send(client.publishPacket(t.topic(), "x", { qos: 2 }));
      await client.expect(PacketType.Pubrec);
    }
    await client.expectNothing();
  },
  smallReceiveMaximum,
);

const smallPackets = {
  settings: { limits: { maxPacketSizeBytes: 1_024 } },
  yaml: "limits:\n  max_packet_size: 1 KiB\n",
};

conformance(
  everyVersion,
  "takes packets up to its Maximum Packet Size and rejects larger ones [MQTT-3.2.2-15]",
  async (t) => {
    const client = await t.connect();
    if (t.version === 5) assert.equal(client.connack.properties.maximumPacketSize, 1_024);
    // One byte of type, two of Remaining Length.
    const overhead = 1 + 2 + 2 + t.topic().length + (t.version === 5 ? 1 : 0);
    await client.subscribe(t.topic());
    const largest = "x".repeat(1_024 - overhead);
    await client.publish(t.topic(), largest);
    await client.expectMessage(t.topic(), largest);
    await client.sendBytes(joined(0x30, variable(1_022), string(t.topic())));
    await client.expectRefusal(ReasonCode.PacketTooLarge);
  },
  smallPackets,
);

const longTopics = {
  settings: { limits: { maxTopicLengthBytes: 65_535 } },
  yaml: "limits:\n  max_topic_length: 65535 B\n",
};

conformance(
  everyVersion,
  "carries topics of up to 65,535 bytes where it is told to [MQTT-4.7.3-3]",
  async (t) => {
    const client = await t.connect();
    const topicName = t.topic().padEnd(65_535, "x");
    await client.subscribe(topicName);
    await client.publish(topicName, "x");
    await client.expectMessage(topicName, "x");
  },
  longTopics,
);

const noAliases = {
  settings: { limits: { maxTopicAlias: 0 } },
  yaml: "limits:\n  max_topic_alias: 0\n",
};

conformance(
  only5,
  "rejects every Topic Alias when it announces none [MQTT-3.2.2-17] [MQTT-3.2.2-18]",
  async (t) => {
    const client = await t.connect();
    assert.equal(client.connack.properties.topicAliasMaximum ?? 0, 0);
    await client.send(client.publishPacket(t.topic(), "x", { properties: { topicAlias: 1 } }));
    await client.expectRefusal(ReasonCode.TopicAliasInvalid);
  },
  noAliases,
);

const shortSessions = {
  settings: { sessions: { maxSessionExpiryIntervalMs: 60_000 } },
  yaml: "sessions:\n  max_session_expiry_interval: 60s\n",
};

conformance(
  only5,
  "tells a client whose Session Expiry Interval it shortens, section 3.2.2.3.2",
  async (t) => {
    const long = await t.connect({ properties: { sessionExpiryInterval: 0xffff_ffff } });
    assert.equal(long.connack.properties.sessionExpiryInterval, 60);
    const short = await t.connect({ properties: { sessionExpiryInterval: 30 } });
    assert.equal(short.connack.properties.sessionExpiryInterval ?? 30, 30);
  },
  shortSessions,
);

conformance(
  only311,
  "keeps QoS 0 messages for a client that is away, if it is told to, section 4.1",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const client = await t.connectKeepingSession(clientIdentifier);
    await client.subscribe(t.topic());
    await client.disconnect();
    const publisher = await t.connect();
    await publisher.publish(t.topic(), "x");
    const again = await t.connectKeepingSession(clientIdentifier);
    await again.expectMessage(t.topic(), "x");
  },
  {
    settings: { sessions: { queueQos0Messages: true } },
    yaml: "sessions:\n  queue_qos0_messages: true\n",
  },
);
