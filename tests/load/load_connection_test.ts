import assert from "node:assert/strict";
import { ConnectError } from "../../src/client/connect_error.ts";
import { LoadConnection, type PacketSink } from "../../src/load/load_connection.ts";
import { LoadError } from "../../src/load/load_error.ts";
import { PacketType } from "../../src/protocol/packet.ts";
import { startTestBroker } from "../support/test_broker.ts";
import { connectSettings, IGNORE } from "./fixture.ts";

/** A server that sends these bytes to whoever connects, and closes when it has read something. */
function serverThatSays(bytes: Uint8Array) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    for await (const conn of listener) {
      await conn.read(new Uint8Array(1000));
      await conn.write(bytes);
      conn.close();
    }
  })();
  return {
    hostname: "127.0.0.1",
    port: listener.addr.port,
    async [Symbol.asyncDispose](): Promise<void> {
      listener.close();
      await served;
    },
  };
}

Deno.test("open() connects in every version, and says what the server said", async () => {
  await using broker = await startTestBroker();
  for (const version of [3, 4, 5] as const) {
    const connection = await LoadConnection.open(
      connectSettings(broker, { version }),
      `v${version}`,
    );
    assert.equal(connection.connack.reasonCode, 0);
    const ended = connection.run(IGNORE);
    await connection.disconnect();
    assert.equal(await ended, undefined);
  }
});

Deno.test("open() says why the broker refuses a client", async () => {
  await using broker = await startTestBroker({ listener: { allowAnonymous: "never" } });
  await assert.rejects(LoadConnection.open(connectSettings(broker), "who"), (error) => {
    assert.ok(error instanceof LoadError);
    assert.match(
      error.message,
      /^Cannot connect 'who': the broker refuses it \(0x87 Not authorized\)/,
    );
    return true;
  });
});

Deno.test("open() says that nobody listens, and that it is no broker", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const nobody = { hostname: "127.0.0.1", port: listener.addr.port };
  listener.close();
  await assert.rejects(LoadConnection.open(connectSettings(nobody), "a"), ConnectError);
  await using silent = serverThatSays(new Uint8Array(0));
  await assert.rejects(
    LoadConnection.open(connectSettings(silent), "a"),
    /^LoadError: Cannot connect 'a': the broker closed the connection without an answer/,
  );
  // A TLS alert.
  await using other = serverThatSays(Uint8Array.of(0x15, 3, 3, 0, 2, 2, 0x46));
  await assert.rejects(
    LoadConnection.open(connectSettings(other), "a"),
    /^LoadError: Cannot connect 'a': .*; does the port want TLS or WebSocket\?$/,
  );
});

Deno.test("a signal ends the attempt to connect", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const stop = new AbortController();
  const place = { hostname: "127.0.0.1", port: listener.addr.port };
  const attempt = LoadConnection.open(connectSettings(place), "a", stop.signal);
  const conn = await listener.accept();
  stop.abort();
  await assert.rejects(attempt);
  conn.close();
  listener.close();
});

Deno.test("subscribe() returns the granted QoS, and says when it is refused", async () => {
  await using broker = await startTestBroker({
    listener: { maxQos: 1 },
    limits: { maxTopicLevels: 3 },
  });
  const connection = await LoadConnection.open(connectSettings(broker), "s");
  assert.equal(await connection.subscribe("a/b", 2), 1);
  await assert.rejects(
    connection.subscribe("a/b/c/d", 0),
    /^LoadError: Cannot subscribe to 'a\/b\/c\/d': the broker refuses it \(0x8f Topic filter/,
  );
  connection.close();
});

Deno.test("run() hands over everything but PINGRESP, and ping() waits for what came before", async () => {
  await using broker = await startTestBroker();
  const connection = await LoadConnection.open(connectSettings(broker), "s");
  await connection.subscribe("a", 0);
  const types: number[] = [];
  const sink: PacketSink = { packet: (header) => types.push(header >> 4), readEnd: () => {} };
  const ended = connection.run(sink);
  connection.outbox.small.rawBytes(Uint8Array.of(0x30, 5, 0, 1, 0x61, 0, 0x78), 0, 7);
  connection.keepAlive();
  await connection.ping();
  assert.deepEqual(types, [PacketType.Publish]);
  await connection.disconnect();
  assert.equal(await ended, undefined);
});

Deno.test("run() says why the broker has ended the connection", async () => {
  await using broker = await startTestBroker();
  const first = await LoadConnection.open(connectSettings(broker), "same");
  const ended = first.run(IGNORE);
  const second = await LoadConnection.open(connectSettings(broker), "same");
  assert.equal(await ended, "the broker disconnected it (0x8e Session taken over)");
  second.close();
});
