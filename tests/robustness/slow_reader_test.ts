/**
 * Clients that do not read what they ask for: what waits for them is bounded, what is dropped is
 * counted, and the others do not notice.
 */

import assert from "node:assert/strict";
import { type Packet, PacketType } from "../../src/protocol/packet.ts";
import { acknowledgement, publishPacket, subscribePacket } from "../support/packets.ts";
import { startTestBroker, type TestBroker } from "../support/test_broker.ts";
import { encode, manyClients, QuickClient } from "./quick_client.ts";
import { Witness } from "./witness.ts";

const KIBIBYTE = 1024;
/** What may wait for one client. */
const LIMIT_BYTES = 256 * KIBIBYTE;
/** Together far more than the operating system buffers for a connection. */
const MESSAGES = 40_000;
const PAYLOAD = "x".repeat(500);
/** More than one read buffer of a publisher can add before the limit is looked at again. */
const ONE_BATCH_BYTES = 128 * KIBIBYTE;

/** A message of `MESSAGES`, with its number. */
function numbered(number: number, qos: 0 | 1 = 0): Packet {
  const packetIdentifier = qos === 0 ? 0 : 1 + number % 65_535;
  return publishPacket("flood", `${number} ${PAYLOAD}`, { qos, packetIdentifier });
}

function numberOf(packet: Packet | undefined): number {
  assert(packet?.type === PacketType.Publish, `Unexpected ${JSON.stringify(packet)}`);
  return parseInt(new TextDecoder().decode(packet.payload.subarray(0, 10)), 10);
}

/**
 * Publishes all messages at QoS 0, and returns when the broker has taken the last one. `reader`
 * keeps up: it reads each hundred, and must miss none, before the next is sent.
 */
async function flood(publisher: QuickClient, reader?: QuickClient): Promise<void> {
  for (let first = 0; first < MESSAGES; first += 100) {
    const packets = Array.from({ length: 100 }, (_, at) => numbered(first + at));
    await publisher.send(...packets);
    if (reader === undefined) continue;
    for (let at = 0; at < 100; at++) assert.equal(numberOf(await reader.next()), first + at);
  }
  await publisher.send({ type: PacketType.Pingreq });
  await publisher.next(PacketType.Pingresp);
}

/** The most bytes that waited for all clients while `action` ran, seen at every round. */
async function highestBuffered(
  broker: TestBroker,
  witness: Witness,
  action: Promise<void>,
): Promise<number> {
  let highest = 0;
  let isOver = false;
  const over = action.finally(() => isOver = true);
  over.catch(() => {}); // It is awaited below.
  while (!isOver) {
    await witness.keepsHearing(1);
    highest = Math.max(highest, broker.server.broker.statistics.bufferedBytes);
  }
  await over;
  return highest;
}

Deno.test("a reader that stops costs itself messages at QoS 0, counted, and nobody else", async () => {
  const limits = { maxBufferedBytesPerClient: LIMIT_BYTES };
  await using broker = await startTestBroker({ limits });
  await using witness = await Witness.start(broker);
  using stuck = await QuickClient.connect(broker, "stuck");
  await stuck.subscribe("flood");
  using reader = await QuickClient.connect(broker, "reader");
  await reader.subscribe("flood");
  using publisher = await QuickClient.connect(broker, "publisher");

  const highest = await highestBuffered(broker, witness, flood(publisher, reader));
  const { statistics } = broker.server.broker;
  assert(statistics.publishDropped > 0);
  assert(highest <= 2 * (LIMIT_BYTES + ONE_BATCH_BYTES), `${highest} bytes waited`);

  // What it gets once it reads is in order, and what is missing is what was counted.
  let previous = -1;
  for (let received = MESSAGES - statistics.publishDropped; received > 0; received--) {
    const number = numberOf(await stuck.next());
    assert(number > previous, `${number} after ${previous}`);
    previous = number;
  }
  await stuck.send({ type: PacketType.Pingreq });
  assert.equal((await stuck.next())?.type, PacketType.Pingresp);
  await witness.stop();
});

