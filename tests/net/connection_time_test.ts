/**
 * What a connection does when time passes: with a clock that the test moves.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { connectPacket } from "../support/packets.ts";
import { ConnectionFixture, encode, written } from "./connection_fixture.ts";
import { settled } from "./fake_sink.ts";

const PINGREQ = encode(5, { type: PacketType.Pingreq });

/** Moves the clock and has the connection look at it, as the server does about once a second. */
function pass(fixture: ConnectionFixture, ms: number, ...connections: { connection: Checked }[]) {
  fixture.clockMs += ms;
  for (const { connection } of connections) connection.checkTime(fixture.clockMs);
  fixture.flushSoon();
}

interface Checked {
  checkTime(nowMs: number): void;
}

Deno.test("Connection is closed when no CONNECT has come in time", async () => {
  const fixture = new ConnectionFixture({ connectTimeoutMs: 10_000 });
  const opened = fixture.open();
  pass(fixture, 9999, opened);
  assert.equal(opened.transport.isClosed, false);
  pass(fixture, 1, opened);
  await opened.ended;
  assert.deepEqual(fixture.events.lines, ["closed before CONNECT: no CONNECT in time"]);
});

Deno.test("Connection is closed in time though a CONNECT comes byte by byte", async () => {
  const fixture = new ConnectionFixture({ connectTimeoutMs: 10_000 });
  const opened = fixture.open();
  const connect = encode(5, connectPacket("slow"));
  for (let second = 1; second <= 10; second++) {
    assert.equal(opened.transport.isClosed, false);
    await opened.transport.feed(connect.subarray(second - 1, second));
    pass(fixture, 1000, opened);
  }
  assert.equal(opened.transport.isClosed, true);
});

Deno.test("Connection is closed after 1.5 times the Keep Alive without a packet [MQTT-3.1.2-22]", async () => {
  for (const version of [5, 4] as const) {
    const fixture = new ConnectionFixture();
    const connected = await fixture.connect("c", version, { keepAlive: 10 });
    for (let round = 0; round < 3; round++) {
      pass(fixture, 14_999, connected);
      assert.equal(connected.transport.isWriteClosed, false);
      await connected.transport.feed(PINGREQ);
    }
    pass(fixture, 15_000, connected);
    await settled();
    assert.equal(connected.transport.isWriteClosed, true);
    const last = written(connected.transport, version).at(-1);
    if (version === 5) {
      assert(last?.type === PacketType.Disconnect);
      assert.equal(last.reasonCode, ReasonCode.KeepAliveTimeout);
    } else assert.equal(last?.type, PacketType.Pingresp);
    await connected.transport.end();
  }
});

Deno.test("Connection with Keep Alive 0 may be silent for ever", async () => {
  const fixture = new ConnectionFixture();
  const connected = await fixture.connect("c", 5, { keepAlive: 0 });
  pass(fixture, 1e12, connected);
  await connected.transport.feed(PINGREQ);
  assert.equal(written(connected.transport, 5).at(-1)?.type, PacketType.Pingresp);
});

Deno.test("Connection that is closing waits for the client a moment, then no longer", async () => {
  const fixture = new ConnectionFixture();
  const connected = await fixture.connect("c");
  connected.connection.close(ReasonCode.ServerShuttingDown, "bye");
  fixture.flushSoon();
  await settled();
  pass(fixture, 1000, connected);
  assert.deepEqual([connected.transport.isWriteClosed, connected.transport.isClosed], [
    true,
    false,
  ]);
  pass(fixture, 1000, connected);
  await connected.ended;
  assert.equal(connected.transport.isClosed, true);
});

Deno.test("Connection that is closing is closed although its client reads nothing", async () => {
  const fixture = new ConnectionFixture();
  const connected = await fixture.connect("c");
  connected.transport.sink.hold();
  await connected.transport.feed(PINGREQ);
  connected.connection.close(ReasonCode.ServerShuttingDown, "bye");
  fixture.flushSoon();
  pass(fixture, 2000, connected);
  await connected.ended;
  assert.equal(connected.transport.isClosed, true);
  assert.equal(fixture.broker.statistics.bufferedBytes, 0);
});

Deno.test("Connection that is closing is closed although its client goes on sending", async () => {
  const fixture = new ConnectionFixture();
  const connected = await fixture.connect("c");
  connected.connection.close(ReasonCode.ServerShuttingDown, "bye");
  fixture.flushSoon();
  for (let tenth = 0; tenth < 20; tenth++) {
    await connected.transport.feed(new Uint8Array(5000));
    pass(fixture, 100, connected);
  }
  await connected.ended;
  assert.equal(connected.transport.isClosed, true);
});
