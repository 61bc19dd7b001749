import assert from "node:assert/strict";
import { LoginQueue } from "../../src/net/login_queue.ts";

Deno.test("LoginQueue has some places for each address, and some for all of them", () => {
  const queue = new LoginQueue();
  const own = Array.from({ length: 20 }, () => queue.enter("a"));
  assert.equal(own.filter(Boolean).length, 4);
  let entered = 4;
  for (let address = 0; address < 100; address++) if (queue.enter(`b${address}`)) entered++;
  assert.deepEqual([entered, queue.suspectCount], [16, 16]);
});

Deno.test("LoginQueue gives the places of those who leave to others", () => {
  const queue = new LoginQueue();
  for (let time = 0; time < 4; time++) queue.enter("a");
  assert.equal(queue.enter("a"), false);
  queue.leave("a");
  assert.equal(queue.enter("a"), true);
  for (let time = 0; time < 4; time++) queue.leave("a");
  assert.equal(queue.suspectCount, 0);
});
