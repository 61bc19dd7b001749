import assert from "node:assert/strict";
import { IdleCollector } from "../../src/storage/idle_collector.ts";

const MEBIBYTE = 1024 * 1024;

/** A collector whose timers the test lets go off. */
function newCollector() {
  const timers: { delayMs: number; action: () => void; isCancelled: boolean }[] = [];
  let collections = 0;
  const collector = new IdleCollector(() => collections++, (delayMs, action) => {
    const timer = { delayMs, action, isCancelled: false };
    timers.push(timer);
    return () => timer.isCancelled = true;
  });
  return { collector, timers, collections: () => collections };
}

Deno.test("little work is left to the runtime's own collections", () => {
  const { collector, timers } = newCollector();
  for (let batch = 0; batch < 3; batch++) collector.worked(MEBIBYTE);
  assert.equal(timers.length, 0);
});

Deno.test("a burst is collected once, a second after its last batch", () => {
  const { collector, timers, collections } = newCollector();
  for (let batch = 0; batch < 6; batch++) collector.worked(MEBIBYTE);
  const live = timers.filter(({ isCancelled }) => !isCancelled);
  assert.deepEqual(live.map(({ delayMs }) => delayMs), [1000]);
  live[0]?.action();
  assert.equal(collections(), 1);
  collector.worked(MEBIBYTE);
  assert.equal(timers.length, 3, "the next burst is counted anew");
});

Deno.test("nothing is collected after stop()", () => {
  const { collector, timers } = newCollector();
  collector.worked(5 * MEBIBYTE);
  collector.stop();
  assert.deepEqual(timers.map(({ isCancelled }) => isCancelled), [true]);
});
