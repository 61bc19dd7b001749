import assert from "node:assert/strict";
import type { Packet } from "../../src/protocol/packet.ts";
import { PacketType } from "../../src/protocol/packet.ts";
import { Core } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { publishes } from "../support/fake_link.ts";

const { Puback, Pubcomp, Pubrec, Pubrel } = PacketType;

/** Publishes payloads "1" to "count" to topic "t". */
function publishNumbers(publisher: FakeClient, count: number, qos: 0 | 1 | 2): void {
  for (let number = 1; number <= count; number++) {
    publisher.publish("t", `${number}`, { qos, packetIdentifier: qos === 0 ? 0 : number });
    if (qos === 2) publisher.acknowledge(Pubrel, number);
  }
}

/** PUBREL packets among `packets`, by Packet Identifier. */
function released(packets: readonly Packet[]): number[] {
  return packets.flatMap((packet) => packet.type === Pubrel ? packet.packetIdentifier : []);
}

Deno.test("a session sends no more than the client's Receive Maximum [MQTT-4.9.0-2]", () => {
  const core = new Core();
  const client = core.connect("a", 5, { properties: { receiveMaximum: 2 } }).subscribed("t");
  const publisher = core.connect("publisher");
  publishNumbers(publisher, 4, 1);
  assert.deepEqual(client.messages(), ["t 1 qos1 #1", "t 2 qos1 #2"]);
  publisher.publish("t", "QoS 0 is not counted");
  assert.deepEqual(client.messages(), ["t QoS 0 is not counted"]);
  client.acknowledge(Puback, 2);
  assert.deepEqual(client.messages(), ["t 3 qos1 #3"]);
  client.acknowledge(Puback, 2);
  assert.deepEqual(client.messages(), [], "an identifier that is not in use frees nothing");
  client.acknowledge(Puback, 1);
  client.acknowledge(Puback, 3);
  assert.deepEqual(client.messages(), ["t 4 qos1 #4"]);
  assert.equal(client.session.inflightCount, 1);
});

Deno.test("the configuration may allow less in flight than the client", () => {
  const core = new Core({ maximumInflightMessages: 1 });
  const client = core.connect("a", 4).subscribed("t");
  publishNumbers(core.connect("publisher"), 3, 1);
  assert.deepEqual(client.messages(), ["t 1 qos1 #1"]);
  assert.equal(client.session.queuedCount, 2);
});

Deno.test("a QoS 2 message counts until PUBCOMP, or PUBREC with an error", () => {
  const core = new Core();
  const client = core.connect("a", 5, { properties: { receiveMaximum: 1 } }).subscribed("t");
  publishNumbers(core.connect("publisher"), 3, 2);
  assert.deepEqual(client.messages(), ["t 1 qos2 #1"]);
  client.acknowledge(Pubrec, 1);
  assert.deepEqual(client.messages(), []);
  client.acknowledge(Pubcomp, 1);
  assert.deepEqual(client.messages(), ["t 2 qos2 #2"]);
  client.acknowledge(Pubrec, 2, 0x83);
  assert.deepEqual(client.messages(), ["t 3 qos2 #3"]);
});

Deno.test("unacknowledged messages are sent again first, in order, with DUP [MQTT-4.4.0-1]", () => {
  const core = new Core();
  const client = core.connectKept("a").subscribed("t");
  const publisher = core.connect("publisher");
  publishNumbers(publisher, 5, 1);
  client.acknowledge(Puback, 2);
  client.lose();
  publisher.publish("t", "6", { qos: 1 });
  const again = core.connectKept("a");
  assert.deepEqual(again.messages(), [
    "t 1 qos1 #1 dup", // [MQTT-3.3.1-1]
    "t 3 qos1 #3 dup",
    "t 4 qos1 #4 dup",
    "t 5 qos1 #5 dup",
    "t 6 qos1 #6",
  ]);
});

Deno.test("what is sent again has DUP set and its first identifier [MQTT-3.3.1-1]", () => {
  const core = new Core();
  const client = core.connectKept("a", 4).subscribed("t");
  publishNumbers(core.connect("publisher"), 2, 2);
  client.lose();
  assert.deepEqual(client.messages(), ["t 1 qos2 #1", "t 2 qos2 #2"]);
  const again = core.connectKept("a", 4);
  assert.deepEqual(again.messages(), ["t 1 qos2 #1 dup", "t 2 qos2 #2 dup"]);
});

