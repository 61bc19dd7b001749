/**
 * Who waits for whom, and for how long: with a clock that the test moves.
 */

import assert from "node:assert/strict";
import { Backpressure } from "../../src/net/backpressure.ts";
import { settled } from "./fake_sink.ts";
import { FakeTimers } from "./fake_timers.ts";

const LIMITS = { highWaterBytes: 1000, lowWaterBytes: 500 };
/** Longer than any reader is waited for. */
const LONG_MS = 1000;
/** Longer than anything is remembered. */
const FORGOTTEN_MS = 60_000;

function setUp(timers: FakeTimers) {
  const backpressure = new Backpressure(LIMITS, () => timers.nowMs);
  const reader = (bufferedBytes: number) => ({ bufferedBytes });
  return { backpressure, reader };
}

/** Whether publishers that wait now have been let go. */
function watch(backpressure: Backpressure): { isOver: boolean } {
  const state = { isOver: false };
  void backpressure.relief().then(() => state.isOver = true);
  return state;
}

Deno.test("Backpressure asks nobody to wait up to the high water mark", async () => {
  using timers = new FakeTimers();
  const { backpressure, reader } = setUp(timers);
  assert.deepEqual([0, 999, 1000].map((bytes) => backpressure.added(reader(bytes))), [
    false,
    false,
    false,
  ]);
  assert.equal(timers.count, 0);
  await backpressure.relief();
});

Deno.test("Backpressure lets publishers go when the reader is down to the low water mark", async () => {
  using timers = new FakeTimers();
  const { backpressure, reader } = setUp(timers);
  const slow = reader(1001);
  assert.equal(backpressure.added(slow), true);
  const relief = watch(backpressure);
  slow.bufferedBytes = 501;
  backpressure.taken(slow);
  await settled();
  assert.equal(relief.isOver, false);
  slow.bufferedBytes = 500;
  backpressure.taken(slow);
  await settled();
  assert.deepEqual([relief.isOver, timers.count], [true, 0]);
});

Deno.test("Backpressure keeps publishers until the last of several readers has caught up", async () => {
  using timers = new FakeTimers();
  const { backpressure, reader } = setUp(timers);
  const readers = [reader(2000), reader(2000), reader(2000)] as const;
  assert.deepEqual(readers.map((one) => backpressure.added(one)), [true, true, true]);
  const relief = watch(backpressure);
  for (const one of readers) {
    assert.equal(relief.isOver, false);
    one.bufferedBytes = 0;
    backpressure.taken(one);
    await settled();
  }
  assert.equal(relief.isOver, true);
});

Deno.test("Backpressure gives up a reader that does not catch up, and waits for it no more", async () => {
  using timers = new FakeTimers();
  const { backpressure, reader } = setUp(timers);
  const stuck = reader(5000);
  backpressure.added(stuck);
  const relief = watch(backpressure);
  timers.advance(LONG_MS);
  await settled();
  assert.deepEqual([relief.isOver, timers.count], [true, 0]);
  assert.equal(backpressure.added(stuck), false);
  assert.equal(backpressure.added(reader(5000)), true, "others are waited for");
});

Deno.test("Backpressure waits again for a slow reader that has taken everything", () => {
  using timers = new FakeTimers();
  const { backpressure, reader } = setUp(timers);
  const slow = reader(5000);
  backpressure.added(slow);
  timers.advance(LONG_MS);
  slow.bufferedBytes = 1;
  backpressure.taken(slow);
  slow.bufferedBytes = 5000;
  assert.equal(backpressure.added(slow), false);
  slow.bufferedBytes = 0;
  backpressure.taken(slow);
  slow.bufferedBytes = 5000;
  assert.equal(backpressure.added(slow), true);
});

Deno.test("Backpressure waits again for a slow reader after some time", () => {
  using timers = new FakeTimers();
  const { backpressure, reader } = setUp(timers);
  const slow = reader(5000);
  backpressure.added(slow);
  timers.advance(LONG_MS);
  assert.equal(backpressure.added(slow), false);
  timers.advance(FORGOTTEN_MS);
  assert.equal(backpressure.added(slow), true);
});

Deno.test("Backpressure spends at most a tenth of the time on any number of slow readers", () => {
  using timers = new FakeTimers();
  const { backpressure, reader } = setUp(timers);
  let waitedMs = 0;
  for (let index = 0; index < 5000; index++) {
    // A publisher that goes on at once, to yet another reader that takes nothing.
    const waits = backpressure.added(reader(5000));
    timers.advance(10);
    if (waits || timers.count > 0) waitedMs += 10;
  }
  assert(waitedMs > 0 && waitedMs <= 0.11 * timers.nowMs, `${waitedMs} of ${timers.nowMs} ms`);
});

Deno.test("Backpressure gives a reader that came later its own time", async () => {
  using timers = new FakeTimers();
  const { backpressure, reader } = setUp(timers);
  backpressure.added(reader(5000));
  timers.advance(150);
  const later = reader(5000);
  backpressure.added(later);
  const relief = watch(backpressure);
  timers.advance(100);
  await settled();
  assert.equal(relief.isOver, false);
  later.bufferedBytes = 0;
  backpressure.taken(later);
  await settled();
  assert.deepEqual([relief.isOver, timers.count], [true, 0]);
});

Deno.test("Backpressure waits for no reader that is gone, and keeps no timer for it", async () => {
  using timers = new FakeTimers();
  const { backpressure, reader } = setUp(timers);
  const gone = reader(5000);
  backpressure.added(gone);
  const relief = watch(backpressure);
  backpressure.removed(gone);
  await settled();
  assert.deepEqual([relief.isOver, timers.count], [true, 0]);
  assert.equal(backpressure.added(gone), true, "it is not remembered as slow");
  backpressure.removed(gone);
  assert.equal(timers.count, 0);
});

Deno.test("Backpressure does not hold it against a reader that this process stood still", async () => {
  using timers = new FakeTimers();
  const { backpressure, reader } = setUp(timers);
  const late = reader(2000);
  assert.equal(backpressure.added(late), true);
  const relief = watch(backpressure);
  timers.nowMs += LONG_MS; // Nothing ran in all this time, the timer neither.
  timers.advance(0);
  await settled();
  assert.equal(relief.isOver, false);
  timers.advance(LONG_MS);
  await settled();
  assert.equal(relief.isOver, true, "its second moment was not the last");
});
