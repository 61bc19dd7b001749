import assert from "node:assert/strict";
import { type Packet, PacketType } from "../../src/protocol/packet.ts";
import { settled } from "../net/fake_sink.ts";
import { connectPacket, publishPacket } from "../support/packets.ts";
import { concat } from "../transport/fake_inner.ts";
import { ClientFixture, connack, FakeServer } from "./client_fixture.ts";
import { message } from "./session_fixture.ts";

const PINGRESP: Packet = { type: PacketType.Pingresp };

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

Deno.test("a client's bytes are those of the specification, for MQTT 3.1, 3.1.1 and 5", async () => {
  const rest = [0, 10, 0, 1, 99];
  const connects = new Map([
    [3, [0x10, 15, 0, 6, ...bytesOf("MQIsdp"), 3, 2, ...rest]],
    [4, [0x10, 13, 0, 4, ...bytesOf("MQTT"), 4, 2, ...rest]],
    [5, [0x10, 14, 0, 4, ...bytesOf("MQTT"), 5, 2, 0, 10, 0, 0, 1, 99]],
  ]);
  for (const version of [3, 4, 5] as const) {
    const fixture = new ClientFixture({ protocolVersion: version, keepAlive: 10 });
    const { transport } = await fixture.connect();
    void fixture.client.publish(message("a", "x"));
    void fixture.client.publish(message("a", "y", { qos: 1 }));
    await settled();
    const none = version === 5 ? [0] : [];
    const length = none.length;
    assert.deepEqual(
      [...transport.sink.bytes],
      [
        ...connects.get(version) ?? [],
        ...[0x30, 4 + length, 0, 1, 97, ...none, 120],
        ...[0x32, 6 + length, 0, 1, 97, 0, 1, ...none, 121],
      ],
    );
  }
});

function bytesOf(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}

Deno.test("packets may be cut anywhere", async () => {
  const fixture = new ClientFixture();
  const server = new FakeServer(fixture.options);
  const connecting = fixture.client.connect(server.transport);
  const all = [0x20, 3, 0, 0, 0, 0x32, 6, 0, 1, 97, 0, 1, 0];
  for (const byte of all) server.transport.feed(bytes(byte));
  await connecting;
  await settled();
  assert.deepEqual(fixture.delivered, ["a  qos1 #1"]);
  assert.deepEqual(server.taken(), ["CONNECT", "PUBACK #1"]);
});

Deno.test("PINGREQ goes out when nothing else does [MQTT-3.1.2-20]", async () => {
  const fixture = new ClientFixture({ keepAlive: 10 });
  const server = await fixture.connected();
  await fixture.clock.advance(10_000);
  assert.deepEqual(server.taken(), ["PINGREQ"]);
  await server.send(PINGRESP);
  await fixture.clock.advance(9000);
  assert.deepEqual(server.taken(), []);
  await fixture.clock.advance(1000);
  assert.deepEqual(server.taken(), ["PINGREQ"]);
});

Deno.test("a server that does not answer PINGREQ is given up", async () => {
  const fixture = new ClientFixture({ keepAlive: 10 });
  const server = await fixture.connected();
  await fixture.clock.advance(20_000);
  const reason = "the server did not answer within Keep Alive";
  assert.deepEqual(await fixture.client.ended, { kind: "lost", reason });
  assert.deepEqual([server.transport.closeCount, fixture.clock.count], [1, 0]);
});

Deno.test("Server Keep Alive counts, and not our own [MQTT-3.2.2-21]", async () => {
  const fixture = new ClientFixture({ keepAlive: 10 });
  const server = await fixture.connected({ serverKeepAlive: 3 });
  await fixture.clock.advance(3000);
  assert.deepEqual(server.taken(), ["PINGREQ"]);
  const never = new ClientFixture({ keepAlive: 10 });
  await never.connected({ serverKeepAlive: 0 });
  assert.equal(never.clock.count, 0);
});

Deno.test("disconnect() sends what was published, then DISCONNECT, then nothing [MQTT-3.14.4-1]", async () => {
  const fixture = new ClientFixture({ keepAlive: 10 });
  const server = await fixture.connected();
  void fixture.client.publish(message("a", "last"));
  const disconnecting = fixture.client.disconnect(4, { reasonString: "bye" });
  await settled();
  await server.send(publishPacket("a", "late", { qos: 1 }));
  assert.deepEqual(server.taken(), ["PUBLISH a last", "DISCONNECT 0x4"]);
  assert.deepEqual([server.transport.isWriteClosed, fixture.delivered], [true, []]);
  await server.end();
  await disconnecting;
  assert.deepEqual(await fixture.client.ended, { kind: "requested" });
  assert.deepEqual([server.transport.closeCount, fixture.clock.count], [1, 0]);
});

Deno.test("disconnect() does not wait for a server that never closes the connection", async () => {
  const fixture = new ClientFixture();
  const server = await fixture.connected();
  const disconnecting = fixture.client.disconnect();
  await settled();
  assert.equal(server.transport.closeCount, 0);
  await fixture.clock.advance(1000);
  await disconnecting;
  assert.equal(server.transport.closeCount, 1);
});

Deno.test("disconnect() before CONNACK, close() and no connection at all", async () => {
  const fixture = new ClientFixture();
  await fixture.client.disconnect();
  const server = new FakeServer(fixture.options);
  const connecting = fixture.client.connect(server.transport);
  const refusal = assert.rejects(connecting, {
    message: "Cannot connect to 192.0.2.1:5000: it was given up",
  });
  await fixture.client.disconnect();
  await refusal;
  assert.deepEqual(server.taken(), ["CONNECT"]);
  const next = await fixture.connected();
  fixture.client.close();
  assert.deepEqual(await fixture.client.ended, { kind: "requested" });
  assert.deepEqual(next.taken(), []);
});