Deno.test("a message with PUBREC is resumed by PUBREL, not sent again [MQTT-4.3.3-6]", () => {
  const core = new Core();
  const client = core.connectKept("a").subscribed("t");
  publishNumbers(core.connect("publisher"), 3, 2);
  client.acknowledge(Pubrec, 3);
  client.acknowledge(Pubrec, 1);
  client.lose();
  const packets = core.connectKept("a");
  const received = packets.received();
  assert.deepEqual(released(received), [1, 3]);
  assert.deepEqual(publishes(received).map(({ packetIdentifier }) => packetIdentifier), [2]);
});

Deno.test("the Receive Maximum of the new connection holds for what is sent again", () => {
  const core = new Core();
  const client = core.connectKept("a").subscribed("t");
  const publisher = core.connect("publisher");
  publishNumbers(publisher, 4, 1);
  client.lose();
  const again = core.connectKept("a", 5, { properties: { receiveMaximum: 2 } });
  assert.deepEqual(again.messages(), ["t 1 qos1 #1 dup", "t 2 qos1 #2 dup"]);
  publisher.publish("t", "5", { qos: 1 });
  for (const identifier of [2, 1, 3, 4]) again.acknowledge(Puback, identifier);
  assert.deepEqual(again.messages(), ["t 3 qos1 #3 dup", "t 4 qos1 #4 dup", "t 5 qos1 #5"]);
});

Deno.test("a PUBREL that is sent again does not raise the send quota when it is done", () => {
  const core = new Core();
  const client = core.connectKept("a").subscribed("t");
  publishNumbers(core.connect("publisher"), 4, 2);
  client.acknowledge(Pubrec, 1);
  client.lose();
  const again = core.connectKept("a", 5, { properties: { receiveMaximum: 1 } });
  assert.deepEqual(again.messages(), ["t 2 qos2 #2 dup"]);
  again.acknowledge(Pubcomp, 1);
  assert.deepEqual(again.messages(), [], "one message is unacknowledged, which is all it allows");
});

Deno.test("what was acknowledged before it could be sent again is not sent again", () => {
  const core = new Core();
  const client = core.connectKept("a").subscribed("t");
  const publisher = core.connect("publisher");
  publishNumbers(publisher, 3, 1);
  client.lose();
  const again = core.connectKept("a", 5, { properties: { receiveMaximum: 1 } });
  assert.deepEqual(again.messages(), ["t 1 qos1 #1 dup"]);
  // It had these from its first connection.
  again.acknowledge(Puback, 2);
  again.acknowledge(Puback, 3);
  publisher.publish("t", "4", { qos: 1 });
  assert.deepEqual(again.messages(), []);
  again.acknowledge(Puback, 1);
  assert.deepEqual(again.messages(), ["t 4 qos1 #4"]);
});

Deno.test("what had PUBREC before it could be sent again is not sent again [MQTT-4.3.3-6]", () => {
  const core = new Core();
  const client = core.connectKept("a").subscribed("t");
  publishNumbers(core.connect("publisher"), 2, 2);
  client.lose();
  const again = core.connectKept("a", 5, { properties: { receiveMaximum: 1 } });
  again.received();
  again.acknowledge(Pubrec, 2);
  again.acknowledge(Pubrec, 1);
  assert.deepEqual(released(again.received()), [2, 1]);
  again.acknowledge(Pubcomp, 1);
  assert.deepEqual(again.messages(), []);
  assert.equal(again.session.inflightCount, 1);
});

Deno.test("new messages do not overtake those that are to be sent again", () => {
  const core = new Core();
  const client = core.connectKept("a").subscribed("t");
  const publisher = core.connect("publisher");
  publishNumbers(publisher, 2, 1);
  client.lose();
  const again = core.open(5);
  again.link.isCongested = true;
  again.connect({
    type: PacketType.Connect,
    protocolVersion: 5,
    clientIdentifier: "a",
    cleanStart: false,
    keepAlive: 0,
    properties: {},
    bridge: false,
  });
  // The network takes what waited, but nobody has told the session yet.
  again.link.isCongested = false;
  publisher.publish("t", "3", { qos: 1 });
  assert.deepEqual(again.messages(), []);
  again.drain();
  assert.deepEqual(again.messages(), ["t 1 qos1 #1 dup", "t 2 qos1 #2 dup", "t 3 qos1 #3"]);
});

