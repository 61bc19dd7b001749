/**
 * Logins over TCP with MQTT.js: what a client of others sees.
 */

import assert from "node:assert/strict";
import mqtt, { type IClientOptions } from "mqtt";
import { MADE_ELSEWHERE } from "../access/password_fixture.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { MqttJsClient } from "../support/mqttjs_client.ts";
import {
  type SettingsOverrides,
  startTestBroker,
  type TestBroker,
} from "../support/test_broker.ts";

const { hash: HASH, password: PASSWORD } = MADE_ELSEWHERE[2];

const user = (name: string) => ({ name, password: HASH, scram: undefined, groups: [] });
const USERS: SettingsOverrides = {
  users: [user("ann"), user("bob")],
  listener: { allowAnonymous: "never" },
};

function urlOf({ hostname, port }: TestBroker) {
  return { url: `mqtt://${hostname}:${port}` };
}

function connect(broker: TestBroker, options: IClientOptions) {
  return MqttJsClient.connect(urlOf(broker), options);
}

/** The code that MQTT.js reports for the CONNACK that refuses it. */
async function refusalOf(broker: TestBroker, options: IClientOptions): Promise<unknown> {
  try {
    await using client = await connect(broker, options);
    return `let in as ${client.client.options.clientId}`;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

Deno.test("MQTT.js logs in with user name and password, in every version", async () => {
  await using broker = await startTestBroker(USERS);
  for (const protocolVersion of [3, 4, 5] as const) {
    await using _client = await connect(broker, {
      protocolId: protocolVersion === 3 ? "MQIsdp" : "MQTT",
      protocolVersion,
      clientId: `c${protocolVersion}`,
      username: "ann",
      password: PASSWORD,
    });
    const session = broker.server.broker.sessions.get(`c${protocolVersion}`);
    assert.equal(session?.username, "ann");
  }
});

Deno.test("MQTT.js is told the same whatever was wrong, and the log says what", async () => {
  using log = new CapturedLog("warning");
  await using broker = await startTestBroker(USERS);
  const attempts = [["ann", "wrong", 4, 4], ["carl", PASSWORD, 4, 4], [
    "ann",
    "",
    5,
    0x86,
  ]] as const;
  for (const [username, password, protocolVersion, code] of attempts) {
    const options = { protocolVersion, username, password, clientId: "kitchen" };
    assert.equal(await refusalOf(broker, options), code, `${username} ${password}`);
  }
  assert.equal(await refusalOf(broker, { protocolVersion: 4, clientId: "hall" }), 5);
  assert.equal(await refusalOf(broker, { protocolVersion: 5, clientId: "hall" }), 0x87);
  assert.equal(broker.server.broker.statistics.loginsFailed, 5);
  assert.equal(broker.server.broker.sessions.size, 0);
  const lines = log.take().join("\n");
  for (
    const said of [
      /user 'ann', client 'kitchen' at 127\.0\.0\.1:\d+ on listener '[^']+': wrong password/,
      /user 'carl', .*: unknown user/,
      /client 'hall' at .*: anonymous clients are not served: .* give the client a user name/,
    ]
  ) assert.match(lines, said);
  assert(!lines.includes(PASSWORD) && !lines.includes(HASH.slice(0, 10)));
});

Deno.test("MQTT.js shows an unproven User Name where nobody is configured", async () => {
  using log = new CapturedLog("info");
  await using broker = await startTestBroker();
  await using client = await connect(broker, { clientId: "c", username: "ann", password: "x" });
  assert.equal(broker.server.broker.sessions.get("c")?.username, undefined);
  await client.client.publishAsync("t", "x", { qos: 1 });
  assert.match(log.take().join("\n"), /Client 'c' connected .*, user 'ann' \(unproven\)/);
});

Deno.test("MQTT.js at MQTT 5 is assigned its user name as Client Identifier, and nobody takes it over", async () => {
  const listener = { ...USERS.listener, useUsernameAsClientid: true };
  await using broker = await startTestBroker({ ...USERS, listener });
  const options = { protocolVersion: 5, clientId: "same", password: PASSWORD } as const;
  await using _ann = await connect(broker, { ...options, username: "ann" });
  await using _bob = await connect(broker, { ...options, username: "bob" });
  assert.deepEqual(new Set(broker.server.broker.sessions.keys()), new Set(["ann", "bob"]));
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const third = mqtt.connect(urlOf(broker).url, {
    ...options,
    username: "ann",
    reconnectPeriod: 0,
  });
  third.on("connect", ({ properties }) => resolve(properties?.assignedClientIdentifier));
  assert.equal(await promise, "ann");
  await third.endAsync();
});

Deno.test("MQTT.js is refused by what its listener does not serve", async () => {
  const listener = { protocolVersions: ["5"] as const, clientidPrefixes: ["lamp-"] };
  await using broker = await startTestBroker({ listener });
  assert.equal(await refusalOf(broker, { protocolVersion: 4, clientId: "lamp-1" }), 1);
  assert.equal(await refusalOf(broker, { protocolVersion: 5, clientId: "door-1" }), 0x85);
  await using welcome = await connect(broker, { protocolVersion: 5, clientId: "lamp-1" });
  await welcome.client.publishAsync("t", "x", { qos: 1 });
});

Deno.test("MQTT.js lives below a mount point without knowing it", async () => {
  await using broker = await startTestBroker({ listener: { mountPoint: "home/" } });
  await using client = await connect(broker, { protocolVersion: 5, clientId: "c" });
  await client.client.subscribeAsync(["lamp/#", "$share/g/door"], { qos: 1 });
  await client.client.publishAsync("lamp/1", "on", { qos: 1, retain: true });
  await client.client.publishAsync("door", "open", { qos: 1 });
  const messages = await client.nextMessages(2);
  assert.deepEqual(
    new Set(messages.map(({ topic, payload }) => `${topic} ${payload}`)),
    new Set([
      "lamp/1 on",
      "door open",
    ]),
  );
  const { retained } = broker.server.broker;
  assert.deepEqual([retained.get("home/lamp/1") !== undefined, retained.get("lamp/1")], [
    true,
    undefined,
  ]);
});

Deno.test("MQTT.js cannot connect any more from an address that is banned", async () => {
  using log = new CapturedLog("warning");
  const authentication = { failedLoginsBeforeBan: 2, banLocalNetwork: true };
  await using broker = await startTestBroker({ ...USERS, authentication });
  await using inTime = await connect(broker, { username: "bob", password: PASSWORD });
  for (let time = 0; time < 2; time++) {
    assert.equal(
      await refusalOf(broker, { protocolVersion: 4, username: "ann", password: "x" }),
      4,
    );
  }
  const late = mqtt.connect(urlOf(broker).url, {
    username: "bob",
    password: PASSWORD,
    reconnectPeriod: 0,
  });
  let isLetIn = false;
  late.on("connect", () => isLetIn = true);
  late.on("error", () => {});
  await new Promise<void>((resolve) => late.once("close", () => resolve()));
  assert.equal(isLetIn, false);
  await late.endAsync();
  const { addressesBanned, connectionsRefusedByBan } = broker.server.broker.statistics;
  assert.deepEqual([addressesBanned, connectionsRefusedByBan], [1, 1]);
  await inTime.client.publishAsync("t", "still here", { qos: 1 });
  const bans = log.take().filter((line) => line.includes("Banned"));
  assert.equal(bans.length, 1);
  assert.match(bans[0] ?? "", /Banned 127\.0\.0\.1 for 10m after 2 failed logins/);
});

Deno.test("MQTT.js that publishes too fast is read more slowly, and every message arrives", async () => {
  await using broker = await startTestBroker({ limits: { maxMessageRate: 100 } });
  await using subscriber = await connect(broker, { clientId: "s" });
  await subscriber.client.subscribeAsync("t", { qos: 0 });
  await using publisher = await connect(broker, { clientId: "p" });
  for (let index = 0; index < 150; index++) publisher.client.publish("t", `${index}`);
  const messages = await subscriber.nextMessages(150);
  assert.deepEqual(messages.map(({ payload }) => payload), messages.map((_, index) => `${index}`));
});

Deno.test("MQTT.js clients that fight over a Client Identifier are named in one warning", async () => {
  using log = new CapturedLog("warning");
  await using broker = await startTestBroker();
  const clients = [];
  for (let time = 0; time < 8; time++) {
    clients.push(await connect(broker, { clientId: "same" }));
  }
  const fights = log.take().filter((line) => line.includes("fight"));
  assert.equal(fights.length, 1);
  assert.match(
    fights[0] ?? "",
    /over the Client Identifier 'same', at 127\.0\.0\.1:\d+ and at 127\.0\.0\.1:\d+/,
  );
  for (const client of clients) await client[Symbol.asyncDispose]();
});
