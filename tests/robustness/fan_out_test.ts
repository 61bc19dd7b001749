/**
 * Much for one and one for many: 50,000 retained messages for a subscriber, one topic for 1,000.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { acknowledgement, publishPacket, subscribePacket } from "../support/packets.ts";
import { asText } from "../support/packet_text.ts";
import type { Address } from "../support/packet_channel.ts";
import { startTestBroker } from "../support/test_broker.ts";
import { encode, manyClients, QuickClient } from "./quick_client.ts";
import { Witness } from "./witness.ts";

const RETAINED = 50_000;

/** Leaves a message on each of `RETAINED` topics. */
async function fillRetained(address: Address): Promise<void> {
  using publisher = await QuickClient.connect(address, "filler");
  for (let first = 0; first < RETAINED; first += 500) {
    const packets = Array.from({ length: 500 }, (_, at) => {
      const number = first + at;
      return publishPacket(`home/${number % 100}/${number}`, `${number}`, { retain: true });
    });
    await publisher.send(...packets);
  }
  await publisher.send({ type: PacketType.Pingreq });
  await publisher.next(PacketType.Pingresp);
}

for (const qos of [0, 1] as const) {
  Deno.test(`a subscriber of everything gets 50,000 retained messages through a small buffer, asked at QoS ${qos}`, async () => {
    await using broker = await startTestBroker({
      limits: { maxBufferedBytesPerClient: 64 * 1024 },
      sessions: { maxQueuedMessages: 10 },
    });
    await fillRetained(broker);
    await using witness = await Witness.start(broker);
    using subscriber = await QuickClient.connect(broker, "subscriber");
    await subscriber.send(subscribePacket(["home/#"], {}, qos));
    await subscriber.next(PacketType.Suback);
    await witness.keepsHearing();
    const { statistics } = broker.server.broker;
    assert(statistics.bufferedBytes <= 1 << 20, `${statistics.bufferedBytes} bytes waited`);
    const received = new Set<string>();
    for (let count = 0; count < RETAINED; count++) {
      const packet = await subscriber.next();
      assert(packet?.type === PacketType.Publish && packet.retain, `only ${count} arrived`);
      assert.equal(packet.topicName.split("/").at(-1), asText(packet.payload));
      received.add(packet.topicName);
    }
    assert.equal(received.size, RETAINED);
    await witness.stop();
    assert.deepEqual([statistics.publishDropped, statistics.queuedMessages], [0, 0]);
  });
}

Deno.test("messages published while retained ones are still on their way come after them", async () => {
  const live = 200;
  await using broker = await startTestBroker({
    limits: { maxBufferedBytesPerClient: 64 * 1024 },
  });
  await fillRetained(broker);
  await using witness = await Witness.start(broker);
  using subscriber = await QuickClient.connect(broker, "subscriber");
  await subscriber.send(subscribePacket(["home/#"], {}, 1));
  await subscriber.next(PacketType.Suback);
  using publisher = await QuickClient.connect(broker, "publisher");
  for (let number = 0; number < live; number++) {
    await publisher.send(publishPacket("home/live", `${number}`, { qos: 1, packetIdentifier: 1 }));
    await publisher.next(PacketType.Puback);
  }
  let retained = 0;
  for (let number = 0; number < live;) {
    const packet = await subscriber.next();
    assert(packet?.type === PacketType.Publish);
    if (packet.qos === 1) {
      await subscriber.send(acknowledgement(PacketType.Puback, packet.packetIdentifier));
    }
    if (packet.retain) retained++;
    else assert.equal(asText(packet.payload), `${number++}`);
  }
  assert.equal(retained, RETAINED);
  await witness.stop();
  assert.equal(broker.server.broker.statistics.publishDropped, 0);
});

Deno.test("a storm of messages reaches each of 1,000 subscribers whole and in order", async () => {
  const messages = 500;
  await using broker = await startTestBroker();
  await using witness = await Witness.start(broker);
  const subscribers = await manyClients(1000, async (index) => {
    const client = await QuickClient.connect(broker, `s${index}`, index % 2 === 0 ? 4 : 5);
    await client.subscribe("storm");
    return client;
  });
  const packets = Array.from(
    { length: messages },
    (_, at) => publishPacket("storm", `number ${at}`),
  );
  const expected = { 3: encode(4, ...packets), 4: encode(4, ...packets), 5: encode(5, ...packets) };
  using publisher = await QuickClient.connect(broker, "publisher");
  await Promise.all([
    publisher.send(...packets),
    ...subscribers.map((client) => client.expectBytes(expected[client.version])),
  ]);
  assert.equal(broker.server.broker.statistics.publishDropped, 0);
  for (const client of subscribers) client.close();
  await witness.stop();
});
