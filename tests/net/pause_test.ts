import assert from "node:assert/strict";
import { Pause } from "../../src/net/pause.ts";
import { settled } from "./fake_sink.ts";
import { FakeTimers } from "./fake_timers.ts";

Deno.test("Pause ends when it is told to, and whoever waits goes on", async () => {
  const pause = new Pause();
  pause.begin();
  let isOver = false;
  void pause.over().then(() => isOver = true);
  await settled();
  assert.deepEqual([pause.isOn, isOver], [true, false]);
  pause.end();
  await settled();
  assert.deepEqual([pause.isOn, isOver], [false, true]);
  await pause.over();
});

Deno.test("Pause ends by itself when a time is given", async () => {
  using timers = new FakeTimers();
  const pause = new Pause();
  pause.begin(100);
  timers.advance(99);
  assert.equal(pause.isOn, true);
  timers.advance(1);
  assert.equal(pause.isOn, false);
  await pause.over();
});

Deno.test("Pause that is ended early, or begun again, leaves no timer behind", () => {
  using timers = new FakeTimers();
  const pause = new Pause();
  pause.begin(100);
  pause.begin(200);
  assert.equal(timers.count, 1);
  pause.end();
  assert.equal(timers.count, 0);
});
