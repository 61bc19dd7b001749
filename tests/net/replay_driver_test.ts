import assert from "node:assert/strict";
import { ReplayDriver } from "../../src/net/replay_driver.ts";
import { FakeTimers } from "./fake_timers.ts";

/** A budget that is awaited for so many turns. */
class FakeBudget {
  turns = 0;
  #left: number;

  constructor(left: number) {
    this.#left = left;
  }
  get isAwaited(): boolean {
    return this.turns < this.#left;
  }
  proceed(): void {
    this.turns++;
  }
}

Deno.test("ReplayDriver goes on by itself until nobody waits any more", () => {
  using timers = new FakeTimers();
  const budget = new FakeBudget(3);
  const driver: ReplayDriver = new ReplayDriver(budget, (part) => part(), () => driver.soon());
  driver.soon();
  driver.soon();
  assert.equal(budget.turns, 0, "the others have their turn first");
  timers.advance(10);
  assert.equal(budget.turns, 1, "one timer, however often it is asked");
  timers.advance(1000);
  assert.equal(budget.turns, 3);
});

Deno.test("ReplayDriver does nothing while nobody waits, nor when it was stopped", () => {
  using timers = new FakeTimers();
  const idle = new FakeBudget(0);
  new ReplayDriver(idle, (part) => part(), () => {}).soon();
  const budget = new FakeBudget(1);
  const driver = new ReplayDriver(budget, (part) => part(), () => {});
  driver.soon();
  driver.stop();
  driver.soon();
  timers.advance(1000);
  assert.deepEqual([idle.turns, budget.turns], [0, 0]);
});
