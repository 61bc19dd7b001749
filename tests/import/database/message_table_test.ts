import assert from "node:assert/strict";
import { MessageTable } from "../../../src/import/database/message_table.ts";

Deno.test("messages are found by their keys, however many there are", () => {
  const table = new MessageTable();
  for (let key = 0; key < 5000; key++) table.add(key * 3, key * 100, key % 2 === 0);
  table.add(2n ** 60n, 7, false);
  assert.equal(table.size, 5001);
  const index = table.indexOf(3000) ?? -1;
  assert.deepEqual([index, table.startOf(index), table.isExpired(index)], [1000, 100_000, true]);
  assert.equal(table.startOf(table.indexOf(2n ** 60n) ?? -1), 7);
  assert.equal(table.indexOf(1), undefined);
});

Deno.test("it is counted who waits for a message, and which nobody wants", () => {
  const table = new MessageTable();
  for (let key = 1; key <= 2000; key++) table.add(key, key, false);
  const [one = -1, two = -1] = [table.indexOf(1), table.indexOf(2)];
  table.addWaiting(one);
  table.addWaiting(one);
  table.want(two);
  assert.deepEqual([table.waitingFor(one), table.waitingFor(two)], [2, 0]);
  assert.equal(table.countUnwanted(), 1998);
});

Deno.test("of two messages with one key the later counts", () => {
  const table = new MessageTable();
  table.add(1, 10, false);
  table.add(1, 20, false);
  assert.equal(table.startOf(table.indexOf(1) ?? -1), 20);
});
