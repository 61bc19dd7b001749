import assert from "node:assert/strict";
import { SysTopics } from "../../src/broker/sys_topics.ts";
import { Housekeeping } from "../../src/net/housekeeping.ts";
import { Core } from "../support/core.ts";
import { FakeTimers } from "./fake_timers.ts";
import { testLogin } from "./login_fixture.ts";

/** Housekeeping of a broker, and how often `$SYS` was brought up to date. */
function housekeepingOf(core: Core, timers: FakeTimers, sysIntervalMs: number) {
  const told: number[] = [];
  let updates = 0;
  const housekeeping = new Housekeeping({
    broker: core.broker,
    login: testLogin(timers).service,
    events: { tick: (nowMs) => told.push(nowMs) },
    sysTopics: new SysTopics(core.broker, "test"),
    sysIntervalMs,
    storeFigures: () => void updates++,
    nowMs: () => core.nowMs,
  }, () => 0);
  return { housekeeping, told, updates: () => updates };
}

Deno.test("Housekeeping publishes $SYS topics at its interval, which may be changed", () => {
  using timers = new FakeTimers();
  const core = new Core();
  const { housekeeping, told, updates } = housekeepingOf(core, timers, 10_000);
  const pass = (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      core.nowMs += 1000;
      housekeeping.tick(core.nowMs);
    }
    return updates();
  };
  assert.equal(pass(1), 1);
  assert.equal(pass(9), 1);
  assert.equal(pass(11), 3);
  housekeeping.sysIntervalMs = Infinity;
  assert.equal(pass(60), 3);
  housekeeping.sysIntervalMs = 1000;
  assert.equal(pass(2), 5);
  assert.equal(told.length, 83);
});

Deno.test("Housekeeping keeps the rates of the last minute, with $SYS or without", () => {
  using timers = new FakeTimers();
  const core = new Core();
  const { housekeeping } = housekeepingOf(core, timers, Infinity);
  housekeeping.tick(core.nowMs);
  core.broker.statistics.bytesReceived += 3000;
  const rates = housekeeping.rates.rates(core.nowMs + 10_000, core.broker.statistics);
  assert.deepEqual([rates.seconds, rates.bytesReceived], [10, 300]);
});
