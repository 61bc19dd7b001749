/**
 * The read buffer by itself: nothing is lost or mixed up, and its size follows what comes. What that
 * means for a connection is in connection_buffer_test.ts.
 */

import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  BufferPool,
  IDLE_BUFFER_BYTES,
  LARGE_BUFFER_BYTES,
  SMALL_BUFFER_BYTES,
} from "../../src/broker/buffer_pool.ts";
import { ReadBuffer } from "../../src/net/read_buffer.ts";

/** A pool that counts what is taken and given back. */
class CountingPool extends BufferPool {
  readonly taken: number[] = [];
  readonly givenBack: number[] = [];

  override take(bytes: number): Uint8Array<ArrayBuffer> {
    const buffer = super.take(bytes);
    this.taken.push(buffer.length);
    return buffer;
  }

  override giveBack(buffer: Uint8Array<ArrayBuffer>): void {
    this.givenBack.push(buffer.length);
    super.giveBack(buffer);
  }
}

/** Reads `bytes`, as far as there is room, and handles all but the last `kept` bytes. */
function read(buffer: ReadBuffer, bytes: Uint8Array, kept = 0): void {
  const space = buffer.space();
  const count = Math.min(space.length, bytes.length);
  space.set(bytes.subarray(0, count));
  buffer.added(count);
  buffer.handled(Math.max(0, buffer.filled - kept), count);
}

/** Fills the buffer to its end and keeps all of it. */
function fill(buffer: ReadBuffer): void {
  read(buffer, new Uint8Array(buffer.space().length), Infinity);
}

const ONE_BYTE = Uint8Array.of(1);

Deno.test("ReadBuffer keeps what is not handled, in order, and nothing else", () => {
  const chunk = fc.record({
    length: fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 70_000 })),
    handledPart: fc.oneof(
      fc.constant(0),
      fc.constant(1),
      fc.double({ min: 0, max: 1, noNaN: true }),
    ),
  });
  fc.assert(
    fc.property(fc.array(chunk, { minLength: 1, maxLength: 40 }), (chunks) => {
      const buffer = new ReadBuffer(new BufferPool(), { inputBytes: 0 });
      let expected: number[] = [];
      let next = 0;
      for (const { length, handledPart } of chunks) {
        const space = buffer.space();
        assert.ok(space.length > 0, "there is always room for the next read");
        const count = Math.min(length, space.length);
        for (let at = 0; at < count; at++) {
          space[at] = next;
          expected.push(next);
          next = (next + 1) % 251;
        }
        buffer.added(count);
        assert.equal(buffer.filled, expected.length);
        const end = Math.floor(expected.length * handledPart);
        buffer.handled(end, count);
        expected = expected.slice(end);
        assert.deepEqual([...buffer.bytes.subarray(0, buffer.filled)], expected);
      }
    }),
    { numRuns: 50 },
  );
});

Deno.test("ReadBuffer starts small, of its own, and grows only when it is full", () => {
  const pool = new CountingPool();
  const buffer = new ReadBuffer(pool, { inputBytes: 0 });
  assert.equal(buffer.space().length, IDLE_BUFFER_BYTES);
  read(buffer, new Uint8Array(IDLE_BUFFER_BYTES - 1), Infinity);
  assert.deepEqual([buffer.bytes.length, pool.taken], [IDLE_BUFFER_BYTES, []]);
  const sizes = [];
  for (let count = 0; count < 4; count++) {
    fill(buffer);
    sizes.push(buffer.bytes.length);
  }
  assert.deepEqual(sizes, [4096, 65_536, 131_072, 262_144]);
  assert.deepEqual(pool.taken, [4096, 65_536, 131_072, 262_144]);
  assert.deepEqual(pool.givenBack, [IDLE_BUFFER_BYTES, 4096, 65_536, 131_072]);
});

