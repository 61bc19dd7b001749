/**
 * MQTT 5 sections 3.4 to 3.7, PUBACK, PUBREC, PUBREL and PUBCOMP: their forms, and what a broker
 * does with those it does not expect.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { conformance, everyVersion, only5, since311 } from "./fixture.ts";
import { fromHex, packet, properties, string, u16 } from "./wire.ts";

for (const flags of [0x0, 0x1, 0x6, 0xf]) {
  conformance(
    since311,
    `rejects PUBREL with flags 0x${flags.toString(16)} [MQTT-3.6.1-1]`,
    async (t) => {
      const client = await t.connect();
      await client.sendBytes(packet(0x60 | flags, u16(1)));
      await client.expectRefusal(ReasonCode.MalformedPacket);
    },
  );
}

/** The forms that MQTT 5 allows for an acknowledgement with Reason Code 0x00. */
const forms: [what: string, tail: number[]][] = [
  ["two bytes", []],
  ["three bytes", [0x00]],
  ["an empty property list", [0x00, 0x00]],
  ["a Reason String", [0x00, ...properties(0x1f, string("fine"))]],
  ["User Properties", [0x00, ...properties(0x26, string("a"), string("b"))]],
];
for (const [what, tail] of forms) {
  conformance(only5, `takes a PUBACK of ${what}, section 3.4.2`, async (t) => {
    const client = await t.connect({ properties: { receiveMaximum: 1 } });
    await client.subscribe(t.topic(), { qos: 1 });
    await client.publish(t.topic(), "1", { qos: 1 });
    await client.publish(t.topic(), "2", { qos: 1 });
    const { packetIdentifier } = await client.expect(PacketType.Publish);
    await client.sendBytes(packet(0x40, u16(packetIdentifier), tail));
    await client.expectMessage(t.topic(), "2");
  });
  conformance(only5, `takes PUBREC and PUBCOMP of ${what}, sections 3.5.2 and 3.7.2`, async (t) => {
    const client = await t.connect({ properties: { receiveMaximum: 1 } });
    await client.subscribe(t.topic(), { qos: 2 });
    await client.publish(t.topic(), "1", { qos: 2 });
    await client.publish(t.topic(), "2", { qos: 2 });
    const { packetIdentifier } = await client.expect(PacketType.Publish);
    await client.sendBytes(packet(0x50, u16(packetIdentifier), tail));
    await client.expect(PacketType.Pubrel);
    await client.sendBytes(packet(0x70, u16(packetIdentifier), tail));
    await client.expectMessage(t.topic(), "2");
  });
  conformance(only5, `takes a PUBREL of ${what}, section 3.6.2`, async (t) => {
    const client = await t.connect();
    await client.send(client.publishPacket(t.topic(), "x", { qos: 2, packetIdentifier: 9 }));
    await client.expect(PacketType.Pubrec);
    await client.sendBytes(packet(0x62, u16(9), tail));
    const pubcomp = await client.expect(PacketType.Pubcomp);
    assert.deepEqual([pubcomp.packetIdentifier, pubcomp.reasonCode], [9, ReasonCode.Success]);
  });
}

const acknowledgements: [name: string, firstByte: number, ruleId: string][] = [
  ["PUBACK", 0x40, "[MQTT-3.4.2-1]"],
  ["PUBREC", 0x50, "[MQTT-3.5.2-1]"],
  ["PUBREL", 0x62, "[MQTT-3.6.2-1]"],
  ["PUBCOMP", 0x70, "[MQTT-3.7.2-1]"],
];
for (const [name, firstByte, ruleId] of acknowledgements) {
  conformance(only5, `rejects ${name} with a Reason Code not its own ${ruleId}`, async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(firstByte, u16(1), 0x04));
    await client.expectRefusal(ReasonCode.MalformedPacket, ReasonCode.ProtocolError);
  });
  conformance(only5, `rejects ${name} with Reason String twice, section 3.4.2.2`, async (t) => {
    const client = await t.connect();
    const twice = properties(0x1f, string("a"), 0x1f, string("b"));
    await client.sendBytes(packet(firstByte, u16(1), 0x00, twice));
    await client.expectRefusal(ReasonCode.ProtocolError, ReasonCode.MalformedPacket);
  });
  conformance(only5, `rejects ${name} with bytes after its properties`, async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(firstByte, u16(1), 0x00, 0x00, 0x00));
    await client.expectRefusal(ReasonCode.MalformedPacket);
  });
}

