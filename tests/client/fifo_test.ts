import assert from "node:assert/strict";
import { Fifo } from "../../src/client/fifo.ts";

Deno.test("Fifo gives items back in their order, however many go through it", () => {
  const fifo = new Fifo<number>();
  const taken: number[] = [];
  for (let next = 0; next < 5000; next++) {
    fifo.push(next);
    if (next % 3 === 0) continue;
    taken.push(fifo.first() as number);
    fifo.drop();
  }
  assert.equal(fifo.length, 5000 - taken.length);
  const all = [...taken, ...fifo.takeAll()];
  assert.deepEqual(all, Array.from({ length: 5000 }, (_, index) => index));
  assert.deepEqual([fifo.length, fifo.first()], [0, undefined]);
});
