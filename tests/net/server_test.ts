/**
 * The server: limits on connections, its clock, and its end.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { publishPacket, subscribePacket, will } from "../support/packets.ts";
import { encode, type FakeTransport, written } from "./connection_fixture.ts";
import { settled } from "./fake_sink.ts";
import { ServerFixture } from "./server_fixture.ts";

const SECOND_MS = 1000;

/** Which of `transports` were turned away. */
function refusals(transports: FakeTransport[]): boolean[] {
  return transports.map(({ isClosed }) => isClosed);
}

Deno.test("Server turns away connections over max_connections, and takes others when some leave", async () => {
  using fixture = new ServerFixture({ maximumConnections: 2 });
  const listener = fixture.listener();
  const transports = [1, 2, 3, 4].map(() => fixture.accept(listener));
  assert.deepEqual(refusals(transports), [false, false, true, true]);
  assert.deepEqual([fixture.server.connectionCount, listener.connectionCount], [2, 2]);
  await transports[0]?.end();
  assert.deepEqual(refusals([fixture.accept(listener), fixture.accept(listener)]), [false, true]);
  const { socketsAccepted, socketsRefused } = fixture.broker.statistics;
  assert.deepEqual([socketsAccepted, socketsRefused], [6, 3]);
  assert.deepEqual(
    new Set(fixture.events.lines.filter((line) => line.startsWith("limit"))),
    new Set(["limit: limits.max_connections (2)"]),
  );
});

Deno.test("Server keeps the max_connections of each listener apart", async () => {
  using fixture = new ServerFixture();
  const [small, large] = [fixture.listener(1), fixture.listener(2)] as const;
  const transports = [small, small, large, large, large].map((one) => fixture.accept(one));
  assert.deepEqual(refusals(transports), [false, true, false, false, true]);
  await transports[0]?.end();
  assert.deepEqual([small.connectionCount, large.connectionCount], [0, 2]);
  assert.deepEqual(refusals([fixture.accept(small), fixture.accept(large)]), [false, true]);
  assert.deepEqual(
    fixture.events.lines.filter((line) => line.startsWith("limit"))[0],
    "limit: max_connections of its listener (1)",
  );
});

Deno.test("Server counts connections by address, over all listeners", async () => {
  using fixture = new ServerFixture({ maximumConnectionsPerAddress: 2 });
  const listeners = [fixture.listener(), fixture.listener()] as const;
  const first = fixture.accept(listeners[0], "192.0.2.1");
  fixture.accept(listeners[1], "192.0.2.1");
  assert.deepEqual(
    refusals([
      fixture.accept(listeners[0], "192.0.2.1"),
      fixture.accept(listeners[0], "192.0.2.2"),
      fixture.accept(listeners[0], "2001:db8::1"),
    ]),
    [true, false, false],
  );
  await first.end();
  assert.deepEqual(refusals([fixture.accept(listeners[1], "192.0.2.1")]), [false]);
});

Deno.test("Server has no limit by address for clients of a Unix socket", () => {
  using fixture = new ServerFixture({ maximumConnectionsPerAddress: 1 });
  const listener = fixture.listener();
  assert.deepEqual(refusals([1, 2, 3].map(() => fixture.accept(listener, ""))), [
    false,
    false,
    false,
  ]);
});

Deno.test("Server flushes each connection once for all input that was there together", async () => {
  using fixture = new ServerFixture();
  const subscriber = await fixture.connect("s");
  await subscriber.feed(encode(5, subscribePacket(["t"])));
  const publishers = [await fixture.connect("p1"), await fixture.connect("p2")] as const;
  const before = subscriber.sink.writes.length;
  const batch = encode(5, publishPacket("t", "1"), publishPacket("t", "2"));
  await Promise.all(publishers.map((transport) => transport.feed(batch)));
  const received = written(subscriber, 5).filter(({ type }) => type === PacketType.Publish);
  assert.equal(received.length, 4);
  assert(subscriber.sink.writes.length - before <= 2);
});

Deno.test("Server's clock closes connections without CONNECT and clients that are silent", async () => {
  using fixture = new ServerFixture();
  await fixture.server.start();
  const nobody = fixture.accept(fixture.listener());
  const watchers = [await fixture.connect("w1"), await fixture.connect("w2")];
  for (const watcher of watchers) await watcher.feed(encode(5, subscribePacket(["will"])));
  const silent = await fixture.connect("silent", { keepAlive: 20, will: will("will", "x") });
  fixture.timers.advance(11 * SECOND_MS);
  assert.deepEqual([nobody.isClosed, silent.isWriteClosed], [true, false]);
  fixture.timers.advance(20 * SECOND_MS);
  await settled();
  assert.equal(silent.isWriteClosed, true);
  for (const watcher of watchers) {
    assert.equal(written(watcher, 5).at(-1)?.type, PacketType.Publish, "the Will is there at once");
  }
  await fixture.stop();
});

