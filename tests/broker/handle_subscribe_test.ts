import assert from "node:assert/strict";
import {
  PacketType,
  type ProtocolVersion,
  type RetainHandling,
  type SubackPacket,
} from "../../src/protocol/packet.ts";
import { Core } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { type Filter, subscribePacket } from "../support/packets.ts";

/** Subscribes, and gives the SUBACK; PUBLISH packets behind it are dropped. */
function suback(client: FakeClient, ...filters: Filter[]): SubackPacket {
  client.subscribe(filters);
  const [packet] = client.received();
  assert.equal(packet?.type, PacketType.Suback);
  return packet;
}

const codes = (client: FakeClient, ...filters: Filter[]) => suback(client, ...filters).reasonCodes;

Deno.test("SUBACK has the Packet Identifier of the SUBSCRIBE [MQTT-3.8.4-2]", () => {
  const client = new Core().connect("a");
  for (const packetIdentifier of [1, 7, 65_535]) {
    client.input({ ...subscribePacket(["t"]), packetIdentifier });
    const [packet] = client.received();
    assert.equal(packet?.type === PacketType.Suback && packet.packetIdentifier, packetIdentifier);
  }
});

Deno.test("SUBACK has a Reason Code for each filter, in order [MQTT-3.8.4-6]", () => {
  const core = new Core();
  core.access.filters.add("secret/#");
  const client = core.connect("a");
  const filters: Filter[] = [
    { topicFilter: "a", qos: 0 },
    { topicFilter: "b", qos: 1 },
    "secret/#",
    "c",
  ];
  const { reasonCodes, properties } = suback(client, ...filters);
  assert.deepEqual(reasonCodes, [0, 1, 0x87, 2]);
  assert.equal(properties.reasonString, "Not allowed");
  assert.deepEqual([...client.session.subscriptions.keys()], ["a", "b", "c"]);
  assert.ok(core.events.take().includes("a may not subscribe 'secret/#': rule 1"));
  assert.equal(core.broker.statistics.subscriptionsRefused, 1);
});

Deno.test("a Topic Filter that is not valid is an error, and nothing of its packet is done", () => {
  for (const filter of ["bad/#/filter", "a+", "$share/+/x", "$share//x", "$share/g"]) {
    const core = new Core();
    const client = core.connectKept("a");
    client.subscribe(["good", filter]);
    assert.equal(client.failure?.reasonCode, 0x8f);
    assert.equal(client.session.subscriptionCount, 0);
    const other = core.connectKept("a").subscribed("good");
    other.input({
      type: PacketType.Unsubscribe,
      packetIdentifier: 1,
      topicFilters: ["good", filter],
      properties: {},
    });
    assert.equal(other.failure?.reasonCode, 0x8f);
    assert.equal(other.session.subscriptionCount, 1);
  }
});

Deno.test("the granted QoS is at most the broker's maximum [MQTT-3.8.4-7]", () => {
  const client = new Core({ maximumQoS: 1 }).connect("a");
  const filters = ([0, 1, 2] as const).map((qos) => ({ topicFilter: `t${qos}`, qos }));
  assert.deepEqual(codes(client, ...filters), [0, 1, 1]);
});

Deno.test("subscriptions are limited for each client and in all, replacing is not", () => {
  const core = new Core({ maximumSubscriptionsPerClient: 2, maximumSubscriptions: 3 });
  const client = core.connect("a");
  assert.deepEqual(codes(client, "t/1", "t/2", "t/3", "t/1"), [2, 2, 0x97, 2]);
  assert.deepEqual(codes(core.connect("b"), "t/1", "t/2"), [2, 0x97]);
  assert.equal(core.broker.router.tree.size, 3);
  client.unsubscribe("t/1");
  assert.deepEqual(codes(client, "t/3"), [2]);
});

Deno.test("of the Topic Filters of one packet, no more are looked at than a client may have", () => {
  const client = new Core({ maximumSubscriptionsPerClient: 2000 }).connect("a");
  const granted = codes(client, ...Array.from({ length: 2001 }, () => "t"));
  assert.deepEqual([granted.length, granted.lastIndexOf(2), granted[2000]], [2001, 1999, 0x97]);
});

Deno.test("the tree of subscriptions is limited in bytes, so that deep filters count for more", () => {
  const core = new Core({ maximumSubscriptionBytes: 10_000 });
  const client = core.connect("a");
  const filters = Array.from({ length: 10 }, (_, index) => `${index}/` + "x/".repeat(20));
  const granted = codes(client, ...filters);
  assert.equal(granted[0], 2);
  assert.equal(granted.at(-1), 0x97);
  for (const filter of filters) client.unsubscribe(filter);
  assert.deepEqual(codes(client, filters.at(-1) as string), [2]);
});

