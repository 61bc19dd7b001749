import assert from "node:assert/strict";
import { type Packet, PacketType } from "../../src/protocol/packet.ts";
import { Core } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { bytesOf } from "../protocol/vector.ts";
import { acknowledgement } from "../support/packets.ts";

const { Puback, Pubrec, Pubrel } = PacketType;

/** The only packet that came. */
function answer(client: FakeClient): Packet | undefined {
  const packets = client.received();
  assert.ok(packets.length <= 1);
  return packets[0];
}

Deno.test("PUBLISH is answered by PUBACK or PUBREC once it is routed", () => {
  for (const version of [3, 4, 5] as const) {
    const core = new Core();
    core.connect("subscriber").subscribed("t");
    const client = core.connect("a", version);
    client.publish("t", "x");
    assert.equal(answer(client), undefined);
    client.publish("t", "x", { qos: 1, packetIdentifier: 5 });
    assert.deepEqual(answer(client), acknowledgement(Puback, 5));
    client.publish("t", "x", { qos: 2, packetIdentifier: 6 });
    assert.deepEqual(answer(client), acknowledgement(Pubrec, 6));
  }
});

Deno.test("an MQTT 5 client is told when nobody subscribed", () => {
  const core = new Core();
  const client = core.connect("a");
  client.publish("t", "x", { qos: 1 });
  assert.deepEqual(answer(client), acknowledgement(Puback, 1, 0x10));
  client.publish("t", "x", { qos: 2 });
  assert.deepEqual(answer(client), acknowledgement(Pubrec, 1, 0x10));
  assert.equal(client.session.inbound.has(1), true);
  const older = core.connect("b", 4);
  older.publish("t", "x", { qos: 1 });
  assert.deepEqual(answer(older), acknowledgement(Puback, 1));
});

Deno.test("a QoS 2 message that comes again is not routed again [MQTT-4.3.3-10]", () => {
  const core = new Core();
  const subscriber = core.connect("subscriber").subscribed("t");
  const client = core.connectKept("a");
  client.publish("t", "1", { qos: 2 });
  client.publish("t", "1", { qos: 2, duplicate: true });
  client.publish("t", "1", { qos: 2 });
  assert.deepEqual(client.received(), Array(3).fill(acknowledgement(Pubrec, 1)));
  client.lose();
  const again = core.connectKept("a");
  again.publish("t", "1", { qos: 2, duplicate: true });
  assert.deepEqual(answer(again), acknowledgement(Pubrec, 1));
  again.acknowledge(Pubrel, 1);
  again.publish("t", "2", { qos: 2 });
  assert.deepEqual(subscriber.messages(), ["t 1 qos2 #1", "t 2 qos2 #2"]);
});

Deno.test("a QoS 1 message that comes again is routed again", () => {
  const core = new Core();
  const subscriber = core.connect("subscriber").subscribed("t");
  const client = core.connect("a");
  client.publish("t", "1", { qos: 1 });
  client.publish("t", "1", { qos: 1, duplicate: true });
  assert.deepEqual(subscriber.messages(), ["t 1 qos1 #1", "t 1 qos1 #2"]);
});

Deno.test("a refused message goes nowhere, and is acknowledged with the reason", () => {
  const core = new Core();
  core.access.topics.add("secret");
  const subscriber = core.connect("subscriber").subscribed("#");
  const client = core.connect("a");
  core.events.take();
  client.publish("secret", "x", { retain: true });
  assert.equal(answer(client), undefined);
  client.publish("secret", "x", { qos: 1 });
  const properties = { reasonString: "Not allowed" };
  assert.deepEqual(answer(client), { ...acknowledgement(Puback, 1, 0x87), properties });
  client.publish("secret", "x", { qos: 2 });
  assert.deepEqual(answer(client), { ...acknowledgement(Pubrec, 1, 0x87), properties });
  assert.equal(client.session.inbound.has(1), false, "the identifier is free again");
  assert.deepEqual(subscriber.messages(), []);
  assert.equal(core.broker.retained.count, 0);
  assert.deepEqual(core.events.take(), Array(3).fill("a may not publish 'secret': rule 1"));
});

