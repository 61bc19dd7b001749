import assert from "node:assert/strict";
import { DayCounter } from "../../src/net/day_counter.ts";

/** A time of the local day of the month, in November 2026. */
const at = (day: number, hour: number) => new Date(2026, 10, day, hour).getTime();

Deno.test("DayCounter counts what came since midnight", () => {
  const counter = new DayCounter();
  assert.equal(counter.today(at(23, 9)), 0);
  counter.note(100, at(23, 10));
  counter.note(150, at(23, 23));
  assert.equal(counter.today(at(23, 23)), 150);
  assert.equal(counter.today(at(24, 0)), 0);
  counter.note(170, at(24, 1));
  assert.equal(counter.today(at(24, 2)), 20);
  // Days without anything.
  counter.note(175, at(27, 1));
  assert.equal(counter.today(at(27, 1)), 5);
});
