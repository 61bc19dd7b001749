/**
 * Too many connections, connections that do nothing, and clients that come and go: the others do
 * not notice.
 */

import assert from "node:assert/strict";
import { connect as connectSocket } from "node:net";
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { connectPacket, publishPacket } from "../support/packets.ts";
import { asText } from "../support/packet_text.ts";
import type { Address } from "../support/packet_channel.ts";
import { startTestBroker, type TestBroker } from "../support/test_broker.ts";
import { encode, manyClients, QuickClient } from "./quick_client.ts";
import { Witness } from "./witness.ts";

/** Connections of the witness. */
const OF_WITNESS = 2;

/** Waits until the server has only the witness left. */
async function untilAllHaveLeft(broker: TestBroker, witness: Witness): Promise<void> {
  while (broker.server.connectionCount > OF_WITNESS) await witness.keepsHearing(1);
}

Deno.test("a flood of connections over the limit is turned away, and the others do not notice", async () => {
  const maxConnections = 50;
  await using broker = await startTestBroker({ limits: { maxConnections } });
  await using witness = await Witness.start(broker);
  const room = maxConnections - OF_WITNESS;
  const first = await manyClients(room, (index) => QuickClient.connect(broker, `first${index}`));
  const flood = await manyClients(600, () => QuickClient.open(broker));
  await Promise.all(flood.map((client) => client.expectClosed()));
  assert.equal(broker.server.broker.statistics.socketsRefused, flood.length);
  assert.equal(broker.server.connectionCount, maxConnections);

  for (const client of first) client.close();
  await untilAllHaveLeft(broker, witness);
  const second = await manyClients(room, (index) => QuickClient.connect(broker, `second${index}`));
  for (const client of second) client.close();
  await witness.stop();
});

Deno.test("connections that never send are closed in time, and the others do not notice", async () => {
  await using broker = await startTestBroker({ limits: { connectTimeoutMs: 1500 } });
  await using witness = await Witness.start(broker);
  const silent = await manyClients(300, () => QuickClient.open(broker));
  await Promise.all(silent.map((client) => client.expectClosed()));
  assert.deepEqual(
    [broker.server.connectionCount, broker.server.broker.statistics.clientsConnected],
    [OF_WITNESS, OF_WITNESS],
  );
  await witness.stop();
});

Deno.test("half a CONNECT, and no more of it, is closed in time and leaves no session", async () => {
  await using broker = await startTestBroker({ limits: { connectTimeoutMs: 1500 } });
  await using witness = await Witness.start(broker);
  const bytes = encode(5, connectPacket("half", 5));
  const halves = await manyClients(200, async (index) => {
    const client = await QuickClient.open(broker);
    await client.sendBytes(bytes.subarray(0, 1 + index % (bytes.length - 1)));
    return client;
  });
  for (const client of halves.slice(0, 100)) client.close();
  await Promise.all(halves.slice(100).map((client) => client.expectClosed()));
  assert.equal(broker.server.connectionCount, OF_WITNESS);
  assert.equal(broker.server.broker.sessions.has("half"), false);
  await witness.stop();
});

/** Connects, sends `bytes`, waits for an answer if there is to be one, and resets the connection. */
function connectAndReset(address: Address, bytes: Uint8Array, waitsForAnswer: boolean) {
  return new Promise<void>((resolve, reject) => {
    const socket = connectSocket(address.port, address.hostname, () => {
      socket.write(bytes, () => {
        if (!waitsForAnswer) socket.resetAndDestroy();
      });
    });
    if (waitsForAnswer) socket.once("data", () => socket.resetAndDestroy());
    socket.once("error", reject);
    socket.once("close", () => resolve());
  });
}

Deno.test("1,000 clients that connect and are gone at once leave nothing behind", async () => {
  await using broker = await startTestBroker();
  await using witness = await Witness.start(broker);
  for (let wave = 0; wave < 4; wave++) {
    await Promise.all(Array.from({ length: 250 }, (_, index) => {
      const connect = connectPacket(`c${wave}-${index}`, 5, { keepAlive: 60 });
      return connectAndReset(broker, encode(5, connect), index % 2 === 0);
    }));
  }
  await untilAllHaveLeft(broker, witness);
  const { sessions, statistics } = broker.server.broker;
  assert.deepEqual(new Set(sessions.keys()), new Set(["witness-subscriber", "witness-publisher"]));
  assert.equal(statistics.clientsConnected, OF_WITNESS);
  await witness.stop();
  assert.equal(statistics.bufferedBytes, 0);
});

Deno.test("a storm of clients with one Client Identifier ends with one of them connected", async () => {
  await using broker = await startTestBroker();
  await using witness = await Witness.start(broker);
  const properties = { sessionExpiryInterval: 60 };
  const keeper = await QuickClient.connect(broker, "one", 5, { cleanStart: false, properties });
  await keeper.subscribe("t", 1);
  const storm = await manyClients(300, async () => {
    const client = await QuickClient.open(broker, 5);
    await client.send(connectPacket("one", 5, { cleanStart: false, properties }));
    return client;
  });
  const ends = [keeper, ...storm].map(howItEnds);
  const { statistics, sessions } = broker.server.broker;
  while (statistics.connectionsAccepted < OF_WITNESS + ends.length) await witness.keepsHearing(1);
  assert.equal(statistics.clientsConnected, OF_WITNESS + 1);
  const last = await QuickClient.connect(broker, "one", 5, { cleanStart: false, properties });
  assert.deepEqual(new Set(await Promise.all(ends)), new Set([ReasonCode.SessionTakenOver]));
  assert.equal(sessions.size, OF_WITNESS + 1);
  const publisher = await QuickClient.connect(broker, "publisher", 5);
  await publisher.send(publishPacket("t", "x", { qos: 1, packetIdentifier: 1 }));
  const message = await last.next(PacketType.Publish);
  assert.equal(message?.type === PacketType.Publish && asText(message.payload), "x");
  for (const client of [publisher, last]) client.close();
  await witness.stop();
});

/** The Reason Code of the DISCONNECT that ends the connection of `client`. */
async function howItEnds(client: QuickClient): Promise<ReasonCode | undefined> {
  let reasonCode: ReasonCode | undefined;
  for (let packet = await client.next(); packet !== undefined; packet = await client.next()) {
    if (packet.type === PacketType.Disconnect) reasonCode = packet.reasonCode;
  }
  client.close();
  return reasonCode;
}
