/**
 * The program as a process: what it prints, how it stops, what it does when a port is taken.
 */

import assert from "node:assert/strict";
import { repositoryPath } from "../../build/paths.ts";
import { BrokerProcess, runBroker, startBroker } from "../support/broker_process.ts";
import { MqttJsClient } from "../support/mqttjs_client.ts";

/** Windows has no SIGTERM: a process that gets it there is ended by the system. */
const hasSignals = Deno.build.os !== "windows";

/** Milliseconds that a graceful stop may take. */
const STOP_MS = 5000;

Deno.test("--version prints the version of deno.json", async () => {
  const config = JSON.parse(await Deno.readTextFile(repositoryPath("deno.json")));
  assert.deepEqual(await runBroker(["--version"]), {
    code: 0,
    stdout: `${config.version}\n`,
    stderr: "",
  });
});

Deno.test("an unknown option is answered on standard error with exit code 2", async () => {
  const { code, stdout, stderr } = await runBroker(["--no-such-option"]);
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /--no-such-option/);
});

Deno.test("a faulty configuration ends the start with exit code 2 and its place", async () => {
  const broker = await BrokerProcess.spawn({ config: "listeners:\n  - prot: 1883\n" });
  await using _ = broker;
  assert.equal(await broker.exitCode(), 2);
  await broker.waitForLine(/broker\.yaml:2:5/);
  await broker.waitForLine(/port/);
});

Deno.test("the start prints each listener and who may connect to it", async () => {
  await using broker = await startBroker({
    config: `listeners:
  - { address: 127.0.0.1, port: 0, allow_anonymous: never }
  - { address: 127.0.0.1, port: 0, allow_anonymous: local_network }
`,
  });
  await broker.waitForLine(/127\.0\.0\.1.*anonymous clients from the local network only/);
  await broker.waitForLine(/127\.0\.0\.1.*no anonymous clients/);
});

Deno.test({
  name: "SIGTERM tells clients 0x8B, closes their connections and ends with exit code 0",
  ignore: !hasSignals,
  fn: async () => {
    await using broker = await startBroker();
    await using mqtt5 = await MqttJsClient.connect(broker, { protocolVersion: 5 });
    await using mqtt311 = await MqttJsClient.connect(broker, { protocolVersion: 4 });
    const disconnected = mqtt5.event("disconnect");
    const closed = mqtt311.event("close");
    broker.signal("SIGTERM");
    const { reasonCode } = await disconnected as { reasonCode: number };
    assert.equal(reasonCode, 0x8b);
    await closed;
    assert.equal(await broker.exitCode(), 0);
  },
});

Deno.test({
  name: "SIGTERM ends the program within five seconds beside a client that reads nothing",
  ignore: !hasSignals,
  fn: async () => {
    await using broker = await startBroker();
    using stuck = await connectStuckClient(broker);
    await fillBuffers(broker);
    const watchdog = setTimeout(() => broker.signal("SIGKILL"), STOP_MS);
    broker.signal("SIGTERM");
    assert.equal(await broker.exitCode(), 0);
    clearTimeout(watchdog);
    assert.ok(stuck);
  },
});

Deno.test({
  name: "a second signal ends the program at once",
  ignore: !hasSignals,
  fn: async () => {
    await using broker = await startBroker();
    using stuck = await connectStuckClient(broker);
    await fillBuffers(broker);
    broker.signal("SIGTERM");
    await broker.waitForLine(/SIGTERM/);
    broker.signal("SIGINT");
    assert.equal(await broker.exitCode(), 130);
    assert.ok(stuck);
  },
});

Deno.test("a port that is taken is reported with the way out, and the program ends", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  const config = `listeners:\n  - { address: 127.0.0.1, port: ${port} }\n`;
  await using broker = await BrokerProcess.spawn({ config });
  assert.equal(await broker.exitCode(), 1);
  await broker.waitForLine(new RegExp(`127\\.0\\.0\\.1:${port}.*in use`));
  await broker.waitForLine(/No listener can be opened, .*: the broker ends/);
});

Deno.test("a listener whose port is taken does not keep the other one from serving", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using broker = await startBroker({
    config: `listeners:
  - { address: 127.0.0.1, port: ${taken.addr.port} }
  - { address: 127.0.0.1, port: 0 }
`,
  });
  await broker.waitForLine(new RegExp(`127\\.0\\.0\\.1:${taken.addr.port}.*in use`));
  await using client = await MqttJsClient.connect(broker, { protocolVersion: 5 });
  assert.equal(client.client.connected, true);
});

/** An MQTT 3.1.1 client that subscribes to everything at QoS 0 and never reads again. */
async function connectStuckClient({ port }: { port: number }): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const connect = [0x10, 15, 0, 4, ...ascii("MQTT"), 4, 2, 0, 0, 0, 3, ...ascii("odd")];
  const subscribe = [0x82, 6, 0, 1, 0, 1, ...ascii("#"), 0];
  await connection.write(Uint8Array.from([...connect, ...subscribe]));
  const connackAndSuback = new Uint8Array(9);
  for (let read = 0; read < 9;) {
    read += await connection.read(connackAndSuback.subarray(read)) ?? 9;
  }
  return connection;
}

/** Publishes more than the sockets between broker and client can hold. */
async function fillBuffers(broker: { url: string }): Promise<void> {
  await using publisher = await MqttJsClient.connect(broker, { protocolVersion: 5 });
  const payload = Buffer.alloc(1_000_000);
  for (let count = 0; count < 12; count++) {
    await publisher.client.publishAsync("fill", payload, { qos: 1 });
  }
}

function ascii(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}
