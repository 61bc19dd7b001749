import assert from "node:assert/strict";
import { Turns } from "../../src/access/turns.ts";

/** Lets everything that is ready go on. */
async function settle(): Promise<void> {
  for (let round = 0; round < 5; round++) await Promise.resolve();
}

Deno.test("turns are taken in the order of asking, as many as may run", async () => {
  const turns = new Turns({ maximumRunning: 2, maximumWaiting: 2 });
  const { signal } = new AbortController();
  const got: number[] = [];
  for (let number = 0; number < 4; number++) {
    assert.equal(turns.isFull, false);
    turns.take(signal).then(() => got.push(number));
  }
  assert.equal(turns.isFull, true);
  await settle();
  assert.deepEqual(got, [0, 1]);
  turns.giveBack();
  await settle();
  assert.deepEqual(got, [0, 1, 2]);
  for (let count = 0; count < 3; count++) turns.giveBack();
  await settle();
  assert.deepEqual(got, [0, 1, 2, 3]);
  assert.equal(turns.isFull, false);
});

Deno.test("who gives up while waiting has taken nothing", async () => {
  const turns = new Turns({ maximumRunning: 1, maximumWaiting: 1 });
  const { signal } = new AbortController();
  await turns.take(signal);
  const impatient = new AbortController();
  const waiting = turns.take(impatient.signal);
  assert.equal(turns.isFull, true);
  impatient.abort(new Error("too late"));
  await assert.rejects(waiting, { message: "too late" });
  await assert.rejects(turns.take(impatient.signal), { message: "too late" });
  assert.equal(turns.isFull, false);
  turns.giveBack();
  await turns.take(signal);
});

Deno.test("a turn that was handed over is not lost when its taker gives up at the same time", async () => {
  const turns = new Turns({ maximumRunning: 1, maximumWaiting: 1 });
  const controller = new AbortController();
  await turns.take(controller.signal);
  const waiting = turns.take(controller.signal);
  turns.giveBack();
  controller.abort(new Error("too late"));
  await waiting;
  turns.giveBack();
  await turns.take(new AbortController().signal);
});
