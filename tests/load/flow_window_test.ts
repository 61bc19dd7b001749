import assert from "node:assert/strict";
import { Counter, Counters } from "../../src/load/counters.ts";
import { FlowWindow } from "../../src/load/flow_window.ts";

function setUp(fanOut: number, messages: number) {
  const counters = Counters.create(1);
  const flow = new FlowWindow({ counters, fanOut, messages });
  flow.begin();
  return { counters, flow };
}

Deno.test("the window is closed while so many messages are under way to all subscribers", () => {
  const { counters, flow } = setUp(3, 10);
  counters.add(Counter.Sent, 9);
  assert.equal(flow.isOpen, true);
  counters.add(Counter.Sent, 1);
  assert.equal(flow.isOpen, false);
  counters.add(Counter.Received, 1);
  assert.equal(flow.isOpen, true);
});

Deno.test("without subscribers nothing comes back, and the window is always open", () => {
  const { counters, flow } = setUp(0, 10);
  counters.add(Counter.Sent, 1e9);
  assert.equal(flow.isOpen, true);
});

Deno.test("who waits goes on when there is room", async () => {
  const { counters, flow } = setUp(1, 2);
  counters.add(Counter.Sent, 2);
  let isOpen = false;
  const waiting = flow.whenOpen().then(() => isOpen = true);
  flow.check(0);
  await Promise.resolve();
  assert.equal(isOpen, false);
  counters.add(Counter.Received, 1);
  flow.check(1);
  await waiting;
  assert.equal(isOpen, true);
});

Deno.test("what does not come for a quarter of a second no longer closes the window", async () => {
  const { counters, flow } = setUp(1, 2);
  counters.add(Counter.Sent, 2);
  const waiting = flow.whenOpen();
  for (const us of [0, 200_000, 250_000]) flow.check(us);
  assert.equal(flow.isOpen, false);
  flow.check(250_001);
  await waiting;
  assert.equal(flow.isOpen, true);
  counters.add(Counter.Sent, 2);
  assert.equal(flow.isOpen, false);
});

Deno.test("the end of a phase lets all go on", async () => {
  const { counters, flow } = setUp(1, 1);
  counters.add(Counter.Sent, 1);
  const waiting = [flow.whenOpen(), flow.whenOpen()];
  flow.openAll();
  await Promise.all(waiting);
  assert.equal(flow.isOpen, false);
});
