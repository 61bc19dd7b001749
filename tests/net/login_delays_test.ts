import assert from "node:assert/strict";
import { LoginDelays } from "../../src/net/login_delays.ts";
import { settled } from "./fake_sink.ts";
import { FakeTimers } from "./fake_timers.ts";

Deno.test("LoginDelays lets an answer wait for its time", async () => {
  using timers = new FakeTimers();
  const delays = new LoginDelays();
  let isOver = false;
  void delays.wait(500)?.over.then(() => isOver = true);
  timers.advance(499);
  await settled();
  assert.deepEqual([isOver, delays.waitingCount], [false, 1]);
  timers.advance(1);
  await settled();
  assert.deepEqual([isOver, delays.waitingCount], [true, 0]);
});

Deno.test("LoginDelays lets nobody wait for nothing, or over the maximum", () => {
  using timers = new FakeTimers();
  const delays = new LoginDelays(2);
  assert.equal(delays.wait(0), undefined);
  const waits = [1, 2, 3, 4].map(() => delays.wait(100));
  assert.deepEqual(waits.map((one) => one !== undefined), [true, true, false, false]);
  assert.deepEqual([delays.waitingCount, timers.count], [2, 2]);
  timers.advance(100);
  assert.equal(delays.waitingCount, 0);
});

Deno.test("LoginDelays gives the place of whoever leaves to others, once", async () => {
  using timers = new FakeTimers();
  const delays = new LoginDelays(1);
  let isOver = false;
  const first = delays.wait(100);
  void first?.over.then(() => isOver = true);
  first?.cancel();
  first?.cancel();
  assert.deepEqual([delays.waitingCount, timers.count], [0, 0]);
  assert.notEqual(delays.wait(100), undefined);
  timers.advance(100);
  await settled();
  assert.deepEqual([isOver, delays.waitingCount], [false, 0]);
});
