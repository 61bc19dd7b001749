/**
 * SCRAM-SHA-256 from end to end: `broker passwd --scram` makes the entry of a user, MQTT.js logs in
 * and re-authenticates by enhanced authentication, and both sides prove that they know the password.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import mqtt, { type IConnackPacket, type MqttClient } from "mqtt";
import { ScramClient } from "../access/scram_fixture.ts";
import { brokerCommand, BrokerProcess, startBroker } from "../support/broker_process.ts";

const METHOD = "SCRAM-SHA-256";
const RE_AUTHENTICATE = 0x19;

type HandleAuth = Parameters<MqttClient["handleAuth"]>;

/** What `broker passwd --scram` prints for this user and password. */
async function entryOf(user: string, password: string): Promise<string> {
  const [program, before] = brokerCommand();
  const process = new Deno.Command(program, {
    args: [...before, "passwd", "--scram", user],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${password}\n`));
  await writer.close();
  const { code, stdout } = await process.output();
  assert.equal(code, 0);
  return new TextDecoder().decode(stdout);
}

async function startWithAnn(): Promise<BrokerProcess> {
  const entry = await entryOf("ann", "pencil");
  return await startBroker({
    config: `listeners:\n  - address: 127.0.0.1\n    port: 0\nusers:\n${entry}`,
  });
}

/** An MQTT.js client that speaks SCRAM. */
class ScramConnection implements AsyncDisposable {
  readonly client: MqttClient;
  #scram: ScramClient;
  readonly #password: string;
  #reauthenticated: ((finalData: string) => void) | undefined;

  constructor({ url }: BrokerProcess, username: string, password: string) {
    this.#password = password;
    this.#scram = new ScramClient(username, password);
    this.client = mqtt.connect(url, {
      protocolVersion: 5,
      reconnectPeriod: 0,
      keepalive: 0,
      properties: {
        authenticationMethod: METHOD,
        authenticationData: Buffer.from(this.#scram.first),
      },
    });
    this.client.handleAuth = (packet, callback) => this.#handleAuth(packet, callback);
  }

  /** Whether the broker has proven itself in CONNACK; rejects when it refuses. */
  async connected(): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<IConnackPacket>();
    this.client.once("connect", resolve);
    this.client.once("error", reject);
    const { properties } = await promise;
    assert.equal(properties?.authenticationMethod, METHOD);
    return this.#scram.believes(`${properties?.authenticationData}`);
  }

  /** Whether the broker has proven itself in the AUTH that ends it. */
  async reauthenticate(username: string): Promise<boolean> {
    this.#scram = new ScramClient(username, this.#password, "n,,", "another+nonce");
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#reauthenticated = resolve;
    this.client["_sendPacket"]({
      cmd: "auth",
      reasonCode: RE_AUTHENTICATE,
      properties: {
        authenticationMethod: METHOD,
        authenticationData: Buffer.from(this.#scram.first),
      },
    });
    return this.#scram.believes(await promise);
  }

  #handleAuth(...[{ reasonCode, properties }, callback]: HandleAuth): void {
    const data = `${properties?.authenticationData}`;
    if (reasonCode === 0) {
      this.#reauthenticated?.(data);
      return callback();
    }
    const authenticationData = Buffer.from(this.#scram.answer(data));
    callback(undefined, {
      cmd: "auth",
      reasonCode: 0x18,
      properties: { authenticationMethod: METHOD, authenticationData },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.endAsync(true);
  }
}

Deno.test("MQTT.js logs in by SCRAM-SHA-256, and again while it is connected", async () => {
  await using broker = await startWithAnn();
  await using ann = new ScramConnection(broker, "ann", "pencil");
  assert.equal(await ann.connected(), true);
  const message = new Promise<string>((resolve) => {
    ann.client.once("message", (_topic, payload) => resolve(payload.toString()));
  });
  await ann.client.subscribeAsync("a", { qos: 1 });
  assert.equal(await ann.reauthenticate("ann"), true);
  await ann.client.publishAsync("a", "still here", { qos: 1 });
  assert.equal(await message, "still here");
});

Deno.test("a wrong password and an unknown user are refused alike, the log knows why", async () => {
  await using broker = await startWithAnn();
  const codes: unknown[] = [];
  for (const [username, password] of [["ann", "Pencil"], ["bob", "pencil"]] as const) {
    await using client = new ScramConnection(broker, username, password);
    await client.connected().catch(({ code }) => codes.push(code));
  }
  assert.deepEqual(codes, [0x86, 0x86]);
  assert.match(await broker.waitForLine(/wrong password/), /ann/);
  assert.match(await broker.waitForLine(/unknown user/), /bob/);
  assert.equal(broker.lines.some((line) => /pencil|SCRAM-SHA-256\$/i.test(line)), false);
});

Deno.test("who re-authenticates as somebody else is disconnected", async () => {
  const [ann, bob] = [await entryOf("ann", "pencil"), await entryOf("bob", "pencil")];
  await using broker = await startBroker({
    config: `listeners:\n  - address: 127.0.0.1\n    port: 0\nusers:\n${ann}${bob}`,
  });
  await using client = new ScramConnection(broker, "ann", "pencil");
  assert.equal(await client.connected(), true);
  const disconnected = new Promise<number | undefined>((resolve) => {
    client.client.once("disconnect", ({ reasonCode }) => resolve(reasonCode));
  });
  client.reauthenticate("bob");
  assert.equal(await disconnected, 0x87);
});