Deno.test("a reader that stops loses nothing of QoS 1 while its queue has room", async () => {
  const count = 5000;
  const limits = { maxBufferedBytesPerClient: LIMIT_BYTES };
  await using broker = await startTestBroker({ limits });
  await using witness = await Witness.start(broker);
  using stuck = await QuickClient.connect(broker, "stuck", 5);
  await stuck.subscribe("flood", 1);
  using publisher = await QuickClient.connect(broker, "publisher", 5);
  for (let number = 0; number < count; number++) {
    await publisher.send(numbered(number, 1));
    await publisher.next(PacketType.Puback);
  }
  await witness.keepsHearing();
  const { statistics } = broker.server.broker;
  assert.equal(statistics.publishDropped, 0);
  assert(statistics.queuedMessages > 0);
  for (let number = 0; number < count; number++) {
    const packet = await stuck.next(PacketType.Publish);
    assert.equal(numberOf(packet), number);
    if (packet?.type !== PacketType.Publish) continue;
    await stuck.send(acknowledgement(PacketType.Puback, packet.packetIdentifier));
  }
  await witness.stop();
  assert.deepEqual([statistics.queuedMessages, statistics.queuedBytes], [0, 0]);
});

Deno.test("a reader that stops loses messages of QoS 1 over its queue's limit, counted", async () => {
  const count = 3000;
  const maxQueuedMessages = 100;
  await using broker = await startTestBroker({
    limits: { maxBufferedBytesPerClient: LIMIT_BYTES },
    sessions: { maxQueuedMessages },
  });
  await using witness = await Witness.start(broker);
  // The client allows ten at a time and acknowledges none.
  using stuck = await QuickClient.connect(broker, "stuck", 5, {
    properties: { receiveMaximum: 10 },
  });
  await stuck.subscribe("flood", 1);
  using publisher = await QuickClient.connect(broker, "publisher", 5);
  for (let number = 0; number < count; number++) {
    await publisher.send(numbered(number, 1));
    await publisher.next(PacketType.Puback);
  }
  const { statistics } = broker.server.broker;
  assert.equal(statistics.publishDropped, count - 10 - maxQueuedMessages);
  assert.equal(statistics.queuedMessages, maxQueuedMessages);
  await witness.stop();
});

Deno.test("many readers that stop together use up their own buffers, not those of others", async () => {
  const readers = 12;
  const maxBufferedBytes = 4 * LIMIT_BYTES;
  await using broker = await startTestBroker({
    limits: { maxBufferedBytesPerClient: LIMIT_BYTES, maxBufferedBytes },
  });
  await using witness = await Witness.start(broker);
  const stuck = await manyClients(readers, async (index) => {
    const client = await QuickClient.connect(broker, `stuck${index}`);
    await client.subscribe("flood");
    return client;
  });
  using publisher = await QuickClient.connect(broker, "publisher");
  const highest = await highestBuffered(broker, witness, flood(publisher));
  assert(highest > maxBufferedBytes, `only ${highest} bytes waited: the limit was not reached`);
  assert(highest <= 2 * maxBufferedBytes + readers * ONE_BATCH_BYTES, `${highest} bytes waited`);
  for (const client of stuck) client.close();
  while (broker.server.connectionCount > 3) await witness.keepsHearing(1);
  await witness.stop();
  assert.equal(broker.server.broker.statistics.bufferedBytes, 0);
});

Deno.test("a client that asks and asks without reading is closed, and the others do not notice", async () => {
  const limits = { maxBufferedBytesPerClient: 64 * KIBIBYTE };
  await using broker = await startTestBroker({ limits });
  await using witness = await Witness.start(broker);
  const requests = {
    PINGREQ: encode(5, ...Array.from({ length: 4000 }, () => ({ type: PacketType.Pingreq }))),
    SUBSCRIBE: encode(5, ...Array.from({ length: 500 }, () => subscribePacket(["a", "b", "c"]))),
  };
  for (const [name, bytes] of Object.entries(requests)) {
    using client = await QuickClient.connect(broker, name, 5);
    const { sessions, statistics } = broker.server.broker;
    // Answers fill the buffers of the operating system first: some MB.
    while (sessions.has(name)) {
      await client.sendBytes(bytes);
      assert(
        statistics.bufferedBytes <= 512 * KIBIBYTE,
        `${statistics.bufferedBytes} bytes waited`,
      );
    }
    await client.expectClosed();
  }
  await witness.stop();
  assert.equal(broker.server.broker.statistics.bufferedBytes, 0);
});
