import assert from "node:assert/strict";
import { RateWindow } from "../../src/net/rates.ts";

/** Counters that have counted `each` of everything for `seconds`. */
const counters = (seconds: number) => ({
  messagesReceived: seconds,
  messagesSent: 2 * seconds,
  bytesReceived: 100 * seconds,
  bytesSent: 200 * seconds,
});

Deno.test("RateWindow says 0 before it has seen anything", () => {
  assert.deepEqual(new RateWindow().rates(5000, counters(7)), {
    seconds: 0,
    messagesReceived: 0,
    messagesSent: 0,
    bytesReceived: 0,
    bytesSent: 0,
  });
});

Deno.test("RateWindow looks back to its beginning, and a minute at most", () => {
  const window = new RateWindow();
  const expected = { messagesReceived: 1, messagesSent: 2, bytesReceived: 100, bytesSent: 200 };
  for (let second = 0; second <= 300; second++) {
    window.note(second * 1000, counters(second));
    if (second === 10) {
      assert.deepEqual(window.rates(10_000, counters(10)), { seconds: 10, ...expected });
    }
  }
  assert.deepEqual(window.rates(300_000, counters(300)), { seconds: 60, ...expected });
  // Silence since then.
  for (let second = 301; second <= 330; second++) window.note(second * 1000, counters(300));
  assert.equal(window.rates(330_000, counters(300)).messagesReceived, 0.5);
  for (let second = 331; second <= 361; second++) window.note(second * 1000, counters(300));
  assert.equal(window.rates(361_000, counters(300)).messagesReceived, 0);
});

Deno.test("RateWindow makes no huge rate of the first moments", () => {
  const window = new RateWindow();
  window.note(1000, counters(0));
  assert.equal(window.rates(1001, counters(5)).messagesReceived, 5);
});