Deno.test("a message over the client's Maximum Packet Size is dropped [MQTT-3.1.2-25]", () => {
  const core = new Core();
  const properties = { maximumPacketSize: 30, receiveMaximum: 1 };
  const client = core.connectKept("a", 5, { properties }).subscribed("t");
  const publisher = core.connect("publisher");
  core.events.take();
  const large = "x".repeat(40);
  for (const qos of [0, 1, 2] as const) publisher.publish("t", large, { qos });
  publisher.publish("t", "small", { qos: 1 });
  assert.deepEqual(client.messages(), ["t small qos1 #3"]);
  assert.deepEqual(core.events.take(), Array(3).fill("a dropped 1 of 't': packet_too_large"));
  assert.equal(core.broker.statistics.publishDropped, 3);
});

Deno.test("what is sent again may be too large for the new connection", () => {
  const core = new Core();
  const client = core.connectKept("a").subscribed("t");
  const publisher = core.connect("publisher");
  publisher.publish("t", "x".repeat(40), { qos: 1 });
  publisher.publish("t", "small", { qos: 1, packetIdentifier: 2 });
  client.lose();
  const properties = { maximumPacketSize: 30, receiveMaximum: 1 };
  const again = core.connectKept("a", 5, { properties });
  assert.deepEqual(again.messages(), ["t small qos1 #2 dup"]);
  assert.equal(again.session.inflightCount, 1);
});

Deno.test("problemInformation() is empty for a client that wants none [MQTT-3.1.2-29]", () => {
  const core = new Core();
  const properties = { requestProblemInformation: 0 };
  assert.deepEqual(core.connect("a", 5, { properties }).session.problemInformation("why"), {});
  assert.deepEqual(core.connect("b").session.problemInformation("why"), { reasonString: "why" });
});

Deno.test("end() gives back what another member of a shared subscription may get", () => {
  const core = new Core();
  const client = core.connectKept("a", 5, { properties: { receiveMaximum: 3 } });
  client.subscribed(["$share/g/t", { topicFilter: "own", qos: 1 }]);
  const publisher = core.connect("publisher");
  publisher.publish("t", "in flight 1", { qos: 1 });
  publisher.publish("own", "in flight", { qos: 1 });
  publisher.publish("t", "in flight 2", { qos: 2 });
  publisher.publish("t", "queued 1", { qos: 1 });
  publisher.publish("own", "queued", { qos: 1 });
  publisher.publish("t", "queued 2", { qos: 2, packetIdentifier: 2 });
  assert.equal(client.session.queuedCount, 3);
  const orphans = client.session.end();
  const texts = orphans.map(({ message }) => new TextDecoder().decode(message.payload));
  assert.deepEqual(texts, ["in flight 1", "queued 1", "queued 2"]);
  const { ended, inflightCount, queuedCount, queuedBytes, subscriptionCount } = client.session;
  assert.deepEqual(
    { ended, inflightCount, queuedCount, queuedBytes, subscriptionCount },
    { ended: true, inflightCount: 0, queuedCount: 0, queuedBytes: 0, subscriptionCount: 0 },
  );
});

Deno.test("a retained message does not overtake a larger one that waits for room: a restart keeps their order", () => {
  const core = new Core();
  const publisher = core.connect("publisher");
  publisher.publish("kept/1", "small", { qos: 1, retain: true });
  publisher.publish("kept/0", "small", { retain: true });
  const client = core.connect("a").subscribed("large");
  client.link.roomBytes = 1000;
  publisher.publish("large", "-".repeat(2000), { qos: 1 });
  client.subscribe({ topicFilter: "kept/+", qos: 1 });
  const waiting = client.messages();
  assert.ok(!waiting.includes("kept/1 small qos1 #1 retain"), "it came before");
  client.link.roomBytes = 4000;
  client.drain();
  const topics = client.messages().map((line) => line.split(" ")[0]);
  assert.deepEqual(topics.filter((topic) => topic !== "kept/0"), ["large", "kept/1"]);
});
