import assert from "node:assert/strict";
import { PacketType, type PublishPacket, type QoS } from "../../src/protocol/packet.ts";
import { acknowledgement, publishPacket } from "../support/packets.ts";
import { SessionFixture } from "./session_fixture.ts";

const pubrel = (packetIdentifier: number) => acknowledgement(PacketType.Pubrel, packetIdentifier);

function publish(payload: string, qos: QoS, packetIdentifier: number): PublishPacket {
  return publishPacket("a", payload, { qos, packetIdentifier });
}

function aliased(topicName: string, topicAlias: number): PublishPacket {
  return publishPacket(topicName, "x", { properties: { topicAlias } });
}

Deno.test("each message is handed over and acknowledged by its QoS [MQTT-4.3.2-4] [MQTT-4.3.3-8] [MQTT-4.3.3-11]", () => {
  const fixture = new SessionFixture().begin();
  fixture.receive(publish("0", 0, 0), publish("1", 1, 1), publish("2", 2, 2), pubrel(2));
  assert.deepEqual(fixture.delivered, ["a 0", "a 1 qos1 #1", "a 2 qos2 #2"]);
  assert.deepEqual(fixture.takeSent(), ["PUBACK #1", "PUBREC #2", "PUBCOMP #2"]);
});

Deno.test("a QoS 2 message is handed over once, also over a reconnect [MQTT-4.3.3-10] [MQTT-4.3.3-12]", () => {
  const fixture = new SessionFixture().begin();
  fixture.receive(publish("x", 2, 5), publish("x", 2, 5));
  fixture.session.end();
  fixture.begin({ sessionPresent: true });
  fixture.receive(publish("x", 2, 5), pubrel(5), publish("y", 2, 5));
  assert.deepEqual(fixture.delivered, ["a x qos2 #5", "a y qos2 #5"]);
  assert.deepEqual(fixture.takeSent(), [
    ...["PUBREC #5", "PUBREC #5", "PUBREC #5"],
    ...["PUBCOMP #5", "PUBREC #5"],
  ]);
});

Deno.test("without the server's session a QoS 2 identifier is a new message [MQTT-3.2.2-5]", () => {
  const fixture = new SessionFixture().begin();
  fixture.receive(publish("x", 2, 5));
  fixture.session.end();
  fixture.begin({ sessionPresent: false });
  fixture.receive(publish("y", 2, 5));
  assert.deepEqual(fixture.delivered, ["a x qos2 #5", "a y qos2 #5"]);
});

Deno.test("PUBREL for an identifier that is not known is answered with 0x92", () => {
  const fixture = new SessionFixture().begin().receive(pubrel(9));
  assert.deepEqual(fixture.takeSent(), ["PUBCOMP #9 0x92"]);
});

Deno.test("Topic Aliases are resolved, and forgotten with the connection [MQTT-3.3.2-7]", () => {
  const ownProperties = { topicAliasMaximum: 2 };
  const fixture = new SessionFixture().begin({ ownProperties });
  fixture.receive(aliased("a/b", 2), aliased("", 2), aliased("c", 2), aliased("", 2));
  assert.deepEqual(fixture.delivered, ["a/b x", "a/b x", "c x", "c x"]);
  fixture.session.end();
  fixture.begin({ sessionPresent: true, ownProperties });
  assert.throws(() => fixture.receive(aliased("", 2)), {
    reasonCode: 0x82,
    message: "Cannot accept Topic Alias 2: no Topic Name was given for it",
  });
});

Deno.test("a Topic Alias over our maximum is an error of the server [MQTT-3.1.2-26] [MQTT-3.1.2-27]", () => {
  for (const topicAliasMaximum of [2, undefined]) {
    const ownProperties = topicAliasMaximum === undefined ? {} : { topicAliasMaximum };
    const fixture = new SessionFixture().begin({ ownProperties });
    assert.throws(() => fixture.receive(aliased("a", 3)), {
      reasonCode: 0x94,
      message: `Cannot accept Topic Alias 3: the Topic Alias Maximum is ${topicAliasMaximum ?? 0}`,
    });
  }
});

Deno.test("more unacknowledged messages than our Receive Maximum are an error of the server [MQTT-3.3.4-9]", () => {
  const fixture = new SessionFixture().begin({ ownProperties: { receiveMaximum: 2 } });
  fixture.receive(publish("1", 2, 1), publish("2", 2, 2), publish("2", 2, 2), pubrel(1));
  fixture.receive(publish("3", 1, 3), publish("4", 2, 4));
  const fault = {
    reasonCode: 0x93,
    message: "Cannot accept PUBLISH: 2 messages are unacknowledged, more are not allowed",
  };
  assert.throws(() => fixture.receive(publish("5", 2, 5)), fault);
  assert.throws(() => fixture.receive(publish("6", 1, 6)), fault);
  assert.equal(fixture.delivered.length, 4);
});
