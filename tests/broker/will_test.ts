import assert from "node:assert/strict";
import { toWillMessage, willToMessage } from "../../src/broker/will.ts";
import type { ConnectPacket, Properties } from "../../src/protocol/packet.ts";
import { Core } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { publishes } from "../support/fake_link.ts";
import { type Fields, will } from "../support/packets.ts";

/** A client with a Will "gone" to topic "w", and one that watches. */
function withWill(
  properties: Properties,
  fields: Fields<ConnectPacket> = {},
): [Core, FakeClient, FakeClient] {
  const core = new Core();
  const watcher = core.connect("watcher").subscribed("#");
  const client = core.connectKept("a", 5, { will: will("w", "gone", { properties }), ...fields });
  return [core, client, watcher];
}

Deno.test("toWillMessage() takes over what CONNECT says, the delay in milliseconds", () => {
  const packet = will("w", "x", { qos: 1, retain: true, properties: { willDelayInterval: 3 } });
  assert.deepEqual(toWillMessage(packet), { ...packet, delayMs: 3000 });
  assert.equal(toWillMessage(will("w", "x")).delayMs, 0);
});

Deno.test("the Message Expiry Interval of a Will starts when it is published", () => {
  const core = new Core();
  const message = toWillMessage(will("w", "x", { properties: { messageExpiryInterval: 9 } }));
  core.nowMs += 50_000;
  assert.equal(willToMessage(message, core.broker).expiresAtMs, core.nowMs + 9000);
});

Deno.test("a Will is published when the connection is lost [MQTT-3.1.2-8]", () => {
  const properties = { contentType: "text/plain", messageExpiryInterval: 9, userProperties: [] };
  const [core, client, watcher] = withWill(properties);
  client.lose();
  core.broker.settle();
  const [packet] = publishes(watcher.received());
  assert.equal(packet?.topicName, "w");
  assert.deepEqual(packet?.properties, { messageExpiryInterval: 9, contentType: "text/plain" });
  core.advance(10_000_000);
  assert.deepEqual(watcher.messages(), [], "once is enough");
});

Deno.test("a Will waits for its delay", () => {
  const [core, client, watcher] = withWill({ willDelayInterval: 10 });
  client.lose();
  core.advance(9999);
  assert.deepEqual(watcher.messages(), []);
  core.advance(1);
  assert.deepEqual(watcher.messages(), ["w gone"]);
});

Deno.test("a Will is published at the end of its session, if that comes before its delay", () => {
  const [core, client, watcher] = withWill(
    { willDelayInterval: 10 },
    { properties: { sessionExpiryInterval: 5 } },
  );
  client.lose();
  core.advance(5000);
  assert.deepEqual(watcher.messages(), ["w gone"]);
  core.advance(5000);
  assert.deepEqual(watcher.messages(), []);
});

Deno.test("a client that comes back before the delay cancels its Will [MQTT-3.1.3-9]", () => {
  for (const newWill of [undefined, will("w", "new")]) {
    const [core, client, watcher] = withWill({ willDelayInterval: 10 });
    client.lose();
    core.advance(9000);
    const again = core.connectKept("a", 5, newWill === undefined ? {} : { will: newWill });
    core.advance(9000);
    assert.deepEqual(watcher.messages(), []);
    again.lose();
    core.advance(60_000);
    assert.deepEqual(watcher.messages(), newWill === undefined ? [] : ["w new"]);
  }
});

Deno.test("a Will of another connection does not become due with the first one's delay", () => {
  const [core, client, watcher] = withWill({ willDelayInterval: 10 });
  client.lose();
  core.advance(5000);
  const properties = { willDelayInterval: 10 };
  core.connectKept("a", 5, { will: will("w", "second", { properties }) }).lose();
  core.advance(5000);
  assert.deepEqual(watcher.messages(), []);
  core.advance(5000);
  assert.deepEqual(watcher.messages(), ["w second"]);
});

Deno.test("Clean Start ends the session, and so publishes a Will that waits", () => {
  const [core, client, watcher] = withWill({ willDelayInterval: 10 });
  client.lose();
  core.connect("a");
  core.broker.settle();
  assert.deepEqual(watcher.messages(), ["w gone"]);
});

Deno.test("a take-over publishes a Will without delay and cancels one with a delay", () => {
  for (const [willDelayInterval, expected] of [[0, ["w gone"]], [1, []]] as const) {
    const [core, , watcher] = withWill({ willDelayInterval });
    core.connectKept("a");
    core.advance(60_000);
    assert.deepEqual(watcher.messages(), expected);
  }
});

Deno.test("a Will to a topic that its client may not publish to is not published", () => {
  const [core, client, watcher] = withWill({});
  core.access.topics.add("w");
  core.events.take();
  client.lose();
  core.broker.settle();
  assert.deepEqual(watcher.messages(), []);
  assert.deepEqual(core.events.take(), ["a disconnected: lost", "a may not publish 'w': rule 1"]);
});

Deno.test("a Will can be retained, and then replaces what its topic had", () => {
  const core = new Core();
  core.connect("publisher").publish("w", "here", { retain: true });
  core.connect("a", 4, { will: will("w", "gone", { retain: true, qos: 1 }) }).lose();
  const watcher = core.connect("watcher");
  watcher.subscribe("w");
  assert.deepEqual(watcher.messages(), ["w gone qos1 #1 retain"]);
});
