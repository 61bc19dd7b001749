import assert from "node:assert/strict";
import { nextTurn, nowUs } from "../../src/load/clock.ts";

Deno.test("the clock never goes back and counts microseconds since 1970", () => {
  let last = nowUs();
  const offMs = Math.abs(last / 1000 - (performance.timeOrigin + performance.now()));
  assert.ok(offMs < 1000, String(offMs));
  for (let look = 0; look < 1000; look++) {
    const now = nowUs();
    assert.ok(now >= last);
    last = now;
  }
});

Deno.test("nextTurn() comes after what is ready by itself", async () => {
  const order: string[] = [];
  const turn = nextTurn().then(() => order.push("turn"));
  await Promise.resolve().then(() => order.push("ready"));
  await turn;
  assert.deepEqual(order, ["ready", "turn"]);
});