Deno.test("DISCONNECT of the server ends the connection, with what it said", async () => {
  const fixture = new ClientFixture();
  const server = await fixture.connected();
  const packet = {
    type: PacketType.Disconnect,
    reasonCode: 0x8e,
    properties: { reasonString: "taken over" },
  } as const;
  await server.send(packet, publishPacket("a", "after"));
  assert.deepEqual(await fixture.client.ended, { kind: "disconnected", packet });
  assert.deepEqual([fixture.delivered, server.taken()], [[], []]);
});

Deno.test("a server that breaks the protocol is told and left, after what came before", async () => {
  const fixture = new ClientFixture();
  const server = await fixture.connected();
  server.transport.feed(concat(bytes(0x32, 6, 0, 1, 97, 0, 1, 0), bytes(0x36, 0)));
  await settled();
  assert.deepEqual(await fixture.client.ended, {
    kind: "lost",
    reason: "the server broke the protocol: Cannot decode PUBLISH: QoS 3",
  });
  assert.deepEqual(fixture.delivered, ["a  qos1 #1"]);
  assert.deepEqual(server.taken(), ["PUBACK #1", "DISCONNECT 0x81"]);
});

Deno.test("before MQTT 5 a server that breaks the protocol is only left", async () => {
  const fixture = new ClientFixture({ protocolVersion: 4 });
  const server = await fixture.connected();
  await server.send({ type: PacketType.Disconnect, reasonCode: 0, properties: {} });
  assert.deepEqual(await fixture.client.ended, {
    kind: "lost",
    reason: "the server broke the protocol: Cannot accept DISCONNECT: it must not come here " +
      "from a server",
  });
  assert.deepEqual(server.taken(), []);
});

for (
  const [what, packet, reason] of [
    [
      "AUTH",
      { type: PacketType.Auth, reasonCode: 0x18, properties: { authenticationMethod: "x" } },
      "Cannot accept AUTH: enhanced authentication is not supported",
    ],
    [
      "another packet than CONNACK [MQTT-3.2.0-1]",
      PINGRESP,
      "Cannot accept the first packet: it is not CONNACK",
    ],
    [
      "a session that was to be new [MQTT-3.2.2-2]",
      connack({ sessionPresent: true }),
      "Cannot accept CONNACK: Session Present, though a new session was asked for",
    ],
  ] satisfies [string, Packet, string][]
) {
  Deno.test(`connect() rejects when the server answers with ${what}`, async () => {
    const fixture = new ClientFixture();
    const server = new FakeServer(fixture.options);
    const connecting = fixture.client.connect(server.transport);
    const refusal = assert.rejects(connecting, {
      message: `Cannot connect to 192.0.2.1:5000: the server broke the protocol: ${reason}`,
    });
    await server.send(packet);
    await refusal;
    assert.deepEqual(server.taken(), ["CONNECT"]);
  });
}

Deno.test("a packet over our Maximum Packet Size is an error of the server", async () => {
  const fixture = new ClientFixture({ properties: { maximumPacketSize: 20 } });
  const server = await fixture.connected();
  await server.send(publishPacket("a", "x".repeat(20)));
  assert.deepEqual(server.taken(), ["DISCONNECT 0x95"]);
});

Deno.test("AUTH later on and a packet of a client are answered with 0x82", async () => {
  const auth: Packet = { type: PacketType.Auth, reasonCode: 0x19, properties: {} };
  for (const packet of [auth, connectPacket("x")]) {
    const fixture = new ClientFixture();
    const server = await fixture.connected();
    await server.send(packet);
    assert.deepEqual(server.taken(), ["DISCONNECT 0x82"]);
    assert.equal((await fixture.client.ended).kind, "lost");
  }
});

Deno.test("what the server said before its connection broke is still heard", async () => {
  const fixture = new ClientFixture();
  const server = await fixture.connected();
  server.transport.sink.hold();
  void fixture.client.publish(message("a", "1"));
  await settled();
  await server.transport.sink.fail(new Error("Broken pipe (os error 32)"));
  const packet = { type: PacketType.Disconnect, reasonCode: 0x97, properties: {} } as const;
  await server.send(packet);
  assert.deepEqual(await fixture.client.ended, { kind: "disconnected", packet });
  assert.equal(fixture.clock.count, 0);
});

Deno.test("a reset of the connection is told in words", async () => {
  const fixture = new ClientFixture();
  const server = await fixture.connected();
  server.transport.fail(new Error("Connection reset by peer (os error 104)"));
  const reason = "the connection was reset by the server";
  assert.deepEqual(await fixture.client.ended, { kind: "lost", reason });
});

Deno.test("connect() says that a server of another kind does not speak MQTT", async () => {
  const fixture = new ClientFixture();
  const server = new FakeServer(fixture.options);
  const connecting = fixture.client.connect(server.transport);
  const refusal = assert.rejects(connecting, {
    message:
      "Cannot connect to 192.0.2.1:5000: the server does not speak MQTT there (Cannot decode " +
      "Fixed Header: flags 8 in a packet of type 4, 0 expected); is it the right port?",
  });
  server.transport.feed(new TextEncoder().encode(`HTTP/1.1 400 Bad Request\r\n${" ".repeat(80)}`));
  await settled();
  await refusal;
});
