/**
 * The life of a connection: framing, answers, errors and the end.
 */

import assert from "node:assert/strict";
import { PacketType, type ProtocolVersion } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { connectPacket, publishPacket, subscribePacket, will } from "../support/packets.ts";
import { asText } from "../support/packet_text.ts";
import { ConnectionFixture, encode, written } from "./connection_fixture.ts";
import { settled } from "./fake_sink.ts";

const PINGREQ = { type: PacketType.Pingreq } as const;
const DISCONNECT = {
  type: PacketType.Disconnect,
  reasonCode: ReasonCode.Success,
  properties: {},
} as const;

/** All a client may do in one short life. */
function conversation(version: ProtocolVersion): Uint8Array {
  return encode(
    version,
    connectPacket("c", version),
    subscribePacket(["t/#"], {}, 1),
    publishPacket("t/a", "x".repeat(150), { qos: 1, packetIdentifier: 7 }),
    publishPacket("t/b", "y"),
    PINGREQ,
    DISCONNECT,
  );
}

/** The bytes that a client gets who sends `chunks`, one after the other. */
async function answersTo(chunks: Uint8Array[]): Promise<Uint8Array> {
  const { transport } = new ConnectionFixture().open();
  for (const chunk of chunks) await transport.feed(chunk);
  await settled();
  assert(transport.isWriteClosed);
  await transport.end();
  assert(transport.isClosed);
  return transport.sink.bytes;
}

Deno.test("Connection answers the same however its input is cut", async () => {
  for (const version of [5, 4, 3] as const) {
    const bytes = conversation(version);
    const expected = await answersTo([bytes]);
    for (let at = 1; at < bytes.length; at++) {
      const chunks = [bytes.subarray(0, at), bytes.subarray(at)];
      assert.deepEqual(await answersTo(chunks), expected, `MQTT ${version} cut at ${at}`);
    }
    const single = [...bytes].map((byte) => Uint8Array.of(byte));
    assert.deepEqual(await answersTo(single), expected, `MQTT ${version}, byte by byte`);
  }
});

Deno.test("Connection answers several packets of one read with one write, in order", async () => {
  const { transport } = await new ConnectionFixture().connect("c");
  const before = transport.sink.writes.length;
  await transport.feed(encode(
    5,
    subscribePacket(["t"], {}, 0),
    publishPacket("t", "1"),
    PINGREQ,
    publishPacket("t", "2"),
    publishPacket("u", "3", { qos: 1, packetIdentifier: 9 }),
  ));
  assert.equal(transport.sink.writes.length, before + 1);
  assert.deepEqual(written(transport, 5).map(({ type }) => type), [
    PacketType.Connack,
    PacketType.Suback,
    PacketType.Publish,
    PacketType.Pingresp,
    PacketType.Publish,
    PacketType.Puback,
  ]);
});

Deno.test("Connection closes without a word when the first packet is not CONNECT [MQTT-3.1.0-1]", async () => {
  const fixture = new ConnectionFixture();
  const { transport } = fixture.open();
  await transport.feed(encode(5, PINGREQ));
  assert.deepEqual([transport.sink.bytes.length, transport.isWriteClosed], [0, true]);
  await transport.end();
  assert.equal(fixture.gone.length, 1);
  assert.deepEqual(fixture.events.lines.slice(0, 1), [
    "refused 0x82: The first packet is not CONNECT",
  ]);
});

Deno.test("Connection acts on nothing that follows the packet it is closed for", async () => {
  const fixture = new ConnectionFixture();
  const { transport } = await fixture.connect("c");
  const publish = publishPacket("t", "late", { retain: true });
  await transport.feed(encode(5, DISCONNECT, publish));
  await transport.feed(encode(5, publish));
  assert.equal(fixture.broker.retained.count, 0);
  assert.equal(fixture.broker.statistics.messagesReceived, 2);
  await transport.end();
});

Deno.test("Connection tells MQTT 5 why it ends, and others nothing [MQTT-4.13.2-1]", async () => {
  for (const version of [5, 4] as const) {
    const fixture = new ConnectionFixture();
    const { transport } = await fixture.connect("c", version);
    await transport.feed(Uint8Array.of(0x36, 2, 0, 0));
    const [, ...after] = written(transport, version);
    assert.deepEqual(
      after,
      version < 5 ? [] : [{
        type: PacketType.Disconnect,
        reasonCode: ReasonCode.MalformedPacket,
        properties: { reasonString: "Cannot decode PUBLISH: QoS 3" },
      }],
    );
    assert(transport.isWriteClosed);
    await transport.end();
  }
});

