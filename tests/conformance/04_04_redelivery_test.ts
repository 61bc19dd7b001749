/**
 * MQTT 5 section 4.4, message delivery retry: what is sent again when a session is resumed, in
 * which order and with which flags, and that nothing is sent again at any other time.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { asText } from "../support/packet_text.ts";
import type { RawClient } from "../support/raw_client.ts";
import { conformance, everyVersion, since311 } from "./fixture.ts";

const untilAcknowledged = { 1: "[MQTT-4.3.2-3]", 2: "[MQTT-4.3.3-3]" } as const;

/** The next PUBLISH as [payload, Packet Identifier, DUP]; it is not acknowledged. */
async function nextPublish(client: RawClient): Promise<[string, number, boolean]> {
  const { payload, packetIdentifier, duplicate } = await client.expect(PacketType.Publish);
  return [asText(payload), packetIdentifier, duplicate];
}

for (const qos of [1, 2] as const) {
  conformance(
    everyVersion,
    `sends unacknowledged QoS ${qos} messages again, with DUP, in order [MQTT-4.4.0-1] [MQTT-3.3.1-1]`,
    async (t) => {
      const clientIdentifier = t.clientIdentifier();
      const first = await t.connectKeepingSession(clientIdentifier);
      await first.subscribe(t.topic(), { qos });
      const publisher = await t.connect();
      const sent: [string, number, boolean][] = [];
      for (const payload of ["a", "b", "c", "d"]) {
        await publisher.publish(t.topic(), payload, { qos });
        sent.push(await nextPublish(first));
      }
      first.close();
      for (let connection = 0; connection < 2; connection++) { // And again, and again.
        const again = await t.connectKeepingSession(clientIdentifier);
        for (const [payload, packetIdentifier] of sent) {
          assert.deepEqual(await nextPublish(again), [payload, packetIdentifier, true]);
        }
        await again.expectNothing();
        again.close();
      }
    },
  );

  conformance(
    everyVersion,
    `sends no QoS ${qos} message again on the same connection [MQTT-4.4.0-1]`,
    async (t) => {
      const client = await t.connect();
      await client.subscribe(t.topic(), { qos });
      await client.publish(t.topic(), "x", { qos });
      await client.expect(PacketType.Publish);
      await client.publish(t.topic("other"), "y", { qos });
      await client.unsubscribe(t.topic());
      await client.expectNothing();
    },
  );

  conformance(
    everyVersion,
    `sends no QoS ${qos} message again that was acknowledged ${untilAcknowledged[qos]}`,
    async (t) => {
      const clientIdentifier = t.clientIdentifier();
      const first = await t.connectKeepingSession(clientIdentifier);
      await first.subscribe(t.topic(), { qos });
      const publisher = await t.connect();
      for (const payload of ["a", "b", "c"]) await publisher.publish(t.topic(), payload, { qos });
      const a = await first.expect(PacketType.Publish);
      await first.expectMessage(t.topic(), "b");
      await first.expectMessage(t.topic(), "c");
      await first.barrier();
      first.close();
      const again = await t.connectKeepingSession(clientIdentifier);
      assert.deepEqual(await nextPublish(again), ["a", a.packetIdentifier, true]);
      await again.expectNothing();
    },
  );

  conformance(
    everyVersion,
    `sends QoS ${qos} messages again when the session is taken over [MQTT-4.4.0-1]`,
    async (t) => {
      const clientIdentifier = t.clientIdentifier();
      const older = await t.connectKeepingSession(clientIdentifier);
      await older.subscribe(t.topic(), { qos });
      const publisher = await t.connect();
      await publisher.publish(t.topic(), "x", { qos });
      const [, packetIdentifier] = await nextPublish(older);
      const newer = await t.connectKeepingSession(clientIdentifier);
      assert.deepEqual(await nextPublish(newer), ["x", packetIdentifier, true]);
    },
  );

  conformance(
    everyVersion,
    `sends messages that come for a client that is away after those in flight, QoS ${qos}`,
    async (t) => {
      const clientIdentifier = t.clientIdentifier();
      const first = await t.connectKeepingSession(clientIdentifier);
      await first.subscribe(t.topic(), { qos });
      const publisher = await t.connect();
      await publisher.publish(t.topic(), "sent", { qos });
      await first.expect(PacketType.Publish);
      await first.disconnect();
      await publisher.publish(t.topic(), "queued 1", { qos });
      await publisher.publish(t.topic(), "queued 2", { qos });
      const again = await t.connectKeepingSession(clientIdentifier);
      const flags = [];
      for (const payload of ["sent", "queued 1", "queued 2"]) {
        flags.push((await again.expectMessage(t.topic(), payload)).duplicate);
      }
      assert.deepEqual(flags, [true, false, false]); // [MQTT-3.3.1-1]
    },
  );
}

