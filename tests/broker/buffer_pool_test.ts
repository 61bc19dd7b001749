/**
 * The buffer pool: sizes, use again, and an upper bound on what is kept.
 */

import assert from "node:assert/strict";
import {
  BufferPool,
  IDLE_BUFFER_BYTES,
  LARGE_BUFFER_BYTES,
  SMALL_BUFFER_BYTES,
} from "../../src/broker/buffer_pool.ts";

Deno.test("BufferPool.take() rounds up to its sizes, and beyond them gives exactly what is asked", () => {
  const pool = new BufferPool();
  const asked = [
    0,
    1,
    SMALL_BUFFER_BYTES,
    SMALL_BUFFER_BYTES + 1,
    LARGE_BUFFER_BYTES,
    LARGE_BUFFER_BYTES + 1,
    1_000_000,
  ];
  assert.deepEqual(asked.map((bytes) => pool.take(bytes).length), [
    SMALL_BUFFER_BYTES,
    SMALL_BUFFER_BYTES,
    SMALL_BUFFER_BYTES,
    LARGE_BUFFER_BYTES,
    LARGE_BUFFER_BYTES,
    LARGE_BUFFER_BYTES + 1,
    1_000_000,
  ]);
});

Deno.test("BufferPool.take() never gives one buffer to two users", () => {
  const pool = new BufferPool();
  const returned = [pool.take(1), pool.take(1), pool.take(LARGE_BUFFER_BYTES)];
  for (const buffer of returned) pool.giveBack(buffer);
  const taken = [1, 1, 1, LARGE_BUFFER_BYTES, LARGE_BUFFER_BYTES].map((bytes) => pool.take(bytes));
  assert.equal(new Set(taken).size, taken.length);
  assert.deepEqual(new Set(taken.filter((buffer) => returned.includes(buffer))), new Set(returned));
});

Deno.test("BufferPool.giveBack() keeps no buffer of a size that is not pooled", () => {
  const pool = new BufferPool();
  const odd = [IDLE_BUFFER_BYTES, SMALL_BUFFER_BYTES - 1, SMALL_BUFFER_BYTES * 2, 1 << 20]
    .map((bytes) => new Uint8Array(bytes));
  for (const buffer of odd) pool.giveBack(buffer);
  for (const buffer of odd) {
    const taken = pool.take(buffer.length);
    assert(!odd.includes(taken), `${buffer.length} bytes were kept`);
  }
});

Deno.test("BufferPool keeps a bounded number of free buffers", () => {
  for (const bytes of [SMALL_BUFFER_BYTES, LARGE_BUFFER_BYTES]) {
    const pool = new BufferPool();
    const returned = new Set(Array.from({ length: 500 }, () => new Uint8Array(bytes)));
    for (const buffer of returned) pool.giveBack(buffer);
    const taken = Array.from({ length: 500 }, () => pool.take(bytes));
    const keptBytes = taken.filter((buffer) => returned.has(buffer)).length * bytes;
    assert(keptBytes > 0 && keptBytes <= 16 << 20, `${keptBytes} bytes were kept`);
  }
});

Deno.test("BufferPool.clear() gives up every free buffer", () => {
  const pool = new BufferPool();
  const returned = [pool.take(SMALL_BUFFER_BYTES), pool.take(LARGE_BUFFER_BYTES)];
  for (const buffer of returned) pool.giveBack(buffer);
  pool.clear();
  for (const { length } of returned) assert(!returned.includes(pool.take(length)));
});
