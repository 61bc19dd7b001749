/**
 * MQTT 5 section 4.13, handling errors: what an error does to the client that made it, and to no
 * other. Each single error has its test in the chapter of its packet.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { conformance, everyVersion, only5 } from "./fixture.ts";
import { fromHex, joined, noProperties, packet, string, u16 } from "./wire.ts";

conformance(
  everyVersion,
  "answers what came before an error, and nothing after it [MQTT-4.13.1-1]",
  async (t) => {
    const watcher = await t.connect();
    await watcher.subscribe(t.topic(), { qos: 1 });
    const client = await t.connect();
    const none = noProperties(t.version);
    await client.sendBytes(joined(
      packet(0x32, string(t.topic()), u16(1), none, 0x31),
      packet(0x36, string(t.topic()), u16(2), none, 0x32),
      packet(0x32, string(t.topic()), u16(3), none, 0x33),
    ));
    assert.equal((await client.expect(PacketType.Puback)).packetIdentifier, 1);
    await client.expectRefusal(ReasonCode.MalformedPacket);
    await watcher.expectMessage(t.topic(), "1");
    await watcher.expectNothing();
  },
);

conformance(
  everyVersion,
  "leaves all others alone when one client breaks the protocol [MQTT-4.13.1-1]",
  async (t) => {
    const bystander = await t.connect();
    await bystander.subscribe(t.topic(), { qos: 2 });
    for (const bytes of ["00 00", "30 80 80 80 80 01", "82 01 00", "36 02 00 00", "90 00"]) {
      const client = await t.connect();
      await client.sendBytes(fromHex(bytes));
      await client.readToEnd();
    }
    await bystander.publish(t.topic(), "x", { qos: 2 });
    await bystander.expectMessage(t.topic(), "x");
  },
);

conformance(
  everyVersion,
  "keeps the session of a client that it has ended for an error, section 4.1",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const client = await t.connectKeepingSession(clientIdentifier);
    await client.subscribe(t.topic(), { qos: 1 });
    await client.sendBytes(fromHex("00 00"));
    await client.readToEnd();
    const publisher = await t.connect();
    await publisher.publish(t.topic(), "x", { qos: 1 });
    const again = await t.connectKeepingSession(clientIdentifier);
    await again.expectMessage(t.topic(), "x");
  },
);

conformance(
  only5,
  "says in DISCONNECT why it ends a connection [MQTT-4.13.2-1] [MQTT-3.14.2-2]",
  async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(0x82, u16(1), 0));
    const disconnect = await client.expectRefusal(ReasonCode.ProtocolError);
    assert.equal(disconnect?.properties.serverReference, undefined);
  },
);

conformance(
  only5,
  "gives no reason in words to a client that wants none [MQTT-3.1.2-29]",
  async (t) => {
    const client = await t.connect({ properties: { requestProblemInformation: 0 } });
    const suback = await client.requestSubscriptions([{ topicFilter: t.topic(), qos: 1 }]);
    assert.deepEqual([suback.reasonCodes, suback.properties], [[1], {}]);
  },
);

conformance(everyVersion, "survives a client that ends in the middle of a packet", async (t) => {
  const watcher = await t.connect();
  await watcher.subscribe(t.topic("#"));
  const client = await t.connect({ will: { topicName: t.topic("will"), payload: "cut" } });
  await client.sendBytes(packet(0x30, string(t.topic()), 0, [1, 2, 3]).subarray(0, 9));
  client.close();
  await watcher.expectMessage(t.topic("will"), "cut");
  await watcher.expectNothing();
});
