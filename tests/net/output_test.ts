/**
 * The output of a connection: order, partial writes, shared bytes, failure, and the accounts.
 */

import assert from "node:assert/strict";
import { BufferPool, LARGE_BUFFER_BYTES } from "../../src/broker/buffer_pool.ts";
import { SharedChunk } from "../../src/broker/shared_chunk.ts";
import { Output } from "../../src/net/output.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { FakeSink, settled } from "./fake_sink.ts";

/** A pool that remembers what it got back. */
class WatchedPool extends BufferPool {
  readonly returned: Uint8Array[] = [];
  readonly taken: Uint8Array[] = [];

  override take(bytes: number): Uint8Array<ArrayBuffer> {
    const buffer = super.take(bytes);
    this.taken.push(buffer);
    return buffer;
  }

  override giveBack(buffer: Uint8Array<ArrayBuffer>): void {
    this.returned.push(buffer);
    super.giveBack(buffer);
  }
}

function makeOutput() {
  const sink = new FakeSink();
  const pool = new WatchedPool();
  const budget = { bufferedBytes: 0, bytesSent: 0 };
  const calls: string[] = [];
  const failures: unknown[] = [];
  const output = new Output(sink, pool, budget, {
    outputPending: () => calls.push("pending"),
    outputTaken: () => calls.push("taken"),
    outputGated: () => calls.push("gated"),
    outputDrained: () => calls.push("drained"),
    outputFailed: (error) => {
      calls.push("failed");
      failures.push(error);
    },
  });
  /** Queues `bytes` as the router does, which does not hold them any longer. */
  const share = (bytes: Uint8Array) => {
    const chunk = chunkOf(bytes, pool);
    output.share(chunk);
    chunk.release();
  };
  return { sink, pool, budget, calls, failures, output, share };
}

/** `count` bytes, each `value`. */
function filled(count: number, value: number): Uint8Array {
  return new Uint8Array(count).fill(value);
}

function chunkOf(bytes: Uint8Array, pool: BufferPool): SharedChunk {
  const writer = new Writer(bytes.length, pool);
  writer.rawBytes(bytes, 0, bytes.length);
  return new SharedChunk(writer, pool);
}

function append(output: Output, bytes: Uint8Array): void {
  output.writer().rawBytes(bytes, 0, bytes.length);
}