Deno.test("ReadBuffer grows when it is full even if all of it was handled, but not over 64 KiB", () => {
  const buffer = new ReadBuffer(new BufferPool(), { inputBytes: 0 });
  for (let count = 0; count < 4; count++) read(buffer, new Uint8Array(buffer.space().length));
  assert.equal(buffer.bytes.length, LARGE_BUFFER_BYTES);
});

Deno.test("ReadBuffer is no larger than 64 KiB once a large packet is handled", () => {
  const buffer = new ReadBuffer(new BufferPool(), { inputBytes: 0 });
  for (let count = 0; count < 4; count++) fill(buffer);
  read(buffer, ONE_BYTE, LARGE_BUFFER_BYTES);
  assert.equal(buffer.bytes.length, 4 * LARGE_BUFFER_BYTES, "too much of the next packet is there");
  read(buffer, ONE_BYTE, LARGE_BUFFER_BYTES / 2);
  assert.deepEqual([buffer.bytes.length, buffer.filled], [
    LARGE_BUFFER_BYTES,
    LARGE_BUFFER_BYTES / 2,
  ]);
});

Deno.test("ReadBuffer is small again after four small reads in a row, and not before", () => {
  const pool = new CountingPool();
  const buffer = new ReadBuffer(pool, { inputBytes: 0 });
  const sizesWhile = (reads: (() => void)[]) =>
    reads.map((readOnce) => {
      readOnce();
      return buffer.bytes.length;
    });
  const small = () => read(buffer, ONE_BYTE);
  const medium = () => read(buffer, new Uint8Array(IDLE_BUFFER_BYTES / 2));
  fill(buffer);
  assert.equal(buffer.bytes.length, SMALL_BUFFER_BYTES);
  assert.deepEqual(
    sizesWhile([small, small, small, medium, small, small, small, small]),
    [...new Array(7).fill(SMALL_BUFFER_BYTES), IDLE_BUFFER_BYTES],
  );
  assert.deepEqual(pool.givenBack, [IDLE_BUFFER_BYTES, SMALL_BUFFER_BYTES]);
});

Deno.test("ReadBuffer does not shrink while the start of a packet waits in it", () => {
  const buffer = new ReadBuffer(new BufferPool(), { inputBytes: 0 });
  fill(buffer);
  for (let count = 0; count < 10; count++) read(buffer, ONE_BYTE, 1);
  assert.equal(buffer.bytes.length, SMALL_BUFFER_BYTES);
});

Deno.test("release() gives the buffer back once and holds nothing any more", () => {
  const pool = new CountingPool();
  const buffer = new ReadBuffer(pool, { inputBytes: 0 });
  fill(buffer);
  buffer.release();
  assert.deepEqual(pool.givenBack, [IDLE_BUFFER_BYTES, SMALL_BUFFER_BYTES]);
  assert.deepEqual([buffer.bytes.length, buffer.filled], [0, 0]);
  assert.notEqual(pool.take(SMALL_BUFFER_BYTES), pool.take(SMALL_BUFFER_BYTES));
});

Deno.test("ReadBuffer counts what it holds beyond the usual size, and gives all of it back", () => {
  const budget = { inputBytes: 0 };
  const buffer = new ReadBuffer(new BufferPool(), budget);
  const packet = new Uint8Array(10 * LARGE_BUFFER_BYTES);
  for (let sent = 0; sent < packet.length;) {
    const count = buffer.space().length;
    buffer.added(count);
    sent += count;
    buffer.handled(0, count);
  }
  assert.equal(budget.inputBytes, buffer.bytes.length - LARGE_BUFFER_BYTES);
  assert(budget.inputBytes >= packet.length - LARGE_BUFFER_BYTES);
  buffer.handled(buffer.filled, 0);
  assert.equal(budget.inputBytes, 0);
  const other = new ReadBuffer(new BufferPool(), budget);
  for (let reads = 0; reads < 5; reads++) {
    read(other, new Uint8Array(LARGE_BUFFER_BYTES), other.filled + LARGE_BUFFER_BYTES);
  }
  assert(budget.inputBytes > 0);
  other.release();
  assert.equal(budget.inputBytes, 0);
});