/** Lets time pass a second at a time, with what happens in between. */
async function pass(fixture: ServerFixture, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    fixture.timers.advance(SECOND_MS);
    await settled();
  }
}

Deno.test("Server survives a mistake in what it does every second, and goes on with the rest", async () => {
  using fixture = new ServerFixture();
  await fixture.server.start();
  fixture.events.sessionEnded = () => {
    throw new Error("a mistake");
  };
  const properties = { sessionExpiryInterval: 5 };
  const client = await fixture.connect("c", { properties });
  await client.end();
  const nobody = fixture.accept(fixture.listener());
  fixture.timers.advance(20 * SECOND_MS);
  assert.deepEqual(fixture.events.lines.filter((line) => line.startsWith("tick failed")), [
    "tick failed: Error: a mistake",
  ]);
  assert.deepEqual([nobody.isClosed, fixture.broker.sessions.size], [true, 0]);
  await fixture.stop();
});

Deno.test("Server ends one connection that fails when it is looked at, and looks at the others", async () => {
  using fixture = new ServerFixture();
  await fixture.server.start();
  const failing = await fixture.connect("failing");
  const silent = await fixture.connect("silent", { keepAlive: 2 });
  const session = fixture.broker.sessions.get("failing");
  assert(session !== undefined);
  Object.defineProperty(session, "queuedCount", {
    get: () => {
      throw new Error("a mistake");
    },
  });
  await pass(fixture, 4);
  const last = written(failing, 5).at(-1);
  assert(last?.type === PacketType.Disconnect);
  assert.equal(last.reasonCode, ReasonCode.ImplementationSpecificError);
  assert.equal(silent.isWriteClosed, true, "its Keep Alive was looked at");
  const mistakes = fixture.events.lines.filter((line) => line.includes("a mistake"));
  assert.deepEqual(mistakes, ["internal error: Error: a mistake"]);
  await fixture.stop();
});

Deno.test("Server takes nobody for silent because its own process stood still", async () => {
  using fixture = new ServerFixture();
  await fixture.server.start();
  const client = await fixture.connect("c", { keepAlive: 3 });
  const nobody = fixture.accept(fixture.listener());
  await pass(fixture, 1);
  fixture.timers.nowMs += 3600 * SECOND_MS; // No timer runs in this time.
  fixture.timers.advance(0);
  await settled();
  assert.deepEqual([client.isWriteClosed, nobody.isClosed], [false, false]);
  await client.feed(encode(5, { type: PacketType.Pingreq }));
  await pass(fixture, 4);
  assert.deepEqual([client.isWriteClosed, nobody.isClosed], [false, false]);
  await pass(fixture, 6);
  assert.deepEqual([client.isWriteClosed, nobody.isClosed], [true, true]);
  await fixture.stop();
});

Deno.test("Server.stop() tells its clients 0x8B and waits until they have taken it", async () => {
  using fixture = new ServerFixture();
  await fixture.server.start();
  const clients = [await fixture.connect("a"), await fixture.connect("b")];
  let hasStopped = false;
  const stopped = fixture.server.stop().then(() => hasStopped = true);
  await settled();
  for (const client of clients) {
    assert.deepEqual(written(client, 5).at(-1), {
      type: PacketType.Disconnect,
      reasonCode: ReasonCode.ServerShuttingDown,
      properties: { reasonString: "The server is shutting down" },
    });
    assert.deepEqual([client.isWriteClosed, hasStopped], [true, false]);
    await client.end();
  }
  await stopped;
  assert.deepEqual([fixture.server.connectionCount, fixture.timers.count], [0, 0]);
});

Deno.test("Server.stop() ends after a few seconds whatever its clients do", async () => {
  using fixture = new ServerFixture();
  await fixture.server.start();
  const stuck = await fixture.connect("stuck");
  stuck.sink.hold();
  const nobody = fixture.accept(fixture.listener());
  const stopped = fixture.server.stop();
  await settled();
  assert.equal(stuck.isClosed, false);
  fixture.timers.advance(5 * SECOND_MS);
  await stopped;
  assert.deepEqual([stuck.isClosed, nobody.isClosed], [true, true]);
  assert.deepEqual([fixture.server.connectionCount, fixture.timers.count], [0, 0]);
});

Deno.test("Server.stop() without connections is over at once", async () => {
  using fixture = new ServerFixture();
  await fixture.server.start();
  await fixture.server.stop();
  assert.equal(fixture.timers.count, 0);
});