Deno.test("a message under an identifier that was refused is a new one [MQTT-4.3.3-9]", () => {
  const core = new Core();
  core.access.topics.add("secret");
  const subscriber = core.connect("subscriber").subscribed("#");
  const client = core.connect("a");
  client.publish("secret", "x", { qos: 2 });
  const refused = answer(client);
  assert.equal(refused?.type === Pubrec && refused.reasonCode, 0x87);
  assert.equal(client.session.inbound.has(1), false);
  client.publish("open", "y", { qos: 2 });
  assert.deepEqual(answer(client), acknowledgement(Pubrec, 1));
  assert.deepEqual(subscriber.messages(), ["open y qos2 #1"]);
});

Deno.test("before MQTT 5 a refused message is acknowledged like any other", () => {
  const core = new Core();
  core.access.topics.add("secret");
  const client = core.connect("a", 4);
  client.publish("secret", "x", { qos: 1 });
  assert.deepEqual(answer(client), acknowledgement(Puback, 1));
  client.publish("secret", "x", { qos: 2 });
  assert.deepEqual(answer(client), acknowledgement(Pubrec, 1));
  assert.equal(client.session.inbound.has(1), true);
});

Deno.test("only the broker publishes to $SYS topics", () => {
  const core = new Core();
  const subscriber = core.connect("subscriber").subscribed(["$SYS/#", "$other/#"]);
  const client = core.connect("a");
  client.publish("$SYS/broker/version", "lie", { qos: 1, retain: true });
  const refused = answer(client);
  assert.equal(refused?.type === Puback && refused.reasonCode, 0x87);
  assert.equal(core.broker.retained.count, 0);
  client.publish("$other/x", "1");
  assert.deepEqual(subscriber.messages(), ["$other/x 1"]);
});

/** The Reason Code that a client is closed with for this PUBLISH. */
function failure(core: Core, ...publish: Parameters<FakeClient["publish"]>): number | undefined {
  const client = core.connect("a");
  client.publish(...publish);
  return client.failure?.reasonCode;
}

Deno.test("PUBLISH over the Maximum QoS is an error [MQTT-3.2.2-11]", () => {
  const core = new Core({ maximumQoS: 1 });
  assert.equal(failure(core, "t", "x", { qos: 2 }), 0x9b);
  assert.equal(failure(core, "t", "x", { qos: 1 }), undefined);
});

Deno.test("RETAIN is an error where nothing is retained [MQTT-3.2.2-14]", () => {
  assert.equal(failure(new Core({ retainAvailable: false }), "t", "x", { retain: true }), 0x9a);
});

Deno.test("PUBLISH with a Subscription Identifier is an error [MQTT-3.3.4-6]", () => {
  // Topic Name "t", Subscription Identifier 1, no payload.
  const client = new Core().connect("a");
  client.inputBytes(bytesOf("30 06 0001 74 02 0b01"));
  assert.equal(client.failure?.reasonCode, 0x82);
});

Deno.test("more QoS 2 messages than the Receive Maximum are an error [MQTT-3.3.4-7]", () => {
  const core = new Core({ receiveMaximum: 2 });
  const client = core.connect("a");
  for (const packetIdentifier of [1, 2, 1]) client.publish("t", "x", { qos: 2, packetIdentifier });
  client.acknowledge(Pubrel, 1);
  client.publish("t", "x", { qos: 2, packetIdentifier: 3 });
  assert.equal(client.isOpen, true);
  client.publish("t", "x", { qos: 2, packetIdentifier: 4 });
  assert.equal(client.failure?.reasonCode, 0x93);
  const older = core.connect("b", 4);
  for (const packetIdentifier of [1, 2, 3]) older.publish("t", "x", { qos: 2, packetIdentifier });
  assert.equal(older.isOpen, true, "MQTT 3.1.1 has no Receive Maximum");
});

Deno.test("PUBLISH to a topic over the limits is an error", () => {
  const core = new Core({ maximumTopicLength: 5, maximumTopicLevels: 2 });
  assert.equal(failure(core, "123456", "x"), 0x90);
  assert.equal(failure(core, "a/b/c", "x"), 0x90);
  assert.equal(failure(core, "a/b", "x"), undefined);
});
