import assert from "node:assert/strict";
import { Framer, LARGEST_PACKET_BYTES } from "../../src/protocol/framer.ts";
import { assertProtocolError, bytesOf } from "./vector.ts";

function frame(hex: string, framer = new Framer()): { complete: boolean; framer: Framer } {
  const bytes = bytesOf(hex);
  return { complete: framer.next(bytes, 0, bytes.length), framer };
}

Deno.test("Framer finds a packet and where its body is", () => {
  const { complete, framer } = frame("30 03 000161 c000");
  assert.equal(complete, true);
  assert.deepEqual([framer.header, framer.bodyStart, framer.bodyEnd], [0x30, 2, 5]);
});

Deno.test("Framer finds packets one after the other in one buffer", () => {
  const bytes = bytesOf("c000 d000 e000 40");
  const framer = new Framer();
  const headers: number[] = [];
  let start = 0;
  while (framer.next(bytes, start, bytes.length)) {
    headers.push(framer.header);
    start = framer.bodyEnd;
  }
  assert.deepEqual(headers, [0xc0, 0xd0, 0xe0]);
  assert.equal(start, 6);
});

Deno.test("Framer says that a packet is incomplete and where it will end", () => {
  const cases: [string, number][] = [
    ["", 0],
    ["30", 0],
    ["30 80", 0],
    ["30 8080", 0],
    ["30 05", 7],
    ["30 05 00016161", 7],
    ["30 8001", 131],
  ];
  for (const [hex, bodyEnd] of cases) {
    const { complete, framer } = frame(hex);
    assert.equal(complete, false, hex);
    assert.equal(framer.bodyEnd, bodyEnd, hex);
  }
});

Deno.test("Framer reads no byte at or after its end", () => {
  const bytes = bytesOf("3003000161");
  const framer = new Framer();
  for (let end = 0; end < bytes.length; end++) assert.equal(framer.next(bytes, 0, end), false);
  assert.equal(framer.next(bytes, 0, bytes.length), true);
});

Deno.test("Framer rejects a Remaining Length of five bytes as soon as the fourth is there", () => {
  assertProtocolError(() => frame("30 ffffffff"), 0x81);
  assertProtocolError(() => frame("30 8080808001"), 0x81);
});

Deno.test("Framer notices a Remaining Length not in shortest form [MQTT-1.5.5-1]", () => {
  const cases: [string, boolean][] = [
    ["c0 00", true],
    ["c0 8000", false],
    ["c0 808000", false],
    ["c0 80808000", false],
    ["30 8001", true],
    ["30 808001", true],
  ];
  for (const [hex, shortest] of cases) assert.equal(frame(hex).framer.shortestForm, shortest, hex);
});

Deno.test("Framer refuses a packet over the limit before it is there [MQTT-3.2.2-15]", () => {
  assert.equal(frame("30 08", new Framer(10)).complete, false);
  const message = assertProtocolError(() => frame("30 09", new Framer(10)), 0x95);
  assert.equal(message, "Cannot accept packet of 11 bytes: the limit is 10");
});

Deno.test("Framer has no limit of its own but the protocol's", () => {
  const { framer } = frame("30 ffffff7f");
  assert.equal(framer.bodyEnd, LARGEST_PACKET_BYTES);
});
