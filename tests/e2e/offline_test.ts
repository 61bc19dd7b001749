/**
 * `broker backup`, `restore` and `inspect` as people run them: processes of their own, beside a
 * broker that serves clients, with the permissions of the program.
 */

import assert from "node:assert/strict";
import { type BrokerProcess, runBroker, startBroker } from "../support/broker_process.ts";
import { MqttJsClient } from "../support/mqttjs_client.ts";

/** A session that outlives its connection. */
const KEPT = {
  clientId: "phone",
  protocolVersion: 5,
  clean: false,
  properties: { sessionExpiryInterval: 3600 },
} as const;

/** A folder that is removed when the test is over. */
async function temporaryFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "offline-test-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function startOn(db: string): Promise<BrokerProcess> {
  return startBroker({
    config: `listeners: [{address: 127.0.0.1, port: 0}]
sessions: {max_queued_messages: 100000}
persistence: {path: "${db}"}
`,
  });
}

async function stop(broker: BrokerProcess): Promise<void> {
  broker.signal("SIGTERM");
  assert.equal(await broker.exitCode(), 0);
}

/** "phone" subscribes and goes away. */
async function leaveSession(broker: BrokerProcess): Promise<void> {
  await using phone = await MqttJsClient.connect(broker, KEPT);
  await phone.client.subscribeAsync("count", { qos: 1 });
}

/** Publishes 0, 1, 2 and so on, each when the one before was acknowledged. */
class Counting {
  acknowledged = 0;
  readonly #client: MqttJsClient;
  readonly #done: Promise<void>;
  #isStopped = false;
  #wake: (() => void) | undefined;

  constructor(client: MqttJsClient) {
    this.#client = client;
    this.#done = this.#publish();
  }

  async #publish(): Promise<void> {
    while (!this.#isStopped) {
      await this.#client.client.publishAsync("count", `${this.acknowledged}`, { qos: 1 });
      this.acknowledged++;
      this.#wake?.();
    }
  }

  /** Resolves when so many more have been acknowledged. */
  async more(count: number): Promise<void> {
    const goal = this.acknowledged + count;
    while (this.acknowledged < goal) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
  }
}

interface Inspected {
  readonly inUse: boolean;
  readonly sessions: readonly {
    readonly clientIdentifier: string;
    readonly messages: readonly { readonly payload: string }[];
  }[];
  readonly retained: readonly { readonly topicName: string; readonly payload: string }[];
}

async function inspected(file: string): Promise<Inspected> {
  const { code, stdout, stderr } = await runBroker(["inspect", file, "--json"]);
  assert.deepEqual([code, stderr], [0, ""]);
  return JSON.parse(stdout);
}

/** The payloads that wait for "phone". */
function waiting({ sessions }: Inspected): string[] {
  assert.deepEqual(sessions.map(({ clientIdentifier }) => clientIdentifier), ["phone"]);
  return (sessions[0]?.messages ?? []).map(({ payload }) => payload);
}

function numbersBelow(count: number): string[] {
  return Array.from({ length: count }, (_, number) => `${number}`);
}

Deno.test("a backup of a running broker is of one moment, and a broker goes on from it", async () => {
  await using folder = await temporaryFolder();
  const [db, copy] = [`${folder.path}/broker.db`, `${folder.path}/copy.db`];
  await using broker = await startOn(db);
  await leaveSession(broker);
  await using publisher = await MqttJsClient.connect(broker, { protocolVersion: 5 });
  await publisher.client.publishAsync("state", "on", { qos: 1, retain: true });
  const counting = new Counting(publisher);
  await counting.more(50);
  const acknowledgedBefore = counting.acknowledged;
  const { code, stdout, stderr } = await runBroker(["backup", copy, "--db", db]);
  assert.deepEqual([code, stderr], [0, ""]);
  await counting.more(10);
  await counting.stop();

  const content = await inspected(copy);
  const copied = waiting(content);
  // What was acknowledged before is there, nothing is missing in between, and not all that came after.
  assert.deepEqual(copied, numbersBelow(copied.length));
  assert.ok(copied.length >= acknowledgedBefore && copied.length < counting.acknowledged);
  assert.match(
    stdout,
    new RegExp(`^Copied 1 session, 1 subscription, ${copied.length} waiting messages, 1 retained `),
  );
  assert.deepEqual(content.retained.map(({ topicName, payload }) => [topicName, payload]), [
    ["state", "on"],
  ]);

  const other = `${folder.path}/other.db`;
  const restored = await runBroker(["restore", copy, "--db", other]);
  assert.deepEqual([restored.code, restored.stderr], [0, ""]);
  await using second = await startOn(other);
  await using phone = await MqttJsClient.connect(second, KEPT);
  assert.equal(phone.sessionPresent, true);
  const received = await phone.nextMessages(copied.length);
  assert.deepEqual(received.map(({ payload }) => payload), copied);
  await phone.client.subscribeAsync("state");
  assert.deepEqual(await phone.nextMessage(), {
    topic: "state",
    payload: "on",
    qos: 0,
    retain: true,
  });
});

