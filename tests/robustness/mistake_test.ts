/**
 * Mistakes of ours, while others are served: the client that meets one is closed with 0x83, and
 * the others do not notice.
 */

import assert from "node:assert/strict";
import type { BrokerEvents } from "../../src/broker/events.ts";
import { type Packet, PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { connectPacket, publishPacket, will } from "../support/packets.ts";
import { startTestBroker, type TestBroker } from "../support/test_broker.ts";
import { manyClients, QuickClient } from "./quick_client.ts";
import { Witness } from "./witness.ts";

const CLIENTS = 100;

/** From now on the core throws when it reports this. */
function sabotage(broker: TestBroker, report: keyof BrokerEvents): void {
  const value = (session: unknown) => {
    const { clientIdentifier = "" } = session as { clientIdentifier?: string };
    if (!clientIdentifier.startsWith("witness")) throw new Error("a mistake");
  };
  Object.defineProperty(broker.server.broker.events, report, { value });
}

/** The last packet before the end of the connection. */
async function lastPacket(client: QuickClient): Promise<Packet | undefined> {
  let last: Packet | undefined;
  for (let packet = await client.next(); packet !== undefined; packet = await client.next()) {
    last = packet;
  }
  client.close();
  return last;
}

async function assertOnlyWitnessIsLeft(broker: TestBroker, witness: Witness): Promise<void> {
  while (broker.server.connectionCount > 2) await witness.keepsHearing(1);
  const { sessions, statistics } = broker.server.broker;
  assert.equal(statistics.clientsConnected, 2);
  const connected = [...sessions.values()].filter(({ isOnline }) => isOnline);
  assert.equal(connected.length, 2);
  await witness.stop();
}

Deno.test("a mistake in acting on a PUBLISH closes its client with 0x83", async () => {
  await using broker = await startTestBroker({ limits: { maxRetainedMessages: 0 } });
  await using witness = await Witness.start(broker);
  sabotage(broker, "retainedRefused");
  const clients = await manyClients(CLIENTS, async (index) => {
    const client = await QuickClient.connect(broker, `c${index}`, 5);
    await client.send(publishPacket(`t${index}`, "x", { retain: true }));
    return client;
  });
  const expected = {
    type: PacketType.Disconnect,
    reasonCode: ReasonCode.ImplementationSpecificError,
    properties: { reasonString: "Internal error" },
  };
  const last = await Promise.all(clients.map(lastPacket));
  assert.deepEqual(last, clients.map(() => expected));
  await assertOnlyWitnessIsLeft(broker, witness);
});

Deno.test("a mistake in accepting a CONNECT closes its client and leaves nothing of it", async () => {
  await using broker = await startTestBroker();
  await using witness = await Witness.start(broker);
  sabotage(broker, "sessionConnected");
  const clients = await manyClients(CLIENTS, async (index) => {
    const client = await QuickClient.open(broker, 5);
    await client.send(connectPacket(`c${index}`));
    return client;
  });
  await Promise.all(clients.map((client) => client.expectClosed()));
  await assertOnlyWitnessIsLeft(broker, witness);
  assert.equal(broker.server.broker.sessions.size, 2);
});

Deno.test("a mistake in ending a session ends the process of nobody", async () => {
  for (const report of ["sessionDisconnected", "sessionEnded"] as const) {
    await using broker = await startTestBroker();
    await using witness = await Witness.start(broker);
    sabotage(broker, report);
    const clients = await manyClients(
      CLIENTS,
      (index) => QuickClient.connect(broker, `c${index}`, 5, { will: will("will", "x") }),
    );
    for (const client of clients) client.close();
    await assertOnlyWitnessIsLeft(broker, witness);
  }
});
