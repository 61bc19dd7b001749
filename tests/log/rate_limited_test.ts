/**
 * Warnings that repeat: one a key and interval, the others counted, whatever the keys are.
 */

import assert from "node:assert/strict";
import { moreLikeThis, RateLimited } from "../../src/log/rate_limited.ts";

Deno.test("note() lets the first through, holds back the others, and tells how many", () => {
  const limited = new RateLimited<string>(60_000);
  assert.deepEqual(
    [0, 1, 30_000, 59_999, 60_000, 60_001].map((nowMs) => limited.note("a", nowMs)),
    [0, undefined, undefined, undefined, 3, undefined],
  );
});

Deno.test("note() treats keys apart", () => {
  const limited = new RateLimited<string>(1000);
  assert.equal(limited.note("a", 0), 0);
  assert.equal(limited.note("b", 0), 0);
  assert.equal(limited.note("a", 10), undefined);
  assert.equal(limited.note("a", 1000), 1);
  assert.equal(limited.note("b", 1000), 0);
});

Deno.test("endIntervals() tells the last of a series, once, and forgets the keys", () => {
  const limited = new RateLimited<string>(1000);
  limited.note("a", 0);
  limited.note("b", 500);
  limited.note("a", 600);
  limited.note("b", 600);
  limited.note("c", 0);
  assert.deepEqual(limited.endIntervals(999), []);
  assert.deepEqual(limited.endIntervals(1000), [{ key: "a", count: 1 }]);
  assert.deepEqual(limited.endIntervals(1500), [{ key: "b", count: 1 }]);
  assert.deepEqual(limited.endIntervals(9000), []);
  assert.equal(limited.note("a", 9000), 0);
});

Deno.test("endIntervals() finds keys that are over behind one that was written again", () => {
  const limited = new RateLimited<string>(1000);
  limited.note("a", 0);
  limited.note("b", 10);
  limited.note("b", 20);
  limited.note("a", 1000);
  assert.deepEqual(limited.endIntervals(1010), [{ key: "b", count: 1 }]);
});

Deno.test("no number of different keys writes more than maxKeys + 1 warnings an interval", () => {
  const limited = new RateLimited<number>(1000, 10);
  for (let interval = 0; interval < 5; interval++) {
    let written = 0;
    for (let index = 0; index < 1000; index++) {
      const key = interval * 1000 + index;
      if (limited.note(key, interval * 1000 + index) !== undefined) written++;
    }
    assert.ok(written <= 11, `${written} warnings in interval ${interval}`);
  }
});

Deno.test("what finds no room is held back and told without a key", () => {
  const limited = new RateLimited<string>(1000, 1);
  assert.deepEqual(["a", "b", "c", "d"].map((key) => limited.note(key, 0)), [
    0,
    0,
    undefined,
    undefined,
  ]);
  assert.deepEqual(limited.endIntervals(1000), [{ key: undefined, count: 2 }]);
  assert.equal(limited.note("b", 1000), 0);
});

Deno.test("moreLikeThis() is empty for none and says the interval in seconds", () => {
  assert.equal(moreLikeThis(0, 60_000), "");
  assert.equal(moreLikeThis(3, 60_000), " (3 more like this in the last 60 s)");
});