Deno.test("restore ends with 3 over a running broker, and works when that is stopped", async () => {
  await using folder = await temporaryFolder();
  const [db, copy] = [`${folder.path}/broker.db`, `${folder.path}/copy.db`];
  {
    await using broker = await startOn(db);
    await leaveSession(broker);
    await using publisher = await MqttJsClient.connect(broker, { protocolVersion: 5 });
    await publisher.client.publishAsync("count", "0", { qos: 1 });
    assert.equal((await runBroker(["backup", copy, "--db", db])).code, 0);
    await publisher.client.publishAsync("count", "1", { qos: 1 });
    const { code, stdout, stderr } = await runBroker(["restore", copy, "--db", db]);
    assert.deepEqual([code, stdout], [3, ""]);
    assert.match(stderr, /a broker uses '.*broker\.db'\nStop the broker first/);
    // It was not disturbed.
    await publisher.client.publishAsync("count", "2", { qos: 1 });
    const content = await inspected(db);
    assert.equal(content.inUse, true);
    assert.deepEqual(waiting(content), ["0", "1", "2"]);
    await stop(broker);
  }
  const { code, stdout, stderr } = await runBroker(["restore", copy, "--db", db]);
  assert.deepEqual([code, stderr], [0, ""]);
  const kept = /\nWhat was there before is kept as '(.*)'\n$/.exec(stdout)?.[1] ?? "";
  assert.deepEqual(waiting(await inspected(kept)), ["0", "1", "2"]);
  await using broker = await startOn(db);
  await using phone = await MqttJsClient.connect(broker, KEPT);
  assert.equal(phone.sessionPresent, true);
  assert.equal((await phone.nextMessage()).payload, "0");
});

Deno.test("a killed broker's data can be inspected, copied and put back as it was", async () => {
  await using folder = await temporaryFolder();
  const [db, copy] = [`${folder.path}/broker.db`, `${folder.path}/copy.db`];
  {
    await using broker = await startOn(db);
    await leaveSession(broker);
    await using publisher = await MqttJsClient.connect(broker, { protocolVersion: 5 });
    for (const payload of ["0", "1"]) {
      await publisher.client.publishAsync("count", payload, { qos: 1 });
    }
    broker.signal("SIGKILL");
    await broker.exitCode();
  }
  const content = await inspected(db);
  assert.equal(content.inUse, false);
  assert.deepEqual(waiting(content), ["0", "1"]);
  assert.equal((await runBroker(["backup", copy, "--db", db])).code, 0);
  assert.equal((await runBroker(["restore", copy, "--db", db])).code, 0);
  await using broker = await startOn(db);
  await using phone = await MqttJsClient.connect(broker, KEPT);
  assert.deepEqual((await phone.nextMessages(2)).map(({ payload }) => payload), ["0", "1"]);
});

Deno.test("inspect shows people the sessions of a running broker", async () => {
  await using folder = await temporaryFolder();
  const db = `${folder.path}/broker.db`;
  await using broker = await startOn(db);
  await using _phone = await MqttJsClient.connect(broker, { ...KEPT, clientId: "pho\x1bne" });
  const { code, stdout, stderr } = await runBroker(["inspect", "--db", db]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /in use by a broker\n1 session: 1 connected, 0 away\n/);
  assert.match(stdout, /\npho\\x1bne +- +5 +connected +1h after it leaves +0 +0 +0\n$/);
});