conformance(
  everyVersion,
  "sends PUBREL again, and not the PUBLISH [MQTT-4.4.0-1] [MQTT-4.3.3-6]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const first = await t.connectKeepingSession(clientIdentifier);
    await first.subscribe(t.topic(), { qos: 2 });
    const publisher = await t.connect();
    await publisher.publish(t.topic(), "x", { qos: 2 });
    const { packetIdentifier } = await first.expect(PacketType.Publish);
    await first.sendAcknowledgement(PacketType.Pubrec, packetIdentifier);
    await first.expect(PacketType.Pubrel);
    first.close();
    const second = await t.connectKeepingSession(clientIdentifier);
    const pubrel = await second.expect(PacketType.Pubrel);
    assert.deepEqual([pubrel.packetIdentifier, pubrel.reasonCode], [packetIdentifier, 0]);
    await second.sendAcknowledgement(PacketType.Pubcomp, packetIdentifier);
    await second.expectNothing();
    await second.disconnect();
    const third = await t.connectKeepingSession(clientIdentifier);
    await third.expectNothing();
  },
);

conformance(
  everyVersion,
  "sends PUBREL and PUBLISH again in the order of their messages [MQTT-4.4.0-1]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const first = await t.connectKeepingSession(clientIdentifier);
    await first.subscribe(t.topic(), { qos: 2 });
    const publisher = await t.connect();
    const sent = [];
    for (const payload of ["a", "b", "c"]) {
      await publisher.publish(t.topic(), payload, { qos: 2 });
      sent.push(await first.expect(PacketType.Publish));
    }
    await first.sendAcknowledgement(PacketType.Pubrec, sent[0]?.packetIdentifier as number);
    await first.expect(PacketType.Pubrel);
    first.close();
    const again = await t.connectKeepingSession(clientIdentifier);
    await again.barrier();
    const publishes = [];
    const pubrels = [];
    for (const packet of again.inbox.splice(0)) {
      if (packet.type === PacketType.Pubrel) pubrels.push(packet.packetIdentifier);
      if (packet.type === PacketType.Publish) publishes.push(packet.packetIdentifier);
    }
    const identifiers = sent.map((packet) => packet.packetIdentifier);
    assert.deepEqual([pubrels, publishes], [identifiers.slice(0, 1), identifiers.slice(1)]);
  },
);

conformance(
  everyVersion,
  "sends nothing again to a new session [MQTT-3.1.2-4]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const first = await t.connectKeepingSession(clientIdentifier);
    await first.subscribe(t.topic(), { qos: 2 });
    const publisher = await t.connect();
    await publisher.publish(t.topic(), "1", { qos: 1 });
    await publisher.publish(t.topic(), "2", { qos: 2 });
    await first.expect(PacketType.Publish);
    await first.expect(PacketType.Publish);
    first.close();
    const clean = await t.connect({ clientIdentifier });
    await clean.expectNothing();
  },
);

conformance(
  since311,
  "sends no QoS 0 message again [MQTT-3.3.1-2]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const first = await t.connectKeepingSession(clientIdentifier);
    await first.subscribe(t.topic(), { qos: 0 });
    await first.publish(t.topic(), "x");
    await first.expectMessage(t.topic(), "x");
    first.close();
    const again = await t.connectKeepingSession(clientIdentifier);
    await again.expectNothing();
  },
);

conformance(
  everyVersion,
  "gives identifiers in flight to no new message after a reconnect [MQTT-2.2.1-4]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const first = await t.connectKeepingSession(clientIdentifier);
    await first.subscribe(t.topic(), { qos: 1 });
    const publisher = await t.connect();
    for (const payload of ["a", "b"]) await publisher.publish(t.topic(), payload, { qos: 1 });
    const held = [await nextPublish(first), await nextPublish(first)];
    first.close();
    const again = await t.connectKeepingSession(clientIdentifier);
    const seen = [await nextPublish(again), await nextPublish(again)];
    for (const payload of ["c", "d"]) {
      await publisher.publish(t.topic(), payload, { qos: 1 });
      seen.push(await nextPublish(again));
    }
    assert.deepEqual(seen.slice(0, 2).map(([, id]) => id), held.map(([, id]) => id));
    assert.equal(new Set(seen.map(([, id]) => id)).size, 4);
  },
);
