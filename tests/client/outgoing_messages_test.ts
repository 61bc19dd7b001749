import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { settled } from "../net/fake_sink.ts";
import { acknowledgement } from "../support/packets.ts";
import { SessionFixture } from "./session_fixture.ts";

const { Puback, Pubrec, Pubcomp } = PacketType;
const puback = (id: number, reasonCode: 0 | 0x87 = 0) => acknowledgement(Puback, id, reasonCode);
const pubrec = (id: number, reasonCode: 0 | 0x97 = 0) => acknowledgement(Pubrec, id, reasonCode);
const pubcomp = (id: number, reasonCode: 0 | 0x92 = 0) => acknowledgement(Pubcomp, id, reasonCode);

Deno.test("a QoS 1 message is sent without DUP and settled by its PUBACK [MQTT-4.3.2-2] [MQTT-4.3.2-3]", async () => {
  const fixture = new SessionFixture().begin();
  fixture.publish("a", "one");
  fixture.publish("a", "two");
  assert.deepEqual(fixture.takeSent(), ["PUBLISH a one qos1 #1", "PUBLISH a two qos1 #2"]);
  fixture.receive(puback(2, 0x87), puback(1));
  await settled();
  assert.deepEqual(fixture.results, ["two: #2 0x87", "one: #1 0x00"]);
  assert.equal(fixture.session.unacknowledged, 0);
});

Deno.test("a QoS 2 message goes through PUBREC, PUBREL and PUBCOMP [MQTT-4.3.3-4] [MQTT-4.3.3-5]", async () => {
  const fixture = new SessionFixture().begin();
  fixture.publish("a", "one", { qos: 2 });
  fixture.receive(pubrec(1));
  assert.deepEqual(fixture.takeSent(), ["PUBLISH a one qos2 #1", "PUBREL #1"]);
  await settled();
  assert.deepEqual(fixture.results, []);
  fixture.receive(pubrec(1), pubcomp(1));
  await settled();
  assert.deepEqual(fixture.takeSent(), ["PUBREL #1"]);
  assert.deepEqual(fixture.results, ["one: #1 0x00"]);
});

Deno.test("a PUBREC with an error settles the message without PUBREL [MQTT-4.4.0-2]", async () => {
  const fixture = new SessionFixture().begin();
  fixture.publish("a", "one", { qos: 2 });
  fixture.takeSent();
  fixture.receive(pubrec(1, 0x97));
  await settled();
  assert.deepEqual([fixture.takeSent(), fixture.results], [[], ["one: #1 0x97"]]);
});

Deno.test("no more messages are sent than both sides allow [MQTT-4.9.0-1] [MQTT-4.9.0-2]", () => {
  const fixture = new SessionFixture().begin({ maximumInflight: 2 });
  for (const payload of ["1", "2", "3", "4"]) fixture.publish("a", payload, { qos: 2 });
  assert.equal(fixture.session.isReady, false);
  fixture.takeSent();
  fixture.receive(pubrec(1));
  assert.deepEqual(fixture.takeSent(), ["PUBREL #1"]);
  fixture.receive(pubcomp(1), pubrec(2, 0x97));
  assert.deepEqual(fixture.takeSent(), ["PUBLISH a 3 qos2 #3", "PUBLISH a 4 qos2 #4"]);
  assert.equal(fixture.session.isReady, false);
  fixture.receive(pubrec(3, 0x97));
  assert.equal(fixture.session.isReady, true);
});

Deno.test("what the session holds is sent again in order, with DUP or as PUBREL [MQTT-3.3.1-1] [MQTT-4.3.3-6] [MQTT-4.4.0-1] [MQTT-4.6.0-1]", async () => {
  const fixture = new SessionFixture().begin();
  fixture.publish("a", "1");
  fixture.publish("a", "2", { qos: 2 });
  fixture.publish("a", "3", { qos: 2 });
  fixture.publish("a", "4");
  fixture.receive(pubrec(2), puback(1));
  fixture.takeSent();
  fixture.session.end();
  fixture.publish("a", "5");
  fixture.begin({ sessionPresent: true });
  assert.deepEqual(fixture.takeSent(), [
    "PUBREL #2",
    "PUBLISH a 3 qos2 #3 dup",
    "PUBLISH a 4 qos1 #4 dup",
    "PUBLISH a 5 qos1 #5",
  ]);
  fixture.receive(pubcomp(2), pubrec(3), pubcomp(3), puback(4), puback(5));
  await settled();
  assert.deepEqual(fixture.results, ["1: #1", "2: #2", "3: #3", "4: #4", "5: #5"].map(success));
});

const success = (text: string) => `${text} 0x00`;