Deno.test("Connection rejects a Remaining Length that is not the shortest, but not before MQTT 5 [MQTT-1.5.5-1]", async () => {
  const fixture = new ConnectionFixture();
  const longPingreq = Uint8Array.of(0xc0, 0x80, 0x00);
  const at5 = await fixture.connect("a", 5);
  await at5.transport.feed(longPingreq);
  assert.equal(written(at5.transport, 5).at(-1)?.type, PacketType.Disconnect);
  const at311 = await fixture.connect("b", 4);
  await at311.transport.feed(longPingreq);
  assert.equal(written(at311.transport, 4).at(-1)?.type, PacketType.Pingresp);
});

Deno.test("Connection publishes the Will to every subscriber as soon as the client is gone", async () => {
  const fixture = new ConnectionFixture();
  const watchers = [await fixture.connect("w1"), await fixture.connect("w2")];
  for (const { transport } of watchers) {
    await transport.feed(encode(5, subscribePacket(["will"], {}, 0)));
  }
  const { transport } = await fixture.connect("c", 5, { will: will("will", "gone") });
  await transport.end();
  const last = watchers.map(({ transport }) => written(transport, 5).at(-1));
  assert.deepEqual(
    last.map((packet) => packet?.type === PacketType.Publish && asText(packet.payload)),
    ["gone", "gone"],
  );
});

Deno.test("Connection reports why it ended: closed by the client, or an error of the network", async () => {
  const fixture = new ConnectionFixture();
  const first = await fixture.connect("first");
  const second = await fixture.connect("second");
  fixture.events.take();
  await first.transport.end();
  second.transport.fail(new Deno.errors.ConnectionReset("Connection reset by peer"));
  await Promise.all([first.ended, second.ended]);
  assert.deepEqual(fixture.events.lines.filter((line) => line.includes("disconnected")), [
    "first disconnected: client closed the connection",
    "second disconnected: Connection reset by peer",
  ]);
  assert.deepEqual(fixture.gone, [first.connection, second.connection]);
  assert.equal(fixture.broker.statistics.clientsConnected, 0);
});

Deno.test("Connection ends when its output fails", async () => {
  const fixture = new ConnectionFixture();
  const { transport, ended } = await fixture.connect("c");
  transport.sink.hold();
  await transport.feed(encode(5, PINGREQ));
  await transport.sink.fail(new Deno.errors.BrokenPipe("Broken pipe"));
  await ended;
  assert(transport.isClosed);
  assert.deepEqual([fixture.gone.length, fixture.broker.sessions.size], [1, 0]);
});

Deno.test("Connection sends what waits before it closes", async () => {
  const fixture = new ConnectionFixture();
  const { transport } = await fixture.connect("c");
  transport.sink.hold();
  await transport.feed(encode(5, PINGREQ, PINGREQ));
  await transport.feed(encode(5, DISCONNECT));
  assert.deepEqual([transport.isWriteClosed, transport.isClosed], [false, false]);
  await transport.sink.release();
  await settled();
  assert.deepEqual([transport.isWriteClosed, transport.isClosed], [true, false]);
  assert.equal(written(transport, 5).filter(({ type }) => type === PacketType.Pingresp).length, 2);
  await transport.end();
  assert(transport.isClosed);
});

Deno.test("Connection.abort() ends it at once, once, and frees what waited", async () => {
  const fixture = new ConnectionFixture();
  const { transport, connection, ended } = await fixture.connect("c");
  transport.sink.hold();
  await transport.feed(encode(5, PINGREQ));
  connection.abort("told to");
  connection.abort("told again");
  await ended;
  assert.deepEqual([transport.isClosed, fixture.gone.length], [true, 1]);
  assert.equal(fixture.broker.statistics.bufferedBytes, 0);
  assert.equal(fixture.events.lines.filter((line) => line.includes("told")).length, 1);
});

Deno.test("Connection reads no more while its readers are waited for", async () => {
  const fixture = new ConnectionFixture();
  const { transport } = await fixture.connect("c");
  fixture.mustWait = true;
  await transport.feed(encode(5, PINGREQ));
  await transport.feed(encode(5, PINGREQ));
  const pingresps = () =>
    written(transport, 5).filter(({ type }) => type === PacketType.Pingresp).length;
  assert.equal(pingresps(), 1);
  await fixture.relieve();
  assert.equal(pingresps(), 2);
});
