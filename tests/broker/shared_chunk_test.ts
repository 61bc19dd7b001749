/**
 * Chunks that several connections send: the buffer is free when the last one lets go.
 */

import assert from "node:assert/strict";
import { BufferPool, SMALL_BUFFER_BYTES } from "../../src/broker/buffer_pool.ts";
import { SharedChunk } from "../../src/broker/shared_chunk.ts";
import { Writer } from "../../src/protocol/writer.ts";

Deno.test("SharedChunk holds what was written, without a copy", () => {
  const pool = new BufferPool();
  const writer = new Writer(1, pool);
  writer.fourByteInteger(0x01020304);
  const chunk = new SharedChunk(writer, pool);
  assert.deepEqual([...chunk.bytes], [1, 2, 3, 4]);
  assert.equal(chunk.bytes.buffer, writer.bytes.buffer);
});

Deno.test("SharedChunk gives its buffer to the pool with the last release, not before", () => {
  const pool = new BufferPool();
  const writer = new Writer(1, pool);
  const buffer = writer.bytes;
  const chunk = new SharedChunk(writer, pool);
  chunk.retain();
  chunk.retain();
  for (let holders = 3; holders > 0; holders--) {
    assert.notEqual(pool.take(SMALL_BUFFER_BYTES), buffer, `${holders} holders`);
    chunk.release();
  }
  assert.equal(pool.take(SMALL_BUFFER_BYTES), buffer);
});
