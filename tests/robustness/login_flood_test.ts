/**
 * Floods of failed logins: nobody who is connected is dropped, and tables stay bounded.
 */

import assert from "node:assert/strict";
import { makePasswordHash } from "../../src/access/password_digest.ts";
import { PacketType } from "../../src/protocol/packet.ts";
import { asBytes } from "../support/packet_text.ts";
import { connectPacket } from "../support/packets.ts";
import { startTestBroker, type TestBroker } from "../support/test_broker.ts";
import { encode, QuickClient } from "./quick_client.ts";
import { Witness } from "./witness.ts";

const PASSWORD = "correct horse";
/** Connections at once, and in all. */
const WIDTH = 100;
const LOGINS = 2000;

/** A broker with one user whose hash costs what hashes cost. */
async function startGuarded(
  authentication: Parameters<typeof startTestBroker>[0] extends infer O | undefined
    ? O extends { authentication?: infer A } ? A : never
    : never = {},
): Promise<TestBroker> {
  const password = await makePasswordHash(asBytes(PASSWORD), "argon2id");
  return await startTestBroker({
    users: [{ name: "ann", password, scram: undefined, groups: [] }],
    authentication,
  });
}

/** A CONNECT with a password that is wrong in its own way, of one of two users. */
function guess(index: number): Uint8Array {
  const username = index % 2 === 0 ? "ann" : `user${index}`;
  const fields = { username, password: asBytes(`guess ${index}`) };
  return encode(4, connectPacket(`guesser${index}`, 4, fields));
}

/** One connection from 127.0.0.`host` that guesses; whether it got an answer. */
async function attack(broker: TestBroker, index: number): Promise<boolean> {
  const client = await QuickClient.open(broker);
  await client.sendBytes(guess(index));
  let isAnswered = false;
  for (let packet = await client.next(); packet !== undefined; packet = await client.next()) {
    assert(packet.type === PacketType.Connack && packet.reasonCode !== 0);
    isAnswered = true;
  }
  client.close();
  return isAnswered;
}

/** Attacks until `isOver`; whether each connection got an answer. */
async function flood(
  broker: TestBroker,
  isOver: (attacks: number) => boolean,
): Promise<boolean[]> {
  const answers: boolean[] = [];
  let next = 0;
  const worker = async () => {
    while (!isOver(next)) answers.push(await attack(broker, next++));
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
  return answers;
}

Deno.test("a flood of wrong passwords drops nobody, fills no table, and whoever knows one gets in after it", async () => {
  await using broker = await startGuarded();
  await using witness = await Witness.start(broker);
  const { login } = broker.server;
  const watch = setInterval(() => {
    assert(login.queue.suspectCount <= 16);
    assert(login.delays.waitingCount <= 1000);
  }, 10);
  const fields = { username: "ann", password: asBytes(PASSWORD) };
  const first = await QuickClient.connect(broker, "first", 4, fields);
  const flooded = flood(broker, (attacks) => attacks >= LOGINS);
  await witness.keepsHearing(3);
  const answers = await flooded;
  clearInterval(watch);
  assert(answers.length >= LOGINS && answers.some((isAnswered) => isAnswered));
  const again = await QuickClient.connect(broker, "again", 4, fields);
  while (broker.server.connectionCount > 4) await witness.keepsHearing(1);
  assert.deepEqual(
    [login.queue.suspectCount, login.delays.waitingCount, login.failures.failingCount],
    [0, 0, 1],
  );
  assert.equal(broker.server.broker.statistics.clientsConnected, 4);
  for (const client of [first, again]) client.close();
  await witness.stop();
});

Deno.test("a flood from an address that may be banned ends with the ban, and drops nobody", async () => {
  await using broker = await startGuarded({ failedLoginsBeforeBan: 10, banLocalNetwork: true });
  await using witness = await Witness.start(broker);
  const { statistics } = broker.server.broker;
  const answers = await flood(broker, () => statistics.connectionsRefusedByBan >= LOGINS);
  assert.equal(statistics.addressesBanned, 1);
  assert(answers.some((isAnswered) => !isAnswered));
  assert.equal(broker.server.login.failures.bannedCount, 1);
  await witness.stop();
});
