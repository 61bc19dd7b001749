/**
 * The data of a real Mosquitto that real clients have used, taken over by our broker: its clients
 * find what they would have found had Mosquitto been started again.
 */

import assert from "node:assert/strict";
import { importDatabase } from "../../src/import/database/import_database.ts";
import { PacketType, type PublishPacket } from "../../src/protocol/packet.ts";
import { temporaryFolder } from "../storage/fixture.ts";
import { inspectStore } from "../../src/storage/offline.ts";
import { startBroker } from "../support/broker_process.ts";
import { MqttJsClient, type MqttUrl } from "../support/mqttjs_client.ts";
import type { Address } from "../support/packet_channel.ts";
import { asText } from "../support/packet_text.ts";
import { runProgram, testWithPrograms } from "../support/programs.ts";
import { RawClient } from "../support/raw_client.ts";
import { MosquittoOnData } from "./mosquitto_data.ts";

type Broker = Address & MqttUrl;

const MOSQUITTO = ["mosquitto", "mosquitto_pub", "mosquitto_sub"];
const KEPT = { sessionExpiryInterval: 3600 };
/** Of MQTT.js: a session of MQTT 5. */
const PHONE = { clientId: "phone", protocolVersion: 5, clean: false, properties: KEPT } as const;

function pub({ port }: Broker, ...args: string[]): Promise<string> {
  return runProgram("mosquitto_pub", ["-p", `${port}`, ...args]);
}

function sub({ port }: Broker, ...args: string[]): Promise<string> {
  return runProgram("mosquitto_sub", ["-p", `${port}`, ...args]);
}

/** Retained messages, and what was retained and is not any more. */
async function retain(broker: Broker): Promise<void> {
  await pub(broker, "-r", "-t", "home/lamp", "-m", "on");
  await pub(broker, "-r", "-q", "1", "-t", "home/heating", "-m", "19.5");
  await pub(broker, "-r", "-q", "2", "-t", "/leading/slash", "-m", "2");
  await pub(broker, "-r", "-t", "caf\u00e9/\u6e29\u5ea6", "-m", "\u2603");
  await pub(broker, "-r", "-t", "gone", "-m", "soon");
  await pub(broker, "-r", "-t", "gone", "-n");
  await pub(
    broker,
    ...["-V", "5", "-r", "-q", "1", "-t", "home/door", "-m", "open"],
    ...["-D", "publish", "content-type", "text/plain"],
    ...["-D", "publish", "message-expiry-interval", "3600"],
    ...["-D", "publish", "user-property", "floor", "1"],
    ...["-D", "publish", "response-topic", "answers"],
  );
}

/** Sessions of mosquitto_sub (MQTT 3.1.1) and MQTT.js (MQTT 5). */
async function subscribe(broker: Broker): Promise<void> {
  await sub(broker, "-c", "-i", "logger", "-q", "1", "-t", "home/#", "-t", "half/#", "-E");
  await using phone = await MqttJsClient.connect(broker, PHONE);
  await phone.client.subscribeAsync("home/+", {
    qos: 2,
    rap: true,
    properties: { subscriptionIdentifier: 7 },
  });
  await phone.client.subscribeAsync("own/#", { qos: 1, nl: true });
}

/** A client that leaves with messages that it has not acknowledged: QoS 1, QoS 2, QoS 2 released. */
async function leaveInFlight(broker: Broker): Promise<RawClient> {
  const slow = await RawClient.connect(broker, 5, {
    clientIdentifier: "slow",
    cleanStart: false,
    properties: KEPT,
  });
  await slow.subscribe("slow/#", { qos: 2 });
  await pub(broker, "-q", "1", "-t", "slow/1", "-m", "not acknowledged");
  await slow.expect(PacketType.Publish);
  await pub(broker, "-q", "2", "-t", "slow/2", "-m", "not received");
  await slow.expect(PacketType.Publish);
  await pub(broker, "-q", "2", "-t", "slow/3", "-m", "not completed");
  const { packetIdentifier } = await slow.expect(PacketType.Publish);
  await slow.sendAcknowledgement(PacketType.Pubrec, packetIdentifier);
  await slow.expect(PacketType.Pubrel);
  return slow;
}

/** A client that leaves with QoS 2 messages that it has not released. */
async function leaveUnreleased(broker: Broker): Promise<RawClient> {
  const half = await RawClient.connect(broker, 5, {
    clientIdentifier: "half",
    cleanStart: false,
    properties: KEPT,
  });
  for (const [index, topicName] of ["half/1", "half/2"].entries()) {
    const packet = half.publishPacket(topicName, "half", { qos: 2, packetIdentifier: 70 + index });
    await half.send(packet);
    await half.expect(PacketType.Pubrec);
  }
  return half;
}

/** What comes while everybody is away. */
async function queue(broker: Broker): Promise<void> {
  for (const [index, qos] of [1, 2, 1, 2, 0].entries()) {
    await pub(broker, "-q", `${qos}`, "-t", "home/count", "-m", `${index}`);
  }
  await pub(
    broker,
    "-V",
    "5",
    "-q",
    "2",
    "-r",
    "-t",
    "home/late",
    "-m",
    "late",
    "-D",
    "publish",
    "content-type",
    "x",
  );
  await pub(broker, "-q", "1", "-t", "slow/4", "-m", "queued");
}

