import assert from "node:assert/strict";
import { Histogram } from "../../src/load/histogram.ts";
import { messageFigures, perSecond, type PhaseOutcome } from "../../src/load/load_result.ts";

function outcome(more: Partial<PhaseOutcome>): PhaseOutcome {
  return {
    fanOut: 2,
    sendSeconds: 4,
    deliverySeconds: 5,
    sent: 100,
    received: 190,
    completed: 95,
    refused: 5,
    duplicated: 1,
    outOfOrder: 2,
    unsent: 3,
    latency: new Histogram(),
    lateness: new Histogram(),
    ended: 0,
    endings: [],
    ...more,
  };
}

Deno.test("what was sent and not refused is expected by each subscriber, and received or lost", () => {
  const { expected, received, lost } = messageFigures(outcome({}));
  assert.deepEqual({ expected, received, lost }, { expected: 190, received: 190, lost: 0 });
  assert.equal(messageFigures(outcome({ received: 150 })).lost, 40);
});

Deno.test("rates are those of sending and of arriving", () => {
  const { sentPerSecond, receivedPerSecond } = messageFigures(outcome({}));
  assert.deepEqual([sentPerSecond, receivedPerSecond], [25, 38]);
  assert.equal(perSecond(10, 0), 0);
});

Deno.test("quantiles are those of the histograms", () => {
  const latency = new Histogram();
  for (let value = 1; value <= 100; value++) latency.record(value);
  const { latencyUs, latenessUs } = messageFigures(outcome({ latency }));
  assert.deepEqual(latencyUs, { p50: 50, p90: 90, p99: 99, p999: 100, max: 100 });
  assert.deepEqual(latenessUs, { p50: 0, p90: 0, p99: 0, p999: 0, max: 0 });
});
