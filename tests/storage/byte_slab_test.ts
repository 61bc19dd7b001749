import assert from "node:assert/strict";
import { ByteSlab } from "../../src/storage/byte_slab.ts";

const source = new Uint8Array(100_000).map((_, index) => index);

/** What `place` copied, and the buffer that it is in. */
function placed(slab: ByteSlab, start: number, end: number): [Uint8Array, Uint8Array] {
  const at = slab.place(source, start, end);
  return [slab.bytes.slice(at, at + end - start), slab.bytes];
}

Deno.test("short copies share one buffer of the expected size and hold the right bytes", () => {
  const slab = new ByteSlab(30);
  const [first, buffer] = placed(slab, 0, 10);
  const [second, sameBuffer] = placed(slab, 10, 30);
  assert.deepEqual([first, second], [source.slice(0, 10), source.slice(10, 30)]);
  assert.equal(buffer, sameBuffer);
  assert.equal(buffer.length, 30);
});

Deno.test("no buffer is larger than 64 KiB unless one copy needs it, and empty copies need none", () => {
  const slab = new ByteSlab(1_000_000);
  assert.equal(placed(slab, 0, 10)[1].length, 64 * 1024);
  assert.equal(placed(slab, 0, 90_000)[1].length, 90_000);
  assert.equal(new ByteSlab(0).place(source, 5, 5), 0);
});

Deno.test("more bytes than were expected find room as well", () => {
  const slab = new ByteSlab(4);
  placed(slab, 0, 4);
  assert.deepEqual(placed(slab, 4, 14)[0], source.slice(4, 14));
});
