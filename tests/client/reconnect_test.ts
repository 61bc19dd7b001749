import assert from "node:assert/strict";
import { ReconnectDelay } from "../../src/client/reconnect.ts";

function delays(random: () => number, count: number): number[] {
  const delay = new ReconnectDelay(random);
  return Array.from({ length: count }, () => delay.next());
}

Deno.test("ReconnectDelay.next() doubles from 1 second up to 30 seconds", () => {
  const longest = delays(() => 1 - Number.EPSILON, 7);
  assert.deepEqual(longest, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

Deno.test("ReconnectDelay.next() takes at least half of the step", () => {
  assert.deepEqual(delays(() => 0, 7), [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
});

Deno.test("ReconnectDelay.reset() starts again with the first step", () => {
  const delay = new ReconnectDelay(() => 0);
  delay.next();
  delay.next();
  delay.reset();
  assert.equal(delay.next(), 500);
});
