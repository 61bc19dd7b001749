/**
 * What a connection does while a login is decided, and what the client sees of it.
 */

import assert from "node:assert/strict";
import { Authenticator } from "../../src/access/authenticator.ts";
import type { EnhancedMethod, ExchangeStep } from "../../src/access/login_method.ts";
import type { Peer } from "../../src/net/transport.ts";
import { type AuthPacket, type Packet, PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { connectPacket, publishPacket, subscribePacket } from "../support/packets.ts";
import {
  ConnectionFixture,
  encode,
  FakeTransport,
  type OpenedConnection,
  written,
} from "./connection_fixture.ts";
import { settled } from "./fake_sink.ts";
import { FakeTimers } from "./fake_timers.ts";
import { ANN, SlowMethod, testLogin, testOrigin } from "./login_fixture.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const PROVEN = { kind: "proven", username: "ann", groups: [] } as const;
const ANN_CONNECTS = connectPacket("c", 5, { username: "ann", password: bytes("secret") });

/** Challenges once, and is content with any answer but "wrong". */
const RIDDLE: EnhancedMethod = {
  name: "RIDDLE",
  start: () => ({
    next: (data): Promise<ExchangeStep> | ExchangeStep => {
      if (data === undefined) return { kind: "continue", data: bytes("?") };
      return Promise.resolve(
        data.length === 5
          ? { kind: "refused", cause: "wrong answer" }
          : { kind: "proven", username: "ann", groups: [], data: bytes("!"), validForMs: 60_000 },
      );
    },
  }),
};

/** A fixture whose clients are asked by these methods. */
function fixtureWith(...arguments_: ConstructorParameters<typeof Authenticator>) {
  const fixture = new ConnectionFixture();
  fixture.logins = testLogin(fixture.clock, {}, new Authenticator(...arguments_));
  return fixture;
}

function auth(reasonCode: ReasonCode, data?: string): AuthPacket {
  const properties = {
    authenticationMethod: "RIDDLE",
    ...(data === undefined ? {} : { authenticationData: bytes(data) }),
  };
  return { type: PacketType.Auth, reasonCode, properties };
}

const RIDDLE_CONNECTS = connectPacket("c", 5, { properties: auth(0).properties });

function types({ transport }: OpenedConnection): PacketType[] {
  return written(transport, 5).map(({ type }) => type);
}

function reasonCodes({ transport }: OpenedConnection): (number | undefined)[] {
  return written(transport, 5).map((packet) =>
    "reasonCode" in packet ? packet.reasonCode : undefined
  );
}

async function send({ transport }: OpenedConnection, ...packets: Packet[]): Promise<void> {
  await transport.feed(encode(5, ...packets));
}

Deno.test("Connection handles what came after CONNECT in order, once the login is decided", async () => {
  const slow = new SlowMethod();
  const fixture = fixtureWith([slow]);
  const opened = fixture.open();
  await send(
    opened,
    ANN_CONNECTS,
    subscribePacket(["t"], {}, 0),
    publishPacket("t", "1"),
    publishPacket("t", "2", { qos: 1, packetIdentifier: 9 }),
  );
  assert.deepEqual([types(opened), fixture.broker.sessions.size], [[], 0]);
  assert.equal(opened.transport.readSizes.length, 1, "it does not read on");
  slow.answer(PROVEN);
  await settled();
  assert.deepEqual(types(opened), [
    PacketType.Connack,
    PacketType.Suback,
    PacketType.Publish,
    PacketType.Publish,
    PacketType.Puback,
  ]);
  assert.equal(opened.connection.session?.username, "ann");
  assert.equal(opened.transport.readSizes.length, 2);
  await opened.transport.end();
});

Deno.test("Connection acts on nothing that came after a CONNECT that is refused [MQTT-3.1.4-6]", async () => {
  using timers = new FakeTimers();
  for (const version of [3, 4, 5] as const) {
    const fixture = new ConnectionFixture();
    const opened = fixture.open(testOrigin({ allowAnonymous: "never" }));
    const retained = publishPacket("t", "late", { retain: true });
    await opened.transport.feed(encode(version, connectPacket("c", version), retained));
    assert.equal(opened.transport.sink.bytes.length, 0, "the answer is held back");
    timers.advance(500);
    await settled();
    const [connack, ...more] = written(opened.transport, version);
    assert(connack?.type === PacketType.Connack && more.length === 0);
    assert.deepEqual([connack.reasonCode, connack.sessionPresent], [0x87, false]);
    assert.equal(opened.transport.isWriteClosed, true);
    assert.deepEqual([fixture.broker.sessions.size, fixture.broker.retained.count], [0, 0]);
    await opened.transport.end();
    await opened.ended;
    assert.deepEqual([opened.transport.isClosed, fixture.gone.length], [true, 1]);
  }
});

Deno.test("Connection that ends while its login is decided is forgotten", async () => {
  for (const end of ["abort", "timeout"] as const) {
    const slow = new SlowMethod();
    const fixture = fixtureWith([slow]);
    const opened = fixture.open();
    await send(opened, ANN_CONNECTS);
    if (end === "abort") opened.connection.abort("shutdown");
    else {
      fixture.clockMs += 10_000;
      opened.connection.checkTime(fixture.clockMs);
    }
    await opened.ended;
    assert.deepEqual([opened.transport.isClosed, fixture.gone.length], [true, 1]);
    slow.answer(PROVEN);
    await settled();
    assert.deepEqual([fixture.broker.sessions.size, types(opened).length], [0, 0]);
    if (end === "timeout") {
      assert(fixture.events.lines.includes("closed before CONNECT: its login took too long"));
    }
  }
});

Deno.test("Connection that the server closes while its login is decided notices that the client goes", async () => {
  const slow = new SlowMethod();
  const fixture = fixtureWith([slow]);
  const opened = fixture.open();
  await send(opened, ANN_CONNECTS);
  opened.connection.close(ReasonCode.ServerShuttingDown, "The server is shutting down");
  await settled();
  assert.equal(opened.transport.isWriteClosed, true);
  await opened.transport.end();
  await opened.ended;
  assert.equal(fixture.gone.length, 1);
  slow.answer(PROVEN);
  await settled();
  assert.equal(fixture.broker.sessions.size, 0);
});

Deno.test("Connection that ends while its refusal is held back leaves no timer behind", async () => {
  using timers = new FakeTimers();
  const fixture = fixtureWith([ANN]);
  const opened = fixture.open();
  await send(opened, connectPacket("c", 5, { username: "bob", password: bytes("x") }));
  assert.equal(timers.count, 1);
  opened.connection.abort("shutdown");
  await opened.ended;
  assert.equal(timers.count, 0);
});

Deno.test("Connection challenges a client and lets it in [MQTT-4.12.0-2] [MQTT-4.12.0-5]", async () => {
  const fixture = fixtureWith([], [RIDDLE]);
  const opened = fixture.open();
  await send(opened, RIDDLE_CONNECTS);
  await send(opened, auth(ReasonCode.ContinueAuthentication, "42"), publishPacket("t", "x"));
  const [challenge, connack] = written(opened.transport, 5);
  assert.deepEqual(challenge, auth(ReasonCode.ContinueAuthentication, "?"));
  assert(connack?.type === PacketType.Connack && connack.reasonCode === 0);
  assert.equal(connack.properties.authenticationMethod, "RIDDLE");
  assert.deepEqual(connack.properties.authenticationData, bytes("!"));
  assert.equal(fixture.broker.statistics.publishReceived, 1);
  await opened.transport.end();
});

Deno.test("Connection takes AUTH and DISCONNECT only during an exchange [MQTT-3.1.2-30]", async () => {
  const other = await (async () => {
    const opened = fixtureWith([], [RIDDLE]).open();
    await send(opened, RIDDLE_CONNECTS, publishPacket("t", "x"));
    return opened;
  })();
  assert.deepEqual(reasonCodes(other), [
    ReasonCode.ContinueAuthentication,
    ReasonCode.ProtocolError,
  ]);
  assert.deepEqual(types(other), [PacketType.Auth, PacketType.Connack]);
  assert.equal(other.transport.isWriteClosed, true);
  const leaving = fixtureWith([], [RIDDLE]).open();
  const disconnect: Packet = { type: PacketType.Disconnect, reasonCode: 0, properties: {} };
  await send(leaving, RIDDLE_CONNECTS, disconnect);
  assert.deepEqual(types(leaving), [PacketType.Auth]);
  assert.equal(leaving.transport.isWriteClosed, true);
});

Deno.test("Connection ends an exchange with CONNACK when the answer is wrong [MQTT-4.12.0-4]", async () => {
  using timers = new FakeTimers();
  const opened = fixtureWith([], [RIDDLE]).open();
  await send(opened, RIDDLE_CONNECTS, auth(ReasonCode.ContinueAuthentication, "wrong"));
  timers.advance(100);
  await settled();
  assert.deepEqual(types(opened), [PacketType.Auth, PacketType.Connack]);
  assert.equal(reasonCodes(opened)[1], ReasonCode.BadUserNameOrPassword);
  assert.equal(opened.transport.isWriteClosed, true);
});

Deno.test("Connection proves its client anew, in order with its other packets [MQTT-4.12.1-1]", async () => {
  const fixture = fixtureWith([], [RIDDLE]);
  const opened = fixture.open();
  await send(opened, RIDDLE_CONNECTS, auth(ReasonCode.ContinueAuthentication, "42"));
  await send(
    opened,
    auth(ReasonCode.ReAuthenticate),
    auth(ReasonCode.ContinueAuthentication, "42"),
    { type: PacketType.Pingreq },
  );
  assert.deepEqual(types(opened).slice(2), [PacketType.Auth, PacketType.Auth, PacketType.Pingresp]);
  assert.deepEqual(reasonCodes(opened).slice(2), [0x18, 0, undefined]);
  await opened.transport.end();
});

Deno.test("Connection disconnects a client that fails to prove itself anew [MQTT-4.12.1-2]", async () => {
  using timers = new FakeTimers();
  const fixture = fixtureWith([], [RIDDLE]);
  const opened = fixture.open();
  await send(opened, RIDDLE_CONNECTS, auth(ReasonCode.ContinueAuthentication, "42"));
  await send(opened, auth(ReasonCode.ReAuthenticate, "wrong"));
  timers.advance(100);
  await settled();
  assert.equal(types(opened).at(-1), PacketType.Disconnect);
  assert.equal(reasonCodes(opened).at(-1), ReasonCode.NotAuthorized);
  assert.equal(opened.transport.isWriteClosed, true);
});

Deno.test("Connection takes no AUTH from a client without an Authentication Method [MQTT-4.12.0-7]", async () => {
  const opened = await new ConnectionFixture().connect("c");
  await send(opened, auth(ReasonCode.ReAuthenticate));
  assert.deepEqual(reasonCodes(opened).slice(1), [ReasonCode.ProtocolError]);
});

Deno.test("Connection disconnects its client with 0xA0 when the proof is no longer valid", async () => {
  const fixture = fixtureWith([], [RIDDLE]);
  const opened = fixture.open();
  await send(opened, RIDDLE_CONNECTS, auth(ReasonCode.ContinueAuthentication, "42"));
  fixture.clockMs += 59_999;
  opened.connection.checkTime(fixture.clockMs);
  assert.equal(opened.transport.isWriteClosed, false);
  fixture.clockMs += 1;
  opened.connection.checkTime(fixture.clockMs);
  await fixture.relieve();
  fixture.flushSoon();
  await settled();
  assert.equal(reasonCodes(opened).at(-1), ReasonCode.MaximumConnectTime);
});

Deno.test("Connection tells MQTT 5 the Client Identifier and packet size of its listener", async () => {
  const listener = { useUsernameAsClientid: true, maxPacketSizeBytes: 1000, maxQos: 1 };
  const fixture = fixtureWith([ANN]);
  const opened = fixture.open(testOrigin(listener));
  await send(opened, ANN_CONNECTS);
  const [connack] = written(opened.transport, 5);
  assert(connack?.type === PacketType.Connack);
  const { assignedClientIdentifier, maximumPacketSize, maximumQoS } = connack.properties;
  assert.deepEqual([assignedClientIdentifier, maximumPacketSize, maximumQoS], ["ann", 1000, 1]);
  await send(opened, publishPacket("t", "x".repeat(1000)));
  assert.equal(reasonCodes(opened).at(-1), ReasonCode.PacketTooLarge);
});

/** A transport with a handshake that the test ends. */
class ShakingTransport extends FakeTransport {
  readonly #handshake = Promise.withResolvers<Peer | undefined>();

  open(): Promise<Peer | undefined> {
    return this.#handshake.promise;
  }
  succeed(peer: Peer): void {
    this.remoteAddress = peer.remoteAddress;
    this.#handshake.resolve(peer);
  }
  refuse(message: string): void {
    this.#handshake.reject(new Error(message));
  }
  override close(): void {
    super.close();
    this.#handshake.reject(new Error("closed"));
  }
}

Deno.test("Connection reads after the handshakes, and goes on with what they tell of the client", async () => {
  const certificate = { commonName: "lamp", subject: "CN=lamp", subjectAltNames: [] };
  const fixture = new ConnectionFixture();
  const transport = new ShakingTransport();
  const { connection } = fixture.open(testOrigin({ tls: { identity: "common_name" } }), transport);
  await transport.feed(encode(5, connectPacket("c")));
  assert.deepEqual([transport.readSizes.length, connection.session], [0, undefined]);
  transport.succeed({
    remoteAddress: "203.0.113.9:4711",
    address: "203.0.113.9",
    certificate,
    isEncrypted: true,
  });
  await settled();
  assert.deepEqual(connection.session?.identity, {
    username: "lamp",
    groups: [],
    listener: "garden",
    address: "203.0.113.9",
  });
  assert.equal(connection.session?.link?.remoteAddress, "203.0.113.9:4711");
  await transport.end();
});

Deno.test("Connection reports a handshake that fails, but not one that it gives up itself", async () => {
  const fixture = new ConnectionFixture();
  const failing = new ShakingTransport();
  const failed = fixture.open(testOrigin(), failing);
  failing.refuse("TLS handshake failed: unknown CA");
  await failed.ended;
  const slow = new ShakingTransport();
  const late = fixture.open(testOrigin(), slow);
  fixture.clockMs += 10_000;
  late.connection.checkTime(fixture.clockMs);
  const stopped = fixture.open(testOrigin(), new ShakingTransport());
  stopped.connection.close(ReasonCode.ServerShuttingDown, "The server is shutting down");
  await Promise.all([late.ended, stopped.ended]);
  assert.deepEqual(fixture.logins.events.lines, [
    "handshake on garden failed: TLS handshake failed: unknown CA",
  ]);
  assert.equal(fixture.gone.length, 3);
  assert.deepEqual([failing.isClosed, slow.isClosed], [true, true]);
});
