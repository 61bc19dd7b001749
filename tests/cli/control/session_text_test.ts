import assert from "node:assert/strict";
import { sessionLines, subscriptionText } from "../../../src/cli/control/session_text.ts";
import { CONNECTED } from "./items_fixture.ts";

Deno.test("subscriptionText() names the options that differ from the usual", () => {
  const plain = {
    topicFilter: "a/#",
    qos: 0,
    noLocal: false,
    retainAsPublished: false,
    subscriptionIdentifier: null,
  };
  assert.equal(subscriptionText(plain), "a/#, QoS 0");
  const all = { ...plain, noLocal: true, retainAsPublished: true, subscriptionIdentifier: 7 };
  assert.equal(
    subscriptionText(all),
    "a/#, QoS 0, No Local, Retain As Published, Subscription Identifier 7",
  );
});

Deno.test("sessionLines() shows who, until when, the Will and what waits", () => {
  const lines = [...sessionLines({
    ...CONNECTED,
    groups: ["family"],
    bridge: true,
    queued: 1,
    queuedBytes: 450,
    inFlight: 1,
    will: {
      topicName: "tv/state",
      qos: 1,
      retain: true,
      payloadBytes: 4,
      willDelayInterval: 30,
    },
    inboundPacketIdentifiers: 2,
    subscriptions: [],
    messages: [
      { topicName: "t/1", qos: 2, payloadBytes: 3, state: "waitsForPubrec" },
      { topicName: "t", qos: 1, payloadBytes: 12, state: "queued" },
    ],
  })];
  assert.deepEqual(lines.map((line) => line.replaceAll(/2026-\S+/g, "TIME")), [
    "Client Identifier:  tv",
    "User Name:          ann (unproven)",
    "Groups:             family",
    "Came in by:         1883 from 10.0.0.1:5000",
    "MQTT:               5, a bridge",
    "Connected:          since TIME",
    "Keep Alive:         1m",
    "Expires:            1h after it leaves",
    "Will:               'tv/state', QoS 1, retained, 4 bytes, 30s after it leaves",
    "Waiting:            1 queued (450 bytes), 1 in flight",
    "2 QoS 2 messages being received",
    "0 subscriptions",
    "The first 2 waiting messages",
    "  TOPIC NAME  QOS  BYTES  STATE",
    "  t/1           2      3  waits for PUBREC",
    "  t             1     12  queued",
  ]);
});
