import assert from "node:assert/strict";
import { forEachSome } from "../../src/load/connect_all.ts";

Deno.test("every index is taken once, and no more than so many at a time", async () => {
  const taken: number[] = [];
  let running = 0;
  let most = 0;
  await forEachSome(20, 3, undefined, async (index) => {
    most = Math.max(most, ++running);
    taken.push(index);
    await Promise.resolve();
    running--;
  });
  assert.deepEqual(taken, Array.from({ length: 20 }, (_, index) => index));
  assert.equal(most, 3);
});

Deno.test("after a failure no more are begun, and those that were begun are waited for", async () => {
  const done: number[] = [];
  const all = forEachSome(10, 2, undefined, async (index) => {
    if (index === 1) throw new Error("no");
    await new Promise((resolve) => setTimeout(resolve, 1));
    done.push(index);
  });
  await assert.rejects(all, /no/);
  assert.deepEqual(done, [0]);
});

Deno.test("after an abort no more are begun", async () => {
  const stop = new AbortController();
  const taken: number[] = [];
  await forEachSome(10, 1, stop.signal, (index) => {
    taken.push(index);
    if (index === 2) stop.abort();
    return Promise.resolve();
  });
  assert.deepEqual(taken, [0, 1, 2]);
});
