/**
 * Clients that send what no client should: each is closed, costs little, and the others do not
 * notice.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { connectPacket, publishPacket, subscribePacket } from "../support/packets.ts";
import { startTestBroker } from "../support/test_broker.ts";
import { encode, manyClients, QuickClient } from "./quick_client.ts";
import { Witness } from "./witness.ts";

const MEBIBYTE = 1024 * 1024;

/** Random numbers that are the same in every run (mulberry32); 0 to 2^32 - 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = state + 0x6d2b79f5 | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
    return (mixed ^ mixed >>> 14) >>> 0;
  };
}

function randomBytes(random: () => number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => random());
}

/** A Fixed Header of five bytes that announces `remainingLength` bytes. */
function announce(header: number, remainingLength: number): Uint8Array {
  const lengthBytes = [0, 7, 14, 21].map((shift) => remainingLength >>> shift & 0x7f | 0x80);
  return Uint8Array.of(
    header,
    lengthBytes[0] ?? 0,
    lengthBytes[1] ?? 0,
    lengthBytes[2] ?? 0,
    (lengthBytes[3] ?? 0) & 0x7f,
  );
}

Deno.test("garbage in place of CONNECT is closed, and the others do not notice", async () => {
  await using broker = await startTestBroker({ limits: { connectTimeoutMs: 1500 } });
  await using witness = await Witness.start(broker);
  const random = randomNumbers(1);
  const clients = await manyClients(300, async () => {
    const client = await QuickClient.open(broker);
    await client.sendBytes(randomBytes(random, 1 + random() % 2000));
    return client;
  });
  await Promise.all(clients.map((client) => client.expectClosed()));
  const { sessions } = broker.server.broker;
  assert.deepEqual(new Set(sessions.keys()), new Set(["witness-subscriber", "witness-publisher"]));
  await witness.stop();
});

Deno.test("packets with random faults close their clients at worst, and the others do not notice", async () => {
  await using broker = await startTestBroker({ limits: { connectTimeoutMs: 1500 } });
  await using witness = await Witness.start(broker);
  const random = randomNumbers(2);
  const clients = await manyClients(300, async (index) => {
    const version = index % 2 === 0 ? 5 : 4;
    const client = await QuickClient.open(broker, version);
    const bytes = encode(
      version,
      connectPacket(`fault${index}`, version),
      subscribePacket(["fault/#"]),
      publishPacket("fault/a", "x".repeat(100), { qos: 1, packetIdentifier: 5 }),
      publishPacket("fault/b", "y"),
    );
    for (let fault = 0; fault < 3; fault++) bytes[random() % bytes.length] = random();
    await client.sendBytes(bytes);
    await client.sendBytes(announce(0x00, 0)); // Type 0 is reserved: the end in any case.
    return client;
  });
  // What waits for more of a packet than will come is ended by us.
  await witness.keepsHearing(20);
  for (const client of clients) client.close();
  while (broker.server.connectionCount > 2) await witness.keepsHearing(1);
  assert.equal(broker.server.broker.statistics.clientsConnected, 2);
  await witness.stop();
});

Deno.test("huge packets of which little comes cost little memory", async () => {
  await using broker = await startTestBroker();
  await using witness = await Witness.start(broker);
  const before = Deno.memoryUsage().external;
  const { maximumPacketSize } = broker.server.broker.limits;
  const clients = await manyClients(200, async (index) => {
    const client = await QuickClient.connect(broker, `huge${index}`);
    await client.sendBytes(announce(0x30, maximumPacketSize - 5));
    await client.sendBytes(new Uint8Array(1000));
    return client;
  });
  await witness.keepsHearing();
  const grownBytes = Deno.memoryUsage().external - before;
  // 200 packets of 16 MiB were announced: 3.1 GiB. The clients themselves have 16 KiB each.
  assert(grownBytes < 32 * MEBIBYTE, `${grownBytes} bytes`);
  for (const client of clients) client.close();
  await witness.stop();
});

Deno.test("packets larger than allowed are refused before they are taken", async () => {
  await using broker = await startTestBroker({ limits: { maxPacketSizeBytes: 100_000 } });
  await using witness = await Witness.start(broker);
  const clients = await manyClients(100, async (index) => {
    const client = index % 2 === 0
      ? await QuickClient.connect(broker, `large${index}`)
      : await QuickClient.open(broker);
    await client.sendBytes(announce(index % 2 === 0 ? 0x30 : 0x10, 200_000_000));
    return client;
  });
  await Promise.all(clients.map((client) => client.expectClosed()));
  await witness.stop();
  assert(broker.server.broker.statistics.bytesReceived < 2_000_000);
});

Deno.test("Topic Filters too long for a reason string are refused, and the client goes on", async () => {
  await using broker = await startTestBroker();
  await using witness = await Witness.start(broker);
  using client = await QuickClient.connect(broker, "c", 5);
  const filters = ["x".repeat(65_535), ...Array.from({ length: 30 }, () => "y".repeat(5000))];
  await client.send(subscribePacket(filters));
  const suback = await client.next(PacketType.Suback);
  assert(suback?.type === PacketType.Suback);
  assert.deepEqual(new Set(suback.reasonCodes), new Set([0x8f]));
  await client.send({ type: PacketType.Pingreq });
  assert.equal((await client.next())?.type, PacketType.Pingresp);
  await witness.stop();
});

Deno.test("large packets that are not complete are limited together", async () => {
  const maxBufferedBytes = 8 * MEBIBYTE;
  await using broker = await startTestBroker({ limits: { maxBufferedBytes } });
  await using witness = await Witness.start(broker);
  const { statistics } = broker.server.broker;
  const clients = await manyClients(16, async (index) => {
    const client = await QuickClient.connect(broker, `large${index}`);
    await client.sendBytes(announce(0x30, 10_000_000));
    // Some are refused on the way.
    await client.sendBytes(new Uint8Array(2 * MEBIBYTE)).catch(() => {});
    return client;
  });
  await witness.keepsHearing();
  assert(statistics.clientsConnected < 2 + clients.length, "nobody was refused");
  assert(statistics.inputBytes <= 2 * maxBufferedBytes, `${statistics.inputBytes} bytes are held`);
  for (const client of clients) client.close();
  while (broker.server.connectionCount > 2) await witness.keepsHearing(1);
  assert.equal(statistics.inputBytes, 0);
  await witness.stop();
});
