import assert from "node:assert/strict";
import { PacketType, type PublishPacket } from "../../src/protocol/packet.ts";
import { PacketStream } from "../../src/protocol/stream_decoder.ts";
import { assertProtocolError, bytesOf } from "./vector.ts";

const CONNECT_5 = "10 0d 0004 4d515454 05 02 0000 00 0000";
const CONNECT_4 = "10 0c 0004 4d515454 04 02 0000 0000";

function types(stream: PacketStream, hex: string): number[] {
  return stream.push(bytesOf(hex)).map((packet) => packet.type);
}

Deno.test("PacketStream gives the same packets however the bytes are cut", () => {
  const bytes = bytesOf(`${CONNECT_5} c000 30 06 0001 74 00 6869 e0 02 00 00`);
  const whole = new PacketStream().push(bytes);
  assert.deepEqual(whole.map((packet) => packet.type), [1, 12, 3, 14]);
  for (let size = 1; size < bytes.length; size++) {
    const stream = new PacketStream();
    const packets = [];
    for (let at = 0; at < bytes.length; at += size) {
      packets.push(...stream.push(bytes.subarray(at, at + size)));
    }
    assert.deepEqual(packets, whole, `chunks of ${size} bytes`);
    assert.equal(stream.pendingBytes, 0);
  }
});

Deno.test("PacketStream returns nothing for an incomplete packet and keeps its bytes", () => {
  const stream = new PacketStream({ version: 4 });
  assert.deepEqual(types(stream, ""), []);
  assert.deepEqual(types(stream, "30 05 0001"), []);
  assert.equal(stream.pendingBytes, 4);
  assert.deepEqual(types(stream, "74 68 69 c0"), [3]);
  assert.equal(stream.pendingBytes, 1);
  assert.deepEqual(types(stream, "00"), [12]);
});

Deno.test("PacketStream does not keep the chunk it was given", () => {
  const stream = new PacketStream({ version: 4 });
  const chunk = bytesOf("30 05 0001 74 68");
  stream.push(chunk);
  chunk.fill(0);
  const [packet] = stream.push(bytesOf("69")) as PublishPacket[];
  assert.deepEqual(packet?.payload, bytesOf("6869"));
});

Deno.test("PacketStream puts a large packet together from small chunks", () => {
  const stream = new PacketStream({ version: 4 });
  const header = bytesOf("30 c3 9a 0c 0001 74"); // Remaining Length 200,003
  const payload = Uint8Array.from({ length: 200_000 }, (_, index) => index);
  assert.deepEqual(stream.push(header), []);
  for (let at = 0; at < payload.length - 1000; at += 1000) {
    assert.deepEqual(stream.push(payload.subarray(at, at + 1000)), []);
  }
  const packets = stream.push(payload.subarray(payload.length - 1000));
  const publish = packets[0] as PublishPacket;
  assert.equal(packets.length, 1);
  assert.equal(publish.payload.length, 200_000);
  assert.ok(publish.payload.every((byte, index) => byte === (index & 0xff)));
});

Deno.test("PacketStream learns the version from CONNECT", () => {
  for (const [hex, version] of [[CONNECT_4, 4], [CONNECT_5, 5]] as const) {
    const stream = new PacketStream();
    assert.equal(stream.version, undefined);
    assert.deepEqual(types(stream, hex), [PacketType.Connect]);
    assert.equal(stream.version, version);
  }
});

Deno.test("PacketStream reads in the version it is told", () => {
  const connack = "20 02 00 05";
  const [packet] = new PacketStream({ version: 4 }).push(bytesOf(connack));
  assert.deepEqual(packet, {
    type: PacketType.Connack,
    sessionPresent: false,
    reasonCode: 0x87,
    properties: {},
  });
  assertProtocolError(() => new PacketStream({ version: 5 }).push(bytesOf(connack)), 0x82);
});

Deno.test("PacketStream without a version wants CONNECT first [MQTT-3.1.0-1]", () => {
  const message = assertProtocolError(() => new PacketStream().push(bytesOf("c000")), 0x82);
  assert.equal(message, "Cannot accept packet: the first one must be CONNECT");
});

Deno.test("PacketStream wants Remaining Length in shortest form in MQTT 5 [MQTT-1.5.5-1]", () => {
  assertProtocolError(() => new PacketStream({ version: 5 }).push(bytesOf("c0 8000")), 0x81);
  assertProtocolError(
    () => new PacketStream().push(bytesOf(CONNECT_5.replace("10 0d", "10 8d00"))),
    0x81,
  );
  assert.deepEqual(types(new PacketStream({ version: 4 }), "c0 8000"), [PacketType.Pingreq]);
  assert.deepEqual(types(new PacketStream(), CONNECT_4.replace("10 0c", "10 8c00")), [1]);
});

Deno.test("PacketStream returns what came before an error, then throws for good", () => {
  const stream = new PacketStream({ version: 5 });
  assert.deepEqual(types(stream, "c000 d000 c100 c000"), [12, 13]);
  assertProtocolError(() => stream.push(new Uint8Array(0)), 0x81);
  assertProtocolError(() => stream.push(bytesOf("c000")), 0x81);
});

Deno.test("PacketStream refuses a packet over its limit before it is there [MQTT-3.1.2-24]", () => {
  const stream = new PacketStream({ version: 5, maximumPacketSize: 10 });
  assertProtocolError(() => stream.push(bytesOf("30 09")), 0x95);
});