/** Uses a Mosquitto whose data is in `folder`, and stops it. */
async function leaveData(folder: string, lines: readonly string[] = []): Promise<void> {
  await using mosquitto = await MosquittoOnData.start(folder, lines);
  // In this order: what is retained already would be on its way when they leave, or not.
  await subscribe(mosquitto);
  await retain(mosquitto);
  const raw = [await leaveInFlight(mosquitto), await leaveUnreleased(mosquitto)];
  for (const client of raw) client.close();
  await queue(mosquitto);
  await mosquitto.stop();
}

// What clients find.

/** What one client found: whether its session was there, and what came. */
interface Found {
  readonly sessionPresent: boolean;
  readonly messages: readonly string[];
}

function describeMessage(
  { topicName, payload, qos, retain, duplicate, properties }: PublishPacket,
) {
  const flags = `${retain ? " retain" : ""}${duplicate ? " duplicate" : ""}`;
  return `${topicName}=${asText(payload)} qos ${qos}${flags}${describeProperties(properties)}`;
}

/** In any order; of a Message Expiry Interval, that it is there. */
function describeProperties(properties: object = {}): string {
  return Object.entries(properties).map(([name, value]) =>
    ` ${name === "messageExpiryInterval" ? name : `${name}: ${JSON.stringify(value)}`}`
  ).sort().join();
}

/** The publisher goes on: one message it only releases, the other it sends once more before. */
async function findUnreleased(broker: Broker): Promise<Found> {
  using half = await RawClient.connect(broker, 5, {
    clientIdentifier: "half",
    cleanStart: false,
    properties: KEPT,
  });
  const answers: string[] = [];
  const release = async (packetIdentifier: number) => {
    await half.sendAcknowledgement(PacketType.Pubrel, packetIdentifier);
    const { reasonCode } = await half.expect(PacketType.Pubcomp);
    answers.push(`PUBCOMP ${packetIdentifier} ${reasonCode}`);
  };
  await release(70);
  const again = { qos: 2, packetIdentifier: 71, duplicate: true } as const;
  await half.send(half.publishPacket("half/2", "half", again));
  answers.push(`PUBREC ${(await half.expect(PacketType.Pubrec)).packetIdentifier}`);
  await release(71);
  await half.disconnect();
  return { sessionPresent: half.connack.sessionPresent, messages: answers };
}

/** Queued: heating, door, 0 to 3 and late, then what was not released. Then what is retained, since it subscribes. */
async function findLogged(broker: Broker): Promise<readonly string[]> {
  const printed = await sub(
    broker,
    ...["-c", "-i", "logger", "-q", "1", "-t", "home/#", "-t", "half/#"],
    ...["-F", "%t=%p qos %q retain %r", "-C", "13", "-W", "20"],
  );
  const lines = printed.trimEnd().split("\n");
  return [...lines.slice(0, 9), ...lines.slice(9).sort()];
}

async function findByPhone(broker: Broker): Promise<Found> {
  await using phone = await MqttJsClient.connect(broker, PHONE);
  const messages: string[] = [];
  const next = async (count: number) => {
    for (let at = 0; at < count; at++) {
      const { topic, payload, qos, retain, dup, properties } = await phone.nextPacket();
      const flags = `${retain ? " retain" : ""}${dup ? " duplicate" : ""}`;
      messages.push(`${topic}=${payload} qos ${qos}${flags}${describeProperties(properties)}`);
    }
  };
  await next(7);
  // Its subscriptions are as they were: it wants none of its own, and retained as published.
  await phone.client.publishAsync("own/message", "own", { qos: 1 });
  await pub(broker, "-q", "1", "-t", "own/message", "-m", "of another");
  await pub(broker, "-r", "-q", "2", "-t", "home/live", "-m", "live");
  await next(2);
  return { sessionPresent: phone.sessionPresent, messages };
}

async function findInFlight(broker: Broker): Promise<Found & { readonly sent: readonly string[] }> {
  using slow = await RawClient.connect(broker, 5, {
    clientIdentifier: "slow",
    cleanStart: false,
    properties: KEPT,
  });
  await slow.barrier();
  const messages: string[] = [];
  const sent: string[] = [];
  for (const packet of slow.inbox.splice(0)) {
    if (packet.type === PacketType.Pubrel) sent.push(`PUBREL ${packet.packetIdentifier}`);
    if (packet.type !== PacketType.Publish) continue;
    messages.push(describeMessage(packet));
    if (packet.duplicate) sent.push(`PUBLISH ${packet.packetIdentifier}`);
    await slow.acknowledge(packet);
  }
  await slow.sendAcknowledgement(PacketType.Pubcomp, 3);
  await slow.expectNothing();
  await slow.disconnect();
  return { sessionPresent: slow.connack.sessionPresent, messages, sent: sent.sort() };
}

