import assert from "node:assert/strict";
import { SYSTEM_CLOCK } from "../../src/client/client_clock.ts";
import { FakeTimers } from "../net/fake_timers.ts";

Deno.test("SYSTEM_CLOCK.after() runs once, unless it is cancelled", () => {
  using timers = new FakeTimers();
  const ran: string[] = [];
  SYSTEM_CLOCK.after(10, () => ran.push("first"));
  const cancel = SYSTEM_CLOCK.after(10, () => ran.push("second"));
  cancel();
  timers.advance(30);
  assert.deepEqual([ran, timers.count], [["first"], 0]);
});

Deno.test("SYSTEM_CLOCK.nowMs() never goes back", () => {
  const before = SYSTEM_CLOCK.nowMs();
  assert.ok(SYSTEM_CLOCK.nowMs() >= before);
});
