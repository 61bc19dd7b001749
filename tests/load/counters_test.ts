import assert from "node:assert/strict";
import { Counter, Counters } from "../../src/load/counters.ts";

Deno.test("threads count in rows of their own, and the total is of all", () => {
  const first = Counters.create(3);
  const second = new Counters(first.buffer, 1);
  const third = new Counters(first.buffer, 2);
  first.add(Counter.Sent, 5);
  second.add(Counter.Sent, 7);
  third.add(Counter.Received, 11);
  assert.deepEqual(
    [first, second, third].map((counters) => [
      counters.total(Counter.Sent),
      counters.total(Counter.Received),
    ]),
    [[12, 11], [12, 11], [12, 11]],
  );
});

Deno.test("begin() forgets the phase of its thread, not who is connected", () => {
  const first = Counters.create(2);
  const second = new Counters(first.buffer, 1);
  for (const counter of Object.values(Counter)) {
    first.add(counter, 1);
    second.add(counter, 10);
  }
  first.begin();
  assert.deepEqual(Object.values(Counter).map((counter) => first.total(counter)), [
    10,
    10,
    10,
    10,
    11,
    11,
  ]);
});