async function findRetained(broker: Broker): Promise<readonly string[]> {
  using reader = await RawClient.connect(broker, 5);
  await reader.subscribe("#", { qos: 2 });
  await reader.barrier();
  return reader.inbox.filter((packet) => packet.type === PacketType.Publish)
    .map((packet) => describeMessage(packet as PublishPacket)).sort();
}

/** Everything that is there, asked for by the clients that left it. */
async function find(broker: Broker) {
  const retained = await findRetained(broker);
  const unreleased = await findUnreleased(broker);
  const logged = await findLogged(broker);
  const phone = await findByPhone(broker);
  const inFlight = await findInFlight(broker);
  return { retained, unreleased, logged, phone, inFlight };
}

type Findings = Awaited<ReturnType<typeof find>>;

async function findInMosquitto(folder: string): Promise<Findings> {
  await using mosquitto = await MosquittoOnData.start(folder, ["allow_anonymous true"]);
  return await find(mosquitto);
}

async function findInOurs(store: string): Promise<Findings> {
  await using broker = await startBroker({
    config: `listeners: [{address: 127.0.0.1, port: 0}]\npersistence: {path: "${store}"}\n`,
  });
  return await find(broker);
}

testWithPrograms(
  MOSQUITTO,
  "clients find in our broker what they would have found in the Mosquitto that they left",
  async () => {
    using folder = temporaryFolder();
    const store = `${folder.path}/broker.db`;
    await leaveData(folder.path, ["allow_anonymous true"]);
    const report = await importDatabase({
      source: `${folder.path}/mosquitto.db`,
      target: store,
      nowMs: Date.now(),
    });
    const { changed, lost, hints, ...counts } = report;
    assert.deepEqual([lost, hints], [[], []]);
    assert.match(changed.join("\n"), /^2 QoS 2 messages had not been released[^\n]*$/);
    assert.deepEqual(counts, {
      fileVersion: 6,
      retained: 6,
      sessions: 4,
      subscriptions: 5,
      queued: 17,
      inflight: 3,
      inbound: 2,
      notGivenTo: undefined,
    });
    const ours = await findInOurs(store);
    assert.deepEqual(ours, await findInMosquitto(folder.path));
    assert.deepEqual(ours.phone.sessionPresent, true);
    assert.deepEqual([ours.phone.messages.length, ours.inFlight.messages.length], [9, 3]);
  },
);

// User Names.

const PASSWORD = "secret";
/** In the order in which Mosquitto writes them: it garbles those of who has none. */
const OWNERS: readonly (readonly [clientId: string, username?: string])[] = [
  ["one", "anna"],
  ["two"],
  ["three"],
  ["four", "bert"],
  ["five"],
];

function connectAs(broker: Broker, clientId: string, username: string | undefined) {
  const login = username === undefined ? {} : { username, password: PASSWORD };
  return MqttJsClient.connect(broker, { clientId, protocolVersion: 4, clean: false, ...login });
}

/** Users of `passwords` and anonymous clients leave sessions, with a message for each. */
async function leaveOwned(folder: string, passwords: string): Promise<void> {
  await runProgram("mosquitto_passwd", ["-c", "-b", passwords, "anna", PASSWORD]);
  await runProgram("mosquitto_passwd", ["-b", passwords, "bert", PASSWORD]);
  const lines = ["allow_anonymous true", `password_file ${passwords}`];
  await using mosquitto = await MosquittoOnData.start(folder, lines);
  for (const [clientId, username] of OWNERS) {
    await using client = await connectAs(mosquitto, clientId, username);
    await client.client.subscribeAsync("all", { qos: 1 });
  }
  await pub(mosquitto, "-q", "1", "-t", "all", "-m", "hello");
  await mosquitto.stop();
}

testWithPrograms(
  [...MOSQUITTO, "mosquitto_passwd"],
  "a session is its user's again, and one of nobody is not kept from its client",
  async () => {
    using folder = temporaryFolder();
    const [store, passwords] = [`${folder.path}/broker.db`, `${folder.path}/passwords`];
    await leaveOwned(folder.path, passwords);
    const source = `${folder.path}/mosquitto.db`;
    await importDatabase({ source, target: store, nowMs: Date.now(), usersAreProven: true });
    const { sessions } = inspectStore(store);
    const names = [...sessions].map((
      { clientIdentifier, username },
    ) => [clientIdentifier, username]);
    assert.deepEqual(names, OWNERS.map(([clientId, username]) => [clientId, username]));
    await using broker = await startBroker({
      config:
        `listeners: [{address: 127.0.0.1, port: 0, allow_anonymous: always}]\npersistence: {path: "${store}"}\n` +
        `authentication: {password_files: ["${passwords}"]}\n`,
    });
    await assert.rejects(connectAs(broker, "one", undefined), /Not authorized/);
    for (const [clientId, username] of OWNERS) {
      await using client = await connectAs(broker, clientId, username);
      const { topic, payload } = await client.nextMessage();
      assert.deepEqual([client.sessionPresent, topic, payload], [true, "all", "hello"]);
    }
  },
);
