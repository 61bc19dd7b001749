/**
 * MQTT 5 section 4.3, Quality of Service: the message exchanges of QoS 0, 1 and 2, with the broker
 * as receiver and as sender.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { conformance, everyVersion } from "./fixture.ts";

conformance(everyVersion, "delivers at QoS 0 without DUP [MQTT-4.3.1-1]", async (t) => {
  const client = await t.connect();
  await client.subscribe(t.topic());
  await client.publish(t.topic(), "x");
  const message = await client.expect(PacketType.Publish);
  assert.deepEqual([message.qos, message.duplicate, message.packetIdentifier], [0, false, 0]);
});

for (const [qos, rules] of [[1, "[MQTT-4.3.2-2]"], [2, "[MQTT-4.3.3-2]"]] as const) {
  conformance(everyVersion, `delivers at QoS ${qos} first without DUP ${rules}`, async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic(), { qos });
    await client.publish(t.topic(), "x", { qos });
    const message = await client.expect(PacketType.Publish);
    assert.deepEqual([message.qos, message.duplicate], [qos, false]);
    assert(message.packetIdentifier > 0);
  });
}

conformance(
  everyVersion,
  "has routed a QoS 1 message when it sends PUBACK [MQTT-4.3.2-4]",
  async (t) => {
    const subscriber = await t.connect();
    await subscriber.subscribe(t.topic(), { qos: 1 });
    const publisher = await t.connect();
    await publisher.publish(t.topic(), "x", { qos: 1 });
    await subscriber.expectMessage(t.topic(), "x");
  },
);

conformance(
  everyVersion,
  "takes a PUBLISH as new once the identifier has had its PUBACK [MQTT-4.3.2-5]",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic(), { qos: 1 });
    const publisher = await t.connect();
    for (const duplicate of [false, true]) {
      await publisher.publish(t.topic(), `${duplicate}`, {
        qos: 1,
        packetIdentifier: 3,
        duplicate,
      });
    }
    await client.expectMessages(t.topic(), ["false", "true"]);
  },
);

conformance(
  everyVersion,
  "takes many QoS 1 messages before their PUBACK has been read [MQTT-4.3.2-4]",
  async (t) => {
    const subscriber = await t.connect();
    await subscriber.subscribe(t.topic(), { qos: 1 });
    const publisher = await t.connect();
    const payloads = Array.from({ length: 10 }, (_, at) => `${at}`);
    const packets = payloads.map((payload) =>
      publisher.publishPacket(t.topic(), payload, { qos: 1 })
    );
    await publisher.send(...packets);
    for (const { packetIdentifier } of packets) {
      assert.equal((await publisher.expect(PacketType.Puback)).packetIdentifier, packetIdentifier);
    }
    await subscriber.expectMessages(t.topic(), payloads);
  },
);

conformance(
  everyVersion,
  "answers PUBREL with PUBCOMP of the same identifier [MQTT-4.3.3-8] [MQTT-4.3.3-11]",
  async (t) => {
    const client = await t.connect();
    await client.send(client.publishPacket(t.topic(), "x", { qos: 2, packetIdentifier: 513 }));
    assert.equal((await client.expect(PacketType.Pubrec)).packetIdentifier, 513);
    await client.sendAcknowledgement(PacketType.Pubrel, 513);
    assert.equal((await client.expect(PacketType.Pubcomp)).packetIdentifier, 513);
    await client.expectNothing();
  },
);

conformance(
  everyVersion,
  "delivers a QoS 2 message once though its PUBLISH is repeated [MQTT-4.3.3-10]",
  async (t) => {
    const subscriber = await t.connect();
    await subscriber.subscribe(t.topic(), { qos: 2 });
    const publisher = await t.connect();
    const packet = publisher.publishPacket(t.topic(), "once", { qos: 2 });
    for (const duplicate of [false, true, true]) {
      await publisher.send({ ...packet, duplicate });
      const pubrec = await publisher.expect(PacketType.Pubrec);
      assert.equal(pubrec.packetIdentifier, packet.packetIdentifier);
      assert(pubrec.reasonCode < 0x80);
    }
    await publisher.sendAcknowledgement(PacketType.Pubrel, packet.packetIdentifier);
    await publisher.expect(PacketType.Pubcomp);
    await subscriber.expectMessage(t.topic(), "once");
    await subscriber.expectNothing();
  },
);

conformance(
  everyVersion,
  "takes a PUBLISH as new once the identifier has had its PUBCOMP [MQTT-4.3.3-12]",
  async (t) => {
    const subscriber = await t.connect();
    await subscriber.subscribe(t.topic(), { qos: 2 });
    const publisher = await t.connect();
    for (const payload of ["1", "2", "3"]) {
      await publisher.publish(t.topic(), payload, { qos: 2, packetIdentifier: 3 });
    }
    await subscriber.expectMessages(t.topic(), ["1", "2", "3"]);
    await subscriber.expectNothing();
  },
);

conformance(
  everyVersion,
  "keeps several QoS 2 exchanges apart, whatever order they end in [MQTT-4.3.3-11]",
  async (t) => {
    const subscriber = await t.connect();
    await subscriber.subscribe(t.topic(), { qos: 2 });
    const publisher = await t.connect();
    const identifiers = [10, 20, 30];
    await publisher.send(
      ...identifiers.map((packetIdentifier) =>
        publisher.publishPacket(t.topic(), `${packetIdentifier}`, { qos: 2, packetIdentifier })
      ),
    );
    for (const expected of identifiers) {
      assert.equal((await publisher.expect(PacketType.Pubrec)).packetIdentifier, expected);
    }
    for (const packetIdentifier of [30, 10, 20]) {
      await publisher.sendAcknowledgement(PacketType.Pubrel, packetIdentifier);
      const pubcomp = await publisher.expect(PacketType.Pubcomp);
      assert.equal(pubcomp.packetIdentifier, packetIdentifier);
    }
    const received = [];
    for (let count = 0; count < 3; count++) {
      const message = await subscriber.expect(PacketType.Publish);
      await subscriber.acknowledge(message);
      received.push(new TextDecoder().decode(message.payload));
    }
    assert.deepEqual(received.sort(), ["10", "20", "30"]);
    await subscriber.expectNothing();
  },
);

conformance(
  everyVersion,
  "remembers a QoS 2 PUBLISH over a reconnect, and delivers it once [MQTT-4.3.3-10]",
  async (t) => {
    const subscriber = await t.connect();
    await subscriber.subscribe(t.topic(), { qos: 2 });
    const clientIdentifier = t.clientIdentifier();
    const first = await t.connectKeepingSession(clientIdentifier);
    const packet = first.publishPacket(t.topic(), "once", { qos: 2, packetIdentifier: 8 });
    await first.send(packet);
    await first.expect(PacketType.Pubrec);
    first.close();
    const second = await t.connectKeepingSession(clientIdentifier);
    await second.send({ ...packet, duplicate: true });
    assert.equal((await second.expect(PacketType.Pubrec)).packetIdentifier, 8);
    await second.sendAcknowledgement(PacketType.Pubrel, 8);
    const pubcomp = await second.expect(PacketType.Pubcomp);
    assert.deepEqual([pubcomp.packetIdentifier, pubcomp.reasonCode], [8, 0]);
    await subscriber.expectMessage(t.topic(), "once");
    await subscriber.expectNothing();
  },
);

conformance(
  everyVersion,
  "takes the PUBREL of an earlier connection, section 4.3.3",
  async (t) => {
    const subscriber = await t.connect();
    await subscriber.subscribe(t.topic(), { qos: 2 });
    const clientIdentifier = t.clientIdentifier();
    const first = await t.connectKeepingSession(clientIdentifier);
    await first.send(first.publishPacket(t.topic(), "once", { qos: 2, packetIdentifier: 8 }));
    await first.expect(PacketType.Pubrec);
    first.close();
    const second = await t.connectKeepingSession(clientIdentifier);
    await second.sendAcknowledgement(PacketType.Pubrel, 8);
    const pubcomp = await second.expect(PacketType.Pubcomp);
    assert.deepEqual([pubcomp.packetIdentifier, pubcomp.reasonCode], [8, 0]);
    await subscriber.expectMessage(t.topic(), "once");
  },
);

conformance(
  everyVersion,
  "forgets a QoS 2 identifier with the session [MQTT-3.1.2-4]",
  async (t) => {
    const subscriber = await t.connect();
    await subscriber.subscribe(t.topic(), { qos: 0 });
    const clientIdentifier = t.clientIdentifier();
    const first = await t.connectKeepingSession(clientIdentifier);
    await first.publish(t.topic(), "one", { qos: 2, packetIdentifier: 8 });
    await first.send(first.publishPacket(t.topic("x"), "", { qos: 2, packetIdentifier: 9 }));
    await first.expect(PacketType.Pubrec);
    first.close();
    const second = await t.connect({ clientIdentifier });
    await second.publish(t.topic(), "two", { qos: 2, packetIdentifier: 9 });
    await subscriber.expectMessages(t.topic(), ["one", "two"]);
  },
);

conformance(
  everyVersion,
  "answers PUBREC with PUBREL, and a second PUBREC with PUBREL again [MQTT-4.3.3-4]",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic(), { qos: 2 });
    await client.publish(t.topic(), "x", { qos: 2 });
    const { packetIdentifier } = await client.expect(PacketType.Publish);
    for (let count = 0; count < 2; count++) {
      await client.sendAcknowledgement(PacketType.Pubrec, packetIdentifier);
      const pubrel = await client.expect(PacketType.Pubrel);
      assert.deepEqual([pubrel.packetIdentifier, pubrel.reasonCode], [packetIdentifier, 0]);
    }
    await client.sendAcknowledgement(PacketType.Pubcomp, packetIdentifier);
    await client.expectNothing();
  },
);

conformance(
  everyVersion,
  "uses an identifier for no other message until PUBCOMP [MQTT-4.3.3-1] [MQTT-4.3.3-5]",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic(), { qos: 2 });
    await client.publish(t.topic(), "held", { qos: 2 });
    const held = await client.expect(PacketType.Publish);
    await client.sendAcknowledgement(PacketType.Pubrec, held.packetIdentifier);
    await client.expect(PacketType.Pubrel);
    for (let count = 0; count < 50; count++) {
      await client.publish(t.topic(), `${count}`, { qos: 2 });
      const message = await client.expectMessage(t.topic(), `${count}`);
      assert.notEqual(message.packetIdentifier, held.packetIdentifier);
    }
  },
);