function concat(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

Deno.test("Output sends what one batch appended as one write", async () => {
  const { output, sink, calls } = makeOutput();
  for (const value of [1, 2, 3]) append(output, filled(10, value));
  output.flush();
  await settled();
  assert.deepEqual(sink.writes, [concat(filled(10, 1), filled(10, 2), filled(10, 3))]);
  assert.deepEqual(calls, ["pending", "taken", "drained"]);
});

Deno.test("Output asks once to be flushed, and again after the flush", async () => {
  const { output, calls, share } = makeOutput();
  append(output, filled(1, 1));
  share(filled(5000, 2));
  append(output, filled(1, 3));
  assert.deepEqual(calls, ["pending"]);
  output.flush();
  await settled();
  append(output, filled(1, 4));
  assert.deepEqual(calls.filter((call) => call === "pending").length, 2);
  output.discard();
});

Deno.test("Output keeps the order of appended and shared bytes, large and small", async () => {
  for (const sharedBytes of [1, 100, 2047, 2048, 70_000]) {
    const { output, sink, share } = makeOutput();
    const parts: Uint8Array[] = [];
    for (let value = 0; value < 40; value += 2) {
      parts.push(filled(50 + value, value), filled(sharedBytes, value + 1));
      append(output, parts.at(-2) as Uint8Array);
      share(parts.at(-1) as Uint8Array);
      if (value % 3 === 0) output.flush();
    }
    output.flush();
    await settled();
    assert.deepEqual(sink.bytes, concat(...parts), `shared chunks of ${sharedBytes} bytes`);
    assert(output.isEmpty);
  }
});

Deno.test("Output goes on where a write that took a part has ended", async () => {
  for (const partBytes of [1, 7, 4096]) {
    const { output, sink, budget, share } = makeOutput();
    sink.partBytes = partBytes;
    const parts = [filled(3000, 1), filled(2500, 2), filled(10, 3)] as const;
    append(output, parts[0]);
    share(parts[1]);
    append(output, parts[2]);
    output.flush();
    while (!output.isEmpty) await settled();
    assert.deepEqual(sink.bytes, concat(...parts), `${partBytes} bytes at a time`);
    assert.deepEqual(budget, { bufferedBytes: 0, bytesSent: 5510 });
    assert.equal(output.bytesSent, 5510);
  }
});

Deno.test("Output has one write at a time, and sends what came meanwhile after it", async () => {
  const { output, sink, share } = makeOutput();
  sink.hold();
  append(output, filled(10, 1));
  output.flush();
  append(output, filled(10, 2));
  output.flush();
  share(filled(3000, 3));
  output.flush();
  await settled();
  assert.equal(sink.waitingCount, 1);
  while (!output.isEmpty) {
    await sink.take();
    assert(sink.waitingCount <= 1);
  }
  assert.deepEqual(sink.bytes, concat(filled(10, 1), filled(10, 2), filled(3000, 3)));
});

Deno.test("Output never changes a shared chunk, and keeps it until it has sent it", async () => {
  for (const sharedBytes of [100, 2048, LARGE_BUFFER_BYTES]) {
    const fast = makeOutput();
    const slow = makeOutput();
    slow.sink.hold();
    const pool = new WatchedPool();
    const chunk = chunkOf(filled(sharedBytes, 7), pool);
    for (const { output } of [fast, slow]) {
      output.share(chunk);
      append(output, filled(20, 9));
      output.flush();
    }
    chunk.release();
    await settled();
    assert.deepEqual([fast.output.isEmpty, pool.returned.length], [true, 0]);
    await slow.sink.release();
    await settled();
    assert.deepEqual(pool.returned, pool.taken);
    const expected = concat(filled(sharedBytes, 7), filled(20, 9));
    assert.deepEqual([fast.sink.bytes, slow.sink.bytes], [expected, expected]);
  }
});

Deno.test("Output lets go of shared chunks when it ends: of the one being sent, after that", async () => {
  const { output, sink } = makeOutput();
  sink.hold();
  const pool = new WatchedPool();
  const chunks = [chunkOf(filled(5000, 1), pool), chunkOf(filled(5000, 2), pool)];
  for (const chunk of chunks) {
    output.share(chunk);
    chunk.release();
  }
  output.flush();
  await settled();
  output.discard();
  assert.deepEqual(pool.returned, [pool.taken[1]]);
  await sink.fail(new Error("Bad resource ID"));
  assert.deepEqual(new Set(pool.returned), new Set(pool.taken));
});

Deno.test("Output gives each buffer of the pool back once, after it was sent", async () => {
  const { output, sink, pool } = makeOutput();
  sink.hold();
  append(output, filled(100, 1));
  output.flush();
  await settled();
  assert.deepEqual(pool.returned, []);
  append(output, filled(100, 2));
  await sink.take();
  await sink.take();
  assert.equal(pool.returned.length, 2);
  assert.equal(new Set(pool.returned).size, 2);
  assert.deepEqual(new Set(pool.returned), new Set(pool.taken));
});

Deno.test("Output counts what waits, and nothing once all is sent", async () => {
  const { output, sink, budget, share } = makeOutput();
  sink.hold();
  append(output, filled(1000, 1));
  share(filled(5000, 2));
  append(output, filled(500, 3));
  assert.equal(output.bufferedBytes, 6500);
  output.flush();
  assert.equal(output.isEmpty, false);
  await sink.take();
  assert.deepEqual([output.bufferedBytes, budget.bytesSent], [5500, 1000]);
  await sink.release();
  await settled();
  assert.deepEqual([output.bufferedBytes, output.isEmpty], [0, true]);
  assert.deepEqual(budget, { bufferedBytes: 0, bytesSent: 6500 });
});

Deno.test("Output splits what is appended into chunks, so that little is held twice", async () => {
  const { output, sink } = makeOutput();
  for (let value = 0; value < 100; value++) append(output, filled(10_000, value));
  output.flush();
  await settled();
  assert.equal(sink.bytes.length, 1_000_000);
  assert(sink.writes.every(({ length }) => length <= LARGE_BUFFER_BYTES + 10_000));
});

Deno.test("Output reports a failed write once, and its accounts return to 0", async () => {
  const { output, sink, budget, calls, failures, share } = makeOutput();
  sink.hold();
  append(output, filled(1000, 1));
  share(filled(5000, 2));
  append(output, filled(10, 3));
  output.flush();
  await sink.take();
  const broken = new Error("Broken pipe");
  await sink.fail(broken);
  output.flush();
  await settled();
  assert.deepEqual(failures, [broken]);
  assert.deepEqual(calls, ["pending", "taken", "failed"]);
  assert.deepEqual([output.bufferedBytes, sink.waitingCount], [0, 0]);
  assert.deepEqual(budget, { bufferedBytes: 0, bytesSent: 1000 });
});

Deno.test("Output.discard() gives everything up, whatever the write that is going on does", async () => {
  for (const ending of ["taken", "failed"]) {
    const { output, sink, budget, share } = makeOutput();
    sink.hold();
    append(output, filled(1000, 1));
    share(filled(5000, 2));
    output.flush();
    await settled();
    output.discard();
    output.discard();
    assert(output.bufferedBytes <= 1000, "more than what is being sent is kept");
    if (ending === "taken") await sink.take();
    else await sink.fail(new Error("Bad resource ID"));
    assert.deepEqual([output.bufferedBytes, budget.bufferedBytes], [0, 0], ending);
    assert.equal(sink.waitingCount, 0);
  }
});

Deno.test("Output neither keeps nor counts what comes after its end", async () => {
  const { output, sink, budget, share } = makeOutput();
  output.discard();
  share(filled(5000, 1));
  share(filled(10, 1));
  output.flush();
  await settled();
  assert.deepEqual([output.bufferedBytes, budget.bufferedBytes, sink.writes.length], [0, 0, 0]);
});

Deno.test("Output shows every chunk to the tracer before it is sent", async () => {
  const seen: Uint8Array[] = [];
  const sink = new FakeSink();
  const pool = new BufferPool();
  const output = new Output(sink, pool, { bufferedBytes: 0, bytesSent: 0 }, {
    outputPending: () => {},
    outputTaken: () => {},
    outputGated: () => {},
    outputDrained: () => {},
    outputFailed: (error) => assert.fail(String(error)),
    traceOutput: (bytes) => {
      assert.equal(sink.writes.length, seen.length);
      seen.push(bytes.slice());
    },
  });
  append(output, filled(10, 1));
  output.share(chunkOf(filled(5000, 2), pool));
  output.flush();
  await settled();
  assert.deepEqual(seen, sink.writes);
});

Deno.test("Output holds what comes after a gate until its commit, and nothing before it", async () => {
  const { sink, output, calls } = makeOutput();
  append(output, filled(10, 1));
  output.gate(1);
  append(output, filled(10, 2));
  output.flush();
  await settled();
  assert.deepEqual(sink.bytes, filled(10, 1));
  assert.equal(output.bufferedBytes, 10);
  assert.equal(output.isEmpty, false);
  assert.deepEqual(calls.filter((call) => call === "gated" || call === "drained"), ["gated"]);
  assert.equal(output.committed(1), false);
  await settled();
  assert.deepEqual(sink.bytes, concat(filled(10, 1), filled(10, 2)));
  assert.deepEqual(calls.at(-1), "drained");
});

Deno.test("Output lets go gate by gate, in order, shared chunks too", async () => {
  const { sink, output, share } = makeOutput();
  output.gate(1);
  append(output, filled(10, 1));
  output.gate(1);
  append(output, filled(10, 2));
  output.gate(2);
  share(filled(5000, 3));
  output.gate(3);
  append(output, filled(10, 4));
  output.flush();
  await settled();
  assert.equal(sink.bytes.length, 0);
  assert.equal(output.committed(1), true);
  await settled();
  assert.deepEqual(sink.bytes, concat(filled(10, 1), filled(10, 2)));
  assert.equal(output.committed(3), false);
  await settled();
  assert.deepEqual(
    sink.bytes,
    concat(filled(10, 1), filled(10, 2), filled(5000, 3), filled(10, 4)),
  );
});

Deno.test("Output sends what is queued after a commit without waiting", async () => {
  const { sink, output } = makeOutput();
  output.gate(1);
  assert.equal(output.committed(1), false);
  append(output, filled(10, 1));
  output.flush();
  await settled();
  assert.deepEqual(sink.bytes, filled(10, 1));
});

Deno.test("Output gives up what waits for a commit when its connection is gone", () => {
  const { output, budget } = makeOutput();
  output.gate(1);
  append(output, filled(5000, 1));
  output.gate(2);
  append(output, filled(10, 2));
  output.discard();
  assert.equal(budget.bufferedBytes, 0);
  assert.equal(output.committed(2), false);
});
