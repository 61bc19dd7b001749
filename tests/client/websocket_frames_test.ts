import assert from "node:assert/strict";
import { ClientFrames } from "../../src/client/websocket_frames.ts";
import { WebSocketDecoder } from "../../src/transport/websocket_decoder.ts";
import { StatusCode } from "../../src/transport/websocket_frame.ts";

/** A frame of `payload`, as the writer makes it. */
function frame(frames: ClientFrames, payload: Uint8Array): Uint8Array {
  const start = frames.headerLength(payload.length);
  const bytes = new Uint8Array(start + payload.length);
  frames.writeHeader(bytes, payload.length);
  bytes.set(payload, start);
  frames.mask(bytes, payload.length);
  return bytes;
}

function decoded(bytes: Uint8Array): { payload: number[]; decoder: WebSocketDecoder } {
  const decoder = new WebSocketDecoder();
  const copy = bytes.slice();
  const count = decoder.decode(copy, copy.length);
  return { payload: [...copy.subarray(0, count)], decoder };
}

Deno.test("ClientFrames masks as in the example of RFC 6455 section 5.7", () => {
  const frames = new ClientFrames((keys) => keys.set([0x37, 0xfa, 0x21, 0x3d]));
  const bytes = frame(frames, new TextEncoder().encode("Hello"));
  assert.deepEqual(
    [...bytes],
    [0x82, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58],
  );
});

Deno.test("ClientFrames makes what a server reads, of every length", () => {
  const frames = new ClientFrames();
  for (const length of [0, 1, 2, 3, 4, 5, 125, 126, 127, 65_535, 65_536, 70_001]) {
    const payload = Uint8Array.from({ length }, (_, index) => index * 7);
    const { payload: got, decoder } = decoded(frame(frames, payload));
    assert.deepEqual([got, decoder.failure], [[...payload], undefined], `${length} bytes`);
  }
});

Deno.test("ClientFrames takes another key for each frame, and new ones in time", () => {
  let fills = 0;
  const frames = new ClientFrames((keys) => {
    fills++;
    keys.forEach((_, index) => keys[index] = index % 4 === 0 ? index / 4 : fills);
  });
  const keys = Array.from({ length: 300 }, () => frame(frames, new Uint8Array(1)).slice(2, 6));
  assert.equal(new Set(keys.map((key) => key.join())).size, 300);
  assert.equal(fills, 2);
});

Deno.test("ClientFrames.pong() and close() are masked control frames", () => {
  const frames = new ClientFrames();
  const pong = frames.pong(Uint8Array.of(1, 2, 3));
  assert.deepEqual([pong[0], pong[1], pong.length], [0x8a, 0x83, 9]);
  assert.deepEqual([decoded(pong).payload, decoded(pong).decoder.failure], [[], undefined]);
  const { decoder } = decoded(frames.close(StatusCode.Normal));
  assert.deepEqual([decoder.isClosed, decoder.failure], [true, undefined]);
});