Deno.test("what a server without the session had not acknowledged is a new message to it [MQTT-3.2.2-5]", async () => {
  const fixture = new SessionFixture().begin();
  fixture.publish("a", "1");
  fixture.publish("a", "2", { qos: 2 });
  fixture.receive(pubrec(2));
  fixture.takeSent();
  fixture.session.end();
  fixture.begin({ sessionPresent: false });
  assert.deepEqual(fixture.takeSent(), ["PUBLISH a 1 qos1 #3", "PUBLISH a 2 qos2 #4"]);
  fixture.receive(puback(3), pubrec(4), pubcomp(4));
  await settled();
  assert.deepEqual(fixture.results, ["1: #3 0x00", "2: #4 0x00"]);
});

Deno.test("a second loss while messages wait to be sent again loses and repeats none", () => {
  const fixture = new SessionFixture().begin();
  for (const payload of ["1", "2", "3"]) fixture.publish("a", payload);
  fixture.session.end();
  fixture.takeSent();
  fixture.begin({ sessionPresent: true, maximumInflight: 1 });
  assert.deepEqual(fixture.takeSent(), ["PUBLISH a 1 qos1 #1 dup"]);
  fixture.session.end();
  fixture.begin({ sessionPresent: true, maximumInflight: 1 });
  fixture.receive(puback(1), puback(2), puback(3));
  assert.deepEqual(fixture.takeSent(), [
    "PUBLISH a 1 qos1 #1 dup",
    "PUBLISH a 2 qos1 #2 dup",
    "PUBLISH a 3 qos1 #3 dup",
  ]);
});

Deno.test("PUBCOMP for a message of an earlier connection does not raise the limit [MQTT-4.9.0-2]", () => {
  const fixture = new SessionFixture().begin();
  fixture.publish("a", "1", { qos: 2 });
  fixture.receive(pubrec(1));
  fixture.session.end();
  fixture.begin({ sessionPresent: true, maximumInflight: 1 });
  fixture.takeSent();
  fixture.receive(pubcomp(1));
  for (const payload of ["2", "3"]) fixture.publish("a", payload);
  assert.deepEqual(fixture.takeSent(), ["PUBLISH a 2 qos1 #2"]);
});

Deno.test("a message with a Topic Alias is sent again without it [MQTT-3.3.2-7]", () => {
  const packets: unknown[] = [];
  const sender = {
    send: (packet: unknown) => {
      const { topicName, properties } = packet as { topicName: string; properties: unknown };
      packets.push([topicName, properties]);
    },
  };
  const fixture = new SessionFixture().begin({ connack: { topicAliasMaximum: 1 }, sender });
  const properties = { topicAlias: 1, contentType: "x" };
  fixture.publish("a/b", "1", { properties });
  fixture.publish("", "2", { properties });
  fixture.session.end();
  fixture.begin({ sessionPresent: true, sender });
  assert.deepEqual(packets, [
    ["a/b", properties],
    ["", properties],
    ["a/b", { contentType: "x" }],
    ["a/b", { contentType: "x" }],
  ]);
});

Deno.test("a message that the server cannot take is rejected, and the next one is sent", async () => {
  const fixture = new SessionFixture();
  fixture.publish("a", "1", { qos: 2 });
  fixture.publish("a", "2");
  fixture.begin({ connack: { maximumQoS: 1 } });
  await settled();
  assert.deepEqual(fixture.results, [
    "1: Cannot publish to 'a' with QoS 2: the server takes QoS 1 at most",
  ]);
  assert.deepEqual(fixture.takeSent(), ["PUBLISH a 2 qos1 #2"]);
});

Deno.test("acknowledgements that fit no message are ignored, or answered with 0x92", () => {
  const fixture = new SessionFixture().begin();
  fixture.receive(puback(7), pubcomp(7), pubrec(7, 0x97), pubrec(7));
  assert.deepEqual(fixture.takeSent(), ["PUBREL #7 0x92"]);
});

Deno.test("acknowledgements of the wrong kind are errors of the server", () => {
  const fixture = new SessionFixture().begin();
  fixture.publish("a", "1");
  fixture.publish("a", "2", { qos: 2 });
  const fault = (why: string) => ({ name: "ProtocolError", reasonCode: 0x82, message: why });
  assert.throws(
    () => fixture.receive(pubrec(1)),
    fault("Cannot accept PUBREC: the message with Packet Identifier 1 has QoS 1"),
  );
  assert.throws(
    () => fixture.receive(puback(2)),
    fault("Cannot accept PUBACK: the message with Packet Identifier 2 has QoS 2"),
  );
  assert.throws(
    () => fixture.receive(pubcomp(2)),
    fault("Cannot accept PUBCOMP: the message with Packet Identifier 2 has had no PUBREL"),
  );
});
