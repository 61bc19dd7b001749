/**
 * MQTT 5 sections 3.12 and 3.13, PINGREQ and PINGRESP.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { conformance, everyVersion } from "./fixture.ts";
import { fromHex } from "./wire.ts";

conformance(everyVersion, "answers PINGREQ with PINGRESP [MQTT-3.12.4-1]", async (t) => {
  const client = await t.connect();
  const before = client.bytesReceived.length;
  await client.sendBytes(fromHex("c0 00"));
  await client.expect(PacketType.Pingresp);
  assert.deepEqual(client.bytesReceived.slice(before), fromHex("d0 00"));
});

conformance(everyVersion, "answers every one of many PINGREQ [MQTT-3.12.4-1]", async (t) => {
  const client = await t.connect();
  await client.sendBytes(fromHex("c0 00 c0 00 c0 00"));
  for (let count = 0; count < 3; count++) await client.expect(PacketType.Pingresp);
  await client.expectNothing();
});
