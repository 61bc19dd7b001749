import assert from "node:assert/strict";
import { type ConnectionPlan, planConnection } from "../../../src/cli/client/connection_setup.ts";
import { asBytes } from "../../support/packet_text.ts";
import { settingsOf } from "./tool_fixture.ts";

function plan(...args: Parameters<typeof settingsOf>): Promise<ConnectionPlan> {
  return planConnection(settingsOf(...args), 4711);
}

Deno.test("planConnection() says where to, and as whom", async () => {
  const { endpoint, options, name, longestAttemptMs } = await plan(
    ...["sub", "-t", "a", "-h", "fe80::1", "-p", "1884", "-u", "ann", "-P", "secret"] as const,
    ...["-A", "10.0.0.1", "--nodelay", "--ws", "-k", "10", "-M", "3", "-i", "me"],
  );
  assert.equal(name, "[fe80::1]:1884");
  assert.deepEqual(endpoint, {
    host: "fe80::1",
    port: 1884,
    unixPath: undefined,
    tls: undefined,
    websocketPath: "/mqtt",
    proxy: undefined,
    bindAddress: "10.0.0.1",
    noDelay: true,
  });
  assert.deepEqual(options, {
    protocolVersion: 5,
    clientIdentifier: "me",
    cleanStart: true,
    keepAlive: 10,
    username: "ann",
    password: asBytes("secret"),
    will: undefined,
    properties: {},
    maximumInflight: 3,
  });
  assert.equal((await plan("sub", "-t", "a", "--unix", "/s")).name, "unix:/s");
  assert.equal(longestAttemptMs, 10_000);
  assert.equal((await plan("sub", "-t", "a", "-k", "600")).longestAttemptMs, 60_000);
});

Deno.test("a server that refuses MQTT 5 is tried with 3.1.1, where that can say the same", async () => {
  const falls = async (...args: string[]): Promise<number | undefined> =>
    (await plan("sub", "-t", "a", ...args)).fallback?.protocolVersion;
  assert.equal(await falls(), 4);
  assert.equal(await falls("-c", "-i", "a"), 4);
  assert.equal(await falls("-c", "-x", "5", "-i", "a"), undefined);
  assert.equal(await falls("-P", "secret"), undefined);
  assert.equal(await falls("-V", "5"), undefined);
  await assert.rejects(plan("sub", "-t", "a", "-V", "311", "-P", "secret"), {
    name: "ToolFailure",
    message: "Cannot send a password without a user name before MQTT 5",
  });
});

Deno.test("Client Identifiers have the process id after a prefix, and are made up for MQTT 3.1", async () => {
  const idOf = async (...args: string[]): Promise<string> =>
    (await plan("sub", "-t", "a", ...args)).options.clientIdentifier;
  assert.equal(await idOf(), "");
  assert.equal(await idOf("-I", "home-"), "home-4711");
  assert.equal(await idOf("-V", "311"), "");
  assert.match(await idOf("-V", "31"), /^broker-[0-9a-z]{16}$/);
});

Deno.test("CONNECT has the properties that are asked for, and no more messages than are wanted", async () => {
  const propertiesOf = async (...args: string[]) =>
    (await plan("sub", "-t", "a", ...args)).options.properties;
  assert.deepEqual(await propertiesOf("-x", "0"), {});
  assert.deepEqual(await propertiesOf("-x", "60"), { sessionExpiryInterval: 60 });
  assert.deepEqual(await propertiesOf("-c", "-i", "a"), { sessionExpiryInterval: 0xffff_ffff });
  assert.deepEqual(await propertiesOf("-C", "3"), {});
  assert.deepEqual(await propertiesOf("-C", "3", "-q", "1"), { receiveMaximum: 3 });
  assert.deepEqual(await propertiesOf("-C", "3", "-q", "1", "-c", "-i", "a", "-x", "9"), {
    sessionExpiryInterval: 9,
    receiveMaximum: 1,
  });
  const given = [
    "-D",
    "connect",
    "receive-maximum",
    "9",
    "-D",
    "connect",
    "user-property",
    "a",
    "b",
  ];
  assert.deepEqual(await propertiesOf("-C", "3", "-q", "1", ...given), {
    receiveMaximum: 9,
    userProperties: [["a", "b"]],
  });
  assert.deepEqual(await propertiesOf("-V", "311", "-C", "3", "-q", "1"), {});
});

Deno.test("the Will goes with CONNECT", async () => {
  const args = ["sub", "-t", "a", "--will-topic", "w", "--will-payload", "bye"] as const;
  const property = ["-D", "will", "will-delay-interval", "5"];
  const { options } = await plan(...args, "--will-qos", "1", "--will-retain", ...property);
  assert.deepEqual(options.will, {
    topicName: "w",
    payload: asBytes("bye"),
    qos: 1,
    retain: true,
    properties: { willDelayInterval: 5 },
  });
});