conformance(only5, "answers PUBREL for an unknown identifier with 0x92", async (t) => {
  const client = await t.connect();
  await client.sendBytes(fromHex("62 02 01 02"));
  const pubcomp = await client.expect(PacketType.Pubcomp);
  assert.deepEqual(
    [pubcomp.packetIdentifier, pubcomp.reasonCode],
    [0x0102, ReasonCode.PacketIdentifierNotFound],
  );
});

conformance(
  everyVersion,
  "answers PUBREL with PUBCOMP even when it is repeated [MQTT-4.3.3-11]",
  async (t) => {
    const client = await t.connect();
    await client.publish(t.topic(), "x", { qos: 2, packetIdentifier: 5 });
    await client.sendAcknowledgement(PacketType.Pubrel, 5);
    assert.equal((await client.expect(PacketType.Pubcomp)).packetIdentifier, 5);
  },
);

conformance(only5, "answers PUBREC for an unknown identifier with PUBREL 0x92", async (t) => {
  const client = await t.connect();
  await client.sendAcknowledgement(PacketType.Pubrec, 0x0102);
  const pubrel = await client.expect(PacketType.Pubrel);
  assert.deepEqual(
    [pubrel.packetIdentifier, pubrel.reasonCode],
    [0x0102, ReasonCode.PacketIdentifierNotFound],
  );
});

conformance(
  only5,
  "sends no PUBREL for a PUBREC with an error, and frees the identifier [MQTT-4.3.3-4]",
  async (t) => {
    const client = await t.connect({ properties: { receiveMaximum: 1 } });
    await client.subscribe(t.topic(), { qos: 2 });
    await client.publish(t.topic(), "1", { qos: 2 });
    await client.publish(t.topic(), "2", { qos: 2 });
    const { packetIdentifier } = await client.expect(PacketType.Publish);
    await client.sendAcknowledgement(
      PacketType.Pubrec,
      packetIdentifier,
      ReasonCode.ImplementationSpecificError,
    );
    await client.expectMessage(t.topic(), "2");
  },
);

conformance(
  only5,
  "takes a PUBACK with an error as an acknowledgement [MQTT-4.4.0-2]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const client = await t.connectKeepingSession(clientIdentifier);
    await client.subscribe(t.topic(), { qos: 2 });
    await client.publish(t.topic(), "1", { qos: 1 });
    await client.publish(t.topic(), "2", { qos: 2 });
    const first = await client.expect(PacketType.Publish);
    const second = await client.expect(PacketType.Publish);
    const code = ReasonCode.UnspecifiedError;
    await client.sendAcknowledgement(PacketType.Puback, first.packetIdentifier, code);
    await client.sendAcknowledgement(PacketType.Pubrec, second.packetIdentifier, code);
    await client.expectNothing();
    await client.disconnect();
    const again = await t.connectKeepingSession(clientIdentifier);
    assert.equal(again.connack.sessionPresent, true);
    await again.expectNothing();
  },
);

conformance(
  everyVersion,
  "keeps a client that acknowledges what was never sent, section 4.3.2",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic(), { qos: 1 });
    await client.sendAcknowledgement(PacketType.Puback, 4711);
    await client.publish(t.topic(), "x", { qos: 1 });
    await client.expectMessage(t.topic(), "x");
  },
);

conformance(
  everyVersion,
  "answers with acknowledgements of the form the version has, section 3.4.2",
  async (t) => {
    const client = await t.connect({ properties: { requestProblemInformation: 0 } });
    const watcher = await t.connect();
    await watcher.subscribe(t.topic()); // Or else MQTT 5 answers with 0x10.
    const before = client.bytesReceived.length;
    await client.publish(t.topic(), "x", { qos: 1, packetIdentifier: 0x1234 });
    await client.publish(t.topic(), "x", { qos: 2, packetIdentifier: 0x1234 });
    const expected = fromHex("40 02 12 34 50 02 12 34 70 02 12 34");
    if (t.version < 5) assert.deepEqual(client.bytesReceived.slice(before), expected);
    await client.expectNothing();
  },
);
