import assert from "node:assert/strict";
import { Receipts } from "../../src/load/receipts.ts";

/** Takes the numbers of stream 5 in this order and says what came of it. */
function take(...sequences: number[]) {
  const receipts = new Receipts({ first: 5, count: 1 });
  const unique = sequences.filter((sequence) => receipts.take(5, sequence)).length;
  return { unique, duplicated: receipts.duplicated, outOfOrder: receipts.outOfOrder };
}

Deno.test("messages in order are all new", () => {
  assert.deepEqual(take(0, 1, 2, 3), { unique: 4, duplicated: 0, outOfOrder: 0 });
});

Deno.test("a message that does not come leaves a gap and nothing else", () => {
  assert.deepEqual(take(0, 2, 5), { unique: 3, duplicated: 0, outOfOrder: 0 });
});

Deno.test("a message that comes twice is duplicated, also the one that filled a gap", () => {
  assert.deepEqual(take(0, 0), { unique: 1, duplicated: 1, outOfOrder: 0 });
  assert.deepEqual(take(0, 2, 1, 1, 2), { unique: 3, duplicated: 2, outOfOrder: 1 });
});

Deno.test("what comes late fills its gap, in any order", () => {
  assert.deepEqual(take(0, 9, 5, 8, 1, 5, 2, 3, 4, 6, 7), {
    unique: 10,
    duplicated: 1,
    outOfOrder: 8,
  });
});

Deno.test("the numbers of a stream may go round after 2 ** 32 messages", () => {
  const receipts = new Receipts({ first: 0, count: 1 });
  receipts.take(0, 2 ** 31 - 1);
  receipts.take(0, 2 ** 32 - 2);
  const rest = [2 ** 32 - 1, 0, 2, 1].map((sequence) => receipts.take(0, sequence));
  assert.deepEqual(rest, [true, true, true, true]);
  assert.deepEqual([receipts.duplicated, receipts.outOfOrder], [0, 1]);
});

Deno.test("only so many gaps are remembered; then what is late counts as duplicated", () => {
  const receipts = new Receipts({ first: 0, count: 1 });
  for (let sequence = 1; sequence <= 2 * 1001; sequence += 2) receipts.take(0, sequence);
  assert.equal(receipts.take(0, 0), false);
  assert.equal(receipts.take(0, 2), true);
});

Deno.test("streams are counted apart, and what was not asked for is not new", () => {
  const receipts = new Receipts({ first: 5, count: 2 });
  assert.deepEqual(
    [receipts.take(5, 0), receipts.take(6, 0), receipts.take(4, 0), receipts.take(7, 0)],
    [true, true, false, false],
  );
  assert.equal(receipts.unasked, 2);
});

Deno.test("begin() expects everything from 0 again", () => {
  const receipts = new Receipts({ first: 0, count: 1 });
  for (const sequence of [0, 2, 1, 1]) receipts.take(0, sequence);
  receipts.begin();
  assert.equal(receipts.take(0, 0), true);
  assert.deepEqual([receipts.duplicated, receipts.outOfOrder], [0, 0]);
});