Deno.test("Topic Filters are held to the limits on length and levels", () => {
  const client = new Core({ maximumTopicLength: 12, maximumTopicLevels: 3 }).connect("a");
  assert.deepEqual(codes(client, "1234567890123", "a/b/c/d", "a/b/#", "\u00e9/".repeat(4)), [
    0x8f,
    0x8f,
    2,
    0x8f,
  ]);
});

Deno.test("the same filter again replaces the subscription [MQTT-3.8.4-3]", () => {
  const core = new Core();
  const client = core.connect("a").subscribed({ topicFilter: "t", qos: 2 });
  client.subscribed({ topicFilter: "t", qos: 0 });
  core.connect("publisher").publish("t", "x", { qos: 1 });
  assert.deepEqual(client.messages(), ["t x"]);
  assert.equal(core.broker.router.tree.size, 1);
  client.subscribed("$share/g/t");
  client.subscribed("$share/g/t");
  assert.deepEqual([core.broker.router.tree.size, core.broker.router.tree.sharedSize], [2, 1]);
});

Deno.test("retained messages follow the SUBACK, with RETAIN set [MQTT-3.3.1-9]", () => {
  for (const version of [3, 4, 5] as ProtocolVersion[]) {
    const core = new Core();
    const publisher = core.connect("publisher");
    publisher.publish("r/1", "low", { retain: true });
    publisher.publish("r/2", "high", { retain: true, qos: 2 });
    publisher.publish("x", "other", { retain: true });
    const client = core.connect("a", version);
    client.subscribe({ topicFilter: "r/#", qos: 1 });
    const [first, ...rest] = client.received();
    assert.equal(first?.type, PacketType.Suback);
    assert.equal(rest.length, 2);
    client.subscribe({ topicFilter: "r/#", qos: 1 });
    const texts = ["r/1 low retain", "r/2 high qos1 #2 retain"];
    assert.deepEqual(client.messages().sort(), texts);
  }
});

Deno.test("Retain Handling says when retained messages are sent", () => {
  const core = new Core();
  core.connect("publisher").publish("t", "kept", { retain: true });
  const counts = (retainHandling: RetainHandling) => {
    const client = core.connect(`client ${retainHandling}`);
    return [1, 2].map(() => {
      client.subscribe({ topicFilter: "t", retainHandling });
      return client.messages().length;
    });
  };
  assert.deepEqual(counts(0), [1, 1]);
  assert.deepEqual(counts(1), [1, 0]);
  assert.deepEqual(counts(2), [0, 0]);
});

Deno.test("retained messages carry the Subscription Identifier and what expiry is left", () => {
  const core = new Core();
  const publisher = core.connect("publisher");
  for (const [topicName, messageExpiryInterval] of [["t/1", 5], ["t/2", 50]] as const) {
    publisher.publish(topicName, "x", { retain: true, properties: { messageExpiryInterval } });
  }
  core.nowMs += 5000; // Not yet swept.
  assert.equal(core.broker.retained.count, 2);
  const client = core.connect("a");
  client.subscribe("t/#", { subscriptionIdentifiers: [11] });
  const [, ...messages] = client.received();
  assert.deepEqual(
    messages.map((packet) => packet.type === PacketType.Publish && packet.properties),
    [{ messageExpiryInterval: 45, subscriptionIdentifiers: [11] }],
  );
});

Deno.test("a shared subscription gets no retained messages", () => {
  const core = new Core();
  core.connect("publisher").publish("t", "kept", { retain: true });
  const client = core.connect("a");
  client.subscribe("$share/g/t");
  assert.deepEqual(client.messages(), []);
});

Deno.test("UNSUBSCRIBE removes exactly the filters that are the same [MQTT-3.10.4-1]", () => {
  const core = new Core();
  const client = core.connect("a").subscribed(["t", "t/#", "$share/g/t", "T"]);
  const { reasonCodes } = client.unsubscribe("t", "t/+", "$share/g/t", "t");
  assert.deepEqual(reasonCodes, [0, 0x11, 0, 0x11]);
  assert.deepEqual([...client.session.subscriptions.keys()], ["t/#", "T"]);
  assert.equal(core.broker.router.tree.size, 2);
});

Deno.test("UNSUBACK has the Packet Identifier of the UNSUBSCRIBE [MQTT-3.10.4-5]", () => {
  for (const version of [3, 4, 5] as ProtocolVersion[]) {
    const client = new Core().connect("a", version).subscribed("t");
    const unsuback = client.unsubscribe("t");
    assert.equal(unsuback.packetIdentifier, 8);
    assert.deepEqual(unsuback.reasonCodes, version === 5 ? [0] : []);
  }
});
