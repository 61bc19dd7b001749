import assert from "node:assert/strict";
import { ByteSlab } from "../../src/storage/byte_slab.ts";

const source = new Uint8Array(100_000).map((_, index) => index);

Deno.test("short copies share one buffer of the expected size and hold the right bytes", () => {
  const slab = new ByteSlab(30);
  const copies = [slab.copy(source, 0, 10), slab.copy(source, 10, 30)];
  assert.deepEqual(copies, [source.slice(0, 10), source.slice(10, 30)]);
  assert.equal(copies[0]?.buffer, copies[1]?.buffer);
  assert.equal(copies[0]?.buffer.byteLength, 30);
});

Deno.test("long copies have a buffer of their own, empty ones none", () => {
  const slab = new ByteSlab(100_000);
  assert.equal(slab.copy(source, 0, 50_000).buffer.byteLength, 50_000);
  assert.equal(slab.copy(source, 5, 5).length, 0);
});

Deno.test("more bytes than were expected find room as well", () => {
  const slab = new ByteSlab(4);
  slab.copy(source, 0, 4);
  assert.deepEqual(slab.copy(source, 4, 14), source.slice(4, 14));
});
