/**
 * The read buffer of a connection, and what a client may make us hold for it.
 */

import assert from "node:assert/strict";
import { DEFAULT_LIMITS } from "../support/default_limits.ts";
import { IDLE_BUFFER_BYTES, LARGE_BUFFER_BYTES } from "../../src/broker/buffer_pool.ts";
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { connectPacket, publishPacket, subscribePacket } from "../support/packets.ts";
import { ConnectionFixture, encode, type FakeTransport, written } from "./connection_fixture.ts";
import { settled } from "./fake_sink.ts";

const PINGREQ = encode(5, { type: PacketType.Pingreq });

/** `count` bytes that differ from place to place. */
function pattern(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, at) => at * 7 + (at >> 8));
}

/** Feeds `bytes` in pieces of `pieceBytes`. */
async function feedInPieces(
  transport: FakeTransport,
  bytes: Uint8Array,
  pieceBytes: number,
): Promise<void> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    await transport.feed(bytes.subarray(at, at + pieceBytes));
  }
}

function lastPayload(transport: FakeTransport): Uint8Array | undefined {
  const packet = written(transport, 5).at(-1);
  return packet?.type === PacketType.Publish ? packet.payload : undefined;
}

Deno.test("Connection takes packets of every size around those of its buffers", async () => {
  const { transport } = await new ConnectionFixture().connect("c");
  await transport.feed(encode(5, subscribePacket(["t"], {}, 0)));
  const sizes = [IDLE_BUFFER_BYTES, 4096, LARGE_BUFFER_BYTES, 2 * LARGE_BUFFER_BYTES]
    .flatMap((size) => [size - 9, size - 8, size - 7, size - 1, size, size + 1]);
  for (const size of [...sizes, 700_000]) {
    const payload = pattern(size);
    await feedInPieces(transport, encode(5, publishPacket("t", payload)), 50_000);
    assert.deepEqual(lastPayload(transport), payload, `${size} bytes`);
    transport.sink.writes.length = 0;
  }
});

Deno.test("Connection takes a large packet between small ones", async () => {
  const { transport } = await new ConnectionFixture().connect("c");
  await transport.feed(encode(5, subscribePacket(["t"], {}, 0)));
  const payloads = [pattern(3), pattern(300_000), pattern(4), pattern(5)];
  const bytes = encode(5, ...payloads.map((payload) => publishPacket("t", payload)));
  await feedInPieces(transport, bytes, 10_007);
  const received = written(transport, 5).flatMap((packet) =>
    packet.type === PacketType.Publish ? [packet.payload] : []
  );
  assert.deepEqual(received, payloads);
});

Deno.test("Connection's buffer grows for a busy client and is small again when little comes", async () => {
  const { transport } = await new ConnectionFixture().connect("c");
  assert.equal(transport.readSizes.at(-1), IDLE_BUFFER_BYTES);
  await feedInPieces(transport, encode(5, publishPacket("t", pattern(500_000))), 100_000);
  assert(Math.max(...transport.readSizes) > LARGE_BUFFER_BYTES);
  await transport.feed(PINGREQ);
  assert.equal(transport.readSizes.at(-1), LARGE_BUFFER_BYTES);
  for (let count = 0; count < 10; count++) await transport.feed(PINGREQ);
  assert.equal(transport.readSizes.at(-1), IDLE_BUFFER_BYTES);
});

Deno.test("Connection does not believe an announced length: it holds what has arrived", async () => {
  const { transport } = await new ConnectionFixture().connect("c");
  // PUBLISH of 16,000,000 bytes, of which 1,000 come.
  const head = Uint8Array.of(0x30, 0x80, 0xc8, 0xd0, 0x07);
  await transport.feed(head);
  await feedInPieces(transport, new Uint8Array(1000), 10);
  assert(Math.max(...transport.readSizes) <= 4096);
});

Deno.test("Connection refuses a CONNECT over max_connect_packet_size, before it has arrived", async () => {
  const fixture = new ConnectionFixture({ maximumConnectPacketSize: 1000 });
  const { transport } = fixture.open();
  const connect = encode(5, connectPacket("c".repeat(2000)));
  await transport.feed(connect.subarray(0, 20));
  assert.deepEqual(fixture.events.lines, [
    `refused 0x95: Cannot accept packet of ${connect.length} bytes: the limit is 1000`,
  ]);
  assert.deepEqual([transport.isWriteClosed, Math.max(...transport.readSizes)], [true, 256]);
});

Deno.test("Connection refuses a packet over the Maximum Packet Size with 0x95 [MQTT-3.2.2-15]", async () => {
  const { transport } = await new ConnectionFixture().connect("c");
  const remainingLength = DEFAULT_LIMITS.maximumPacketSize; // The header makes it too long.
  const head = [0x30];
  for (let rest = remainingLength; rest > 0; rest >>>= 7) {
    head.push(rest & 0x7f | (rest >= 0x80 ? 0x80 : 0));
  }
  await transport.feed(Uint8Array.from(head));
  const packet = written(transport, 5).at(-1);
  assert(packet?.type === PacketType.Disconnect);
  assert.equal(packet.reasonCode, ReasonCode.PacketTooLarge);
});

Deno.test("Connection gives its buffer back to the pool when it ends", async () => {
  const fixture = new ConnectionFixture();
  const returned: number[] = [];
  const { pool } = fixture.broker;
  const giveBack = pool.giveBack.bind(pool);
  pool.giveBack = (buffer) => {
    returned.push(buffer.length);
    giveBack(buffer);
  };
  const { transport, ended } = await fixture.connect("c");
  await feedInPieces(transport, encode(5, publishPacket("t", pattern(30_000))).slice(0, -1), 5000);
  returned.length = 0;
  await transport.end();
  await ended;
  assert.deepEqual(returned, [LARGE_BUFFER_BYTES]);
});

Deno.test("Connection ends a client that asks and asks and does not read the answers", async () => {
  const fixture = new ConnectionFixture({ maximumBufferedBytesPerClient: 1000 });
  const { transport, connection, ended } = await fixture.connect("c");
  transport.sink.hold();
  let highest = 0;
  for (let count = 0; count < 10_000 && !transport.isClosed; count++) {
    await transport.feed(new Uint8Array([...PINGREQ, ...PINGREQ, ...PINGREQ]));
    highest = Math.max(highest, connection.output.bufferedBytes);
  }
  await ended;
  assert(highest <= 5000, `${highest} bytes were held`);
  assert.deepEqual(fixture.events.lines.filter((line) => line.includes("disconnected")), [
    "c disconnected: it does not read what it asks for",
  ]);
});

Deno.test("Connection keeps a client that asks now and then while a large message is on its way", async () => {
  const fixture = new ConnectionFixture({ maximumBufferedBytesPerClient: 1000 });
  const { transport } = await fixture.connect("reader");
  await transport.feed(encode(5, subscribePacket(["t"], {}, 0)));
  transport.sink.hold();
  const publisher = await fixture.connect("publisher");
  await feedInPieces(publisher.transport, encode(5, publishPacket("t", pattern(50_000))), 50_000);
  for (let count = 0; count < 20; count++) await transport.feed(PINGREQ);
  assert.equal(transport.isClosed, false);
  await transport.sink.release();
  await settled();
  assert.equal(written(transport, 5).filter(({ type }) => type === PacketType.Pingresp).length, 20);
});
