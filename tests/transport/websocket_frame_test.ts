import assert from "node:assert/strict";
import {
  closeFrame,
  pongFrame,
  serverHeaderLength,
  StatusCode,
  writeBinaryHeader,
} from "../../src/transport/websocket_frame.ts";

const HEADERS: [number, number[]][] = [
  [0, [0x82, 0]],
  [125, [0x82, 125]],
  [126, [0x82, 126, 0, 126]],
  [65_535, [0x82, 126, 255, 255]],
  [65_536, [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
  [2 ** 40 + 3, [0x82, 127, 0, 0, 1, 0, 0, 0, 0, 3]],
];

for (const [length, header] of HEADERS) {
  Deno.test(`writeBinaryHeader() of ${length} bytes is in the shortest form`, () => {
    const target = new Uint8Array(header.length);
    writeBinaryHeader(target, length);
    assert.deepEqual([...target], header);
    assert.equal(serverHeaderLength(length), header.length);
  });
}

Deno.test("pongFrame() and closeFrame() are not masked", () => {
  assert.deepEqual([...pongFrame(Uint8Array.of(1, 2))], [0x8a, 2, 1, 2]);
  assert.deepEqual([...closeFrame(StatusCode.UnsupportedData)], [0x88, 2, 0x03, 0xeb]);
});
