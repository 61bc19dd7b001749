/**
 * MQTT 5 sections 3.10 and 3.11, UNSUBSCRIBE and UNSUBACK.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { before5, conformance, everyVersion, only5, since311 } from "./fixture.ts";
import { fromHex, joined, noProperties, packet, string, u16 } from "./wire.ts";

for (const flags of [0x0, 0x3, 0x6]) {
  conformance(
    since311,
    `rejects UNSUBSCRIBE with flags 0x${flags.toString(16)} [MQTT-3.10.1-1]`,
    async (t) => {
      const client = await t.connect();
      const body = joined(u16(1), noProperties(t.version), string(t.topic()));
      await client.sendBytes(packet(0xa0 | flags, body));
      await client.expectRefusal(ReasonCode.MalformedPacket);
    },
  );
}

conformance(since311, "rejects UNSUBSCRIBE without a filter [MQTT-3.10.3-2]", async (t) => {
  const client = await t.connect();
  await client.sendBytes(packet(0xa2, u16(1), noProperties(t.version)));
  await client.expectRefusal(ReasonCode.ProtocolError, ReasonCode.MalformedPacket);
});

conformance(since311, "rejects a filter that is not UTF-8 [MQTT-3.10.3-1]", async (t) => {
  const client = await t.connect();
  await client.sendBytes(packet(0xa2, u16(1), noProperties(t.version), string([0x61, 0xfe])));
  await client.expectRefusal(ReasonCode.MalformedPacket);
});

conformance(everyVersion, "stops delivering after UNSUBSCRIBE [MQTT-3.10.4-2]", async (t) => {
  const client = await t.connect();
  await client.subscribe(t.topic(), { qos: 1 });
  await client.unsubscribe(t.topic());
  await client.publish(t.topic(), "x", { qos: 1 });
  await client.expectNothing();
});

conformance(
  everyVersion,
  "removes a filter only when every character is the same [MQTT-3.10.4-1]",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic("a/+"));
    await client.unsubscribe(t.topic("a/b"), t.topic("a/#"), t.topic("A/+"), t.topic("a/+/"));
    await client.publish(t.topic("a/b"), "x");
    await client.expectMessage(t.topic("a/b"), "x");
    await client.unsubscribe(t.topic("a/+"));
    await client.publish(t.topic("a/b"), "y");
    await client.expectNothing();
  },
);

conformance(
  everyVersion,
  "leaves overlapping subscriptions and other clients alone [MQTT-3.10.4-1]",
  async (t) => {
    const client = await t.connect();
    const other = await t.connect();
    await client.subscribe(t.topic("a/b"));
    await client.subscribe(t.topic("a/#"));
    await other.subscribe(t.topic("a/b"));
    await client.unsubscribe(t.topic("a/b"));
    await client.publish(t.topic("a/b"), "x");
    await client.expectMessage(t.topic("a/b"), "x");
    await other.expectMessage(t.topic("a/b"), "x");
  },
);

conformance(
  everyVersion,
  "finishes deliveries that have started before UNSUBSCRIBE [MQTT-3.10.4-3]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const client = await t.connectKeepingSession(clientIdentifier);
    await client.subscribe(t.topic(), { qos: 2 });
    await client.publish(t.topic(), "one", { qos: 1 });
    await client.publish(t.topic(), "two", { qos: 2 });
    const one = await client.expect(PacketType.Publish);
    const two = await client.expect(PacketType.Publish);
    await client.unsubscribe(t.topic());
    await client.acknowledge(two);
    client.close();
    const again = await t.connectKeepingSession(clientIdentifier);
    const resent = await again.expectMessage(t.topic(), "one");
    assert.deepEqual([resent.packetIdentifier, resent.duplicate], [one.packetIdentifier, true]);
    await again.expectNothing();
  },
);

conformance(
  everyVersion,
  "answers UNSUBSCRIBE with its identifier [MQTT-3.10.4-4] [MQTT-3.10.4-5]",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic());
    for (let count = 0; count < 2; count++) { // The second removes nothing.
      const body = joined(u16(0x0a0b), noProperties(t.version), string(t.topic()));
      await client.sendBytes(packet(0xa2, body));
      const unsuback = await client.expect(PacketType.Unsuback);
      assert.equal(unsuback.packetIdentifier, 0x0a0b);
    }
  },
);

conformance(
  everyVersion,
  "removes every filter of one UNSUBSCRIBE [MQTT-3.10.4-6]",
  async (t) => {
    const client = await t.connect();
    for (const levels of ["a", "b/#", "+/c", "kept"]) await client.subscribe(t.topic(levels));
    await client.unsubscribe(t.topic("a"), t.topic("b/#"), t.topic("+/c"));
    for (const levels of ["a", "b/1", "d/c", "kept"]) await client.publish(t.topic(levels), "x");
    await client.expectMessage(t.topic("kept"), "x");
    await client.expectNothing();
  },
);

conformance(
  only5,
  "answers with a code for each filter, in order [MQTT-3.11.3-1] [MQTT-3.11.3-2]",
  async (t) => {
    const client = await t.connect();
    await client.subscribe(t.topic("a"));
    await client.subscribe(t.topic("c/#"));
    const unsuback = await client.unsubscribe(t.topic("a"), t.topic("b"), t.topic("c/#"));
    assert.deepEqual(unsuback.reasonCodes, [
      ReasonCode.Success,
      ReasonCode.NoSubscriptionExisted,
      ReasonCode.Success,
    ]);
  },
);

conformance(before5, "answers with an UNSUBACK of four bytes, section 3.11", async (t) => {
  const client = await t.connect();
  const before = client.bytesReceived.length;
  await client.sendBytes(packet(0xa2, u16(0x1234), string(t.topic()), string(t.topic("b"))));
  await client.expect(PacketType.Unsuback);
  assert.deepEqual(client.bytesReceived.slice(before), fromHex("b0 02 12 34"));
});
