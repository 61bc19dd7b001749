import assert from "node:assert/strict";
import { type Packet, PacketType, type ProtocolVersion } from "../../src/protocol/packet.ts";
import { Core } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { describePacket } from "../support/packet_text.ts";
import { acknowledgement } from "../support/packets.ts";

const { Puback, Pubcomp, Pubrec, Pubrel } = PacketType;

/** A client with one message of this QoS in flight, as Packet Identifier 1. */
function withInflight(qos: 1 | 2, version: ProtocolVersion = 5): [Core, FakeClient] {
  const core = new Core();
  const client = core.connect("a", version).subscribed("t");
  core.connect("publisher").publish("t", "x", { qos });
  assert.deepEqual(client.messages(), [`t x qos${qos} #1`]);
  return [core, client];
}

const answers = (client: FakeClient) => client.received().map(describePacket);
const texts = (...packets: Packet[]) => packets.map(describePacket);

Deno.test("a QoS 1 message is unacknowledged until its PUBACK [MQTT-4.3.2-3]", () => {
  for (const reasonCode of [0x00, 0x10, 0x83] as const) {
    const [, client] = withInflight(1);
    assert.equal(client.session.inflightCount, 1);
    client.acknowledge(Puback, 1, reasonCode);
    assert.equal(client.session.inflightCount, 0);
    assert.deepEqual(answers(client), []);
  }
});

Deno.test("PUBREC is answered with PUBREL, each time [MQTT-4.3.3-4]", () => {
  const [, client] = withInflight(2);
  client.acknowledge(Pubrec, 1);
  client.acknowledge(Pubrec, 1, 0x10);
  assert.deepEqual(answers(client), texts(acknowledgement(Pubrel, 1), acknowledgement(Pubrel, 1)));
  assert.equal(client.session.inflightCount, 1);
  client.acknowledge(Pubcomp, 1);
  assert.equal(client.session.inflightCount, 0);
});

Deno.test("PUBREC with an error ends the exchange without PUBREL", () => {
  const [, client] = withInflight(2);
  client.acknowledge(Pubrec, 1, 0x97);
  client.acknowledge(Pubrec, 1, 0x97);
  assert.equal(client.session.inflightCount, 0);
  assert.deepEqual(answers(client), []);
});

Deno.test("acknowledgements of what is not in flight are taken without harm", () => {
  const [, client] = withInflight(1);
  client.acknowledge(Puback, 2);
  client.acknowledge(Pubcomp, 2);
  client.acknowledge(Puback, 65_535);
  assert.deepEqual(answers(client), []);
  assert.equal(client.session.inflightCount, 1);
  assert.equal(client.isOpen, true);
});

Deno.test("PUBREC and PUBREL of an unknown identifier are answered, with 0x92 in MQTT 5", () => {
  const reasonCode = 0x92;
  const client = new Core().connect("a", 5);
  client.acknowledge(Pubrec, 9);
  client.acknowledge(Pubrel, 9);
  assert.deepEqual(
    answers(client),
    texts(acknowledgement(Pubrel, 9, reasonCode), acknowledgement(Pubcomp, 9, reasonCode)),
  );
  for (const version of [3, 4] as const) {
    const older = new Core().connect("a", version);
    older.acknowledge(Pubrec, 9);
    older.acknowledge(Pubrel, 9);
    assert.deepEqual(
      answers(older),
      texts(acknowledgement(Pubrel, 9), acknowledgement(Pubcomp, 9)),
    );
  }
});

Deno.test("PUBREL is answered with PUBCOMP and frees the identifier [MQTT-4.3.3-11]", () => {
  const core = new Core();
  const client = core.connect("a");
  client.publish("t", "x", { qos: 2, packetIdentifier: 9 });
  assert.equal(client.session.inbound.count, 1);
  client.received();
  client.acknowledge(Pubrel, 9);
  assert.deepEqual(answers(client), texts(acknowledgement(Pubcomp, 9)));
  assert.equal(client.session.inbound.count, 0);
});

Deno.test("an acknowledgement of the wrong kind is a protocol error", () => {
  for (const version of [3, 4, 5] as const) {
    const wrong = [[1, Pubrec], [1, Pubcomp], [2, Puback], [2, Pubcomp]] as const;
    for (const [qos, type] of wrong) {
      const [core, client] = withInflight(qos, version);
      client.acknowledge(type, 1);
      assert.equal(client.failure?.reasonCode, 0x82, `${type} for QoS ${qos}`);
      assert.equal(core.broker.sessions.has("a"), false);
    }
  }
});
