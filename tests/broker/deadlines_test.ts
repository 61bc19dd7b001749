import assert from "node:assert/strict";
import { Deadlines } from "../../src/broker/deadlines.ts";

function takeAll(deadlines: Deadlines<number>, nowMs: number): number[] {
  const taken: number[] = [];
  for (let due = deadlines.takeDue(nowMs); due !== undefined; due = deadlines.takeDue(nowMs)) {
    taken.push(due);
  }
  return taken;
}

Deno.test("takeDue() gives what is due, earliest first, and leaves the rest", () => {
  const deadlines = new Deadlines<number>();
  for (const dueMs of [50, 10, 40, 20, 30]) deadlines.add(dueMs, dueMs);
  assert.equal(deadlines.takeDue(9), undefined);
  assert.deepEqual(takeAll(deadlines, 30), [10, 20, 30]);
  assert.equal(deadlines.size, 2);
  assert.deepEqual(takeAll(deadlines, 1000), [40, 50]);
  assert.equal(deadlines.size, 0);
  assert.equal(deadlines.takeDue(Infinity), undefined);
});

Deno.test("takeDue() gives each of several entries that are due at the same time", () => {
  const deadlines = new Deadlines<number>();
  for (const value of [1, 2, 3, 4]) deadlines.add(7, value);
  assert.deepEqual(takeAll(deadlines, 7).sort(), [1, 2, 3, 4]);
});

Deno.test("takeDue() sorts a thousand entries that come in a scattered order", () => {
  const deadlines = new Deadlines<number>();
  const values = Array.from({ length: 1000 }, (_, index) => index * 7919 % 1000);
  for (const value of values) deadlines.add(value, value);
  assert.deepEqual(takeAll(deadlines, 499), Array.from({ length: 500 }, (_, index) => index));
  for (const value of [700, 100, 999]) deadlines.add(value, value);
  const rest = takeAll(deadlines, 999);
  assert.equal(rest.length, 503);
  assert.deepEqual(rest, rest.toSorted((one, other) => one - other));
});

Deno.test("cancel() takes an entry out, and lets go of what it held", () => {
  const deadlines = new Deadlines<number>();
  const entries = [50, 10, 40, 20, 30].map((dueMs) => deadlines.add(dueMs, dueMs));
  deadlines.cancel(entries[1]);
  deadlines.cancel(entries[1]);
  deadlines.cancel(entries[4]);
  deadlines.cancel(undefined);
  assert.equal(entries[1]?.value, undefined);
  assert.deepEqual(takeAll(deadlines, 1000), [20, 40, 50]);
  deadlines.cancel(entries[0]);
  assert.equal(deadlines.size, 0);
});

Deno.test("cancel() keeps the heap small, however often something is put off", () => {
  const deadlines = new Deadlines<number>();
  for (let value = 0; value < 10; value++) deadlines.add(5_000 + value, value);
  let latest = deadlines.add(1_000_000, 10);
  for (let time = 0; time < 10_000; time++) {
    deadlines.cancel(latest);
    latest = deadlines.add(1_000_000 + time * 7919 % 1000, 10);
    assert(deadlines.size <= 64, `${deadlines.size} entries`);
  }
  assert.deepEqual(takeAll(deadlines, Infinity), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

Deno.test("cancel() of many leaves the others in order", () => {
  const deadlines = new Deadlines<number>();
  const values = Array.from({ length: 1000 }, (_, index) => index * 7919 % 1000);
  const entries = values.map((value) => deadlines.add(value, value));
  for (const entry of entries) if (entry.dueMs % 3 !== 0) deadlines.cancel(entry);
  const expected = values.filter((value) => value % 3 === 0).sort((one, other) => one - other);
  assert.deepEqual(takeAll(deadlines, Infinity), expected);
});
