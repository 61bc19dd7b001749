/**
 * Large messages to many clients that do not read: what they cost is limited.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { publishPacket } from "../support/packets.ts";
import { startTestBroker } from "../support/test_broker.ts";
import { manyClients, QuickClient } from "./quick_client.ts";
import { Witness } from "./witness.ts";

const MEBIBYTE = 1024 * 1024;

Deno.test("one large message to many silent subscribers of QoS 1 is not copied for all of them", async () => {
  const maxBufferedBytes = 16 * MEBIBYTE;
  await using broker = await startTestBroker({ limits: { maxBufferedBytes } });
  await using witness = await Witness.start(broker);
  const silent = await manyClients(40, async (index) => {
    const client = await QuickClient.connect(broker, `silent${index}`);
    await client.subscribe("camera", 1);
    return client;
  });
  const publisher = await QuickClient.connect(broker, "publisher");
  const image = new Uint8Array(4 * MEBIBYTE);
  await publisher.send(publishPacket("camera", image, { qos: 1, packetIdentifier: 1 }));
  await publisher.next(PacketType.Puback);
  await witness.keepsHearing();
  const { bufferedBytes } = broker.server.broker.statistics;
  assert(bufferedBytes <= maxBufferedBytes + image.length, `${bufferedBytes} bytes wait`);
  for (const client of silent) client.close();
  publisher.close();
  await witness.stop();
});
