import assert from "node:assert/strict";
import { Statistics } from "../../src/broker/statistics.ts";
import { Core } from "../support/core.ts";

Deno.test("every counter starts at 0", () => {
  const counters = Object.values(new Statistics());
  assert.ok(counters.length > 0);
  assert.deepEqual(new Set(counters), new Set([0]));
});

Deno.test("the core counts clients, queued messages, drops and expired sessions", () => {
  const core = new Core({ maximumQueuedMessages: 1 });
  const { statistics } = core.broker;
  const kept = core.connectKept("kept").subscribed("t");
  const publisher = core.connect("publisher");
  kept.lose();
  for (const payload of ["one", "two", "three"]) publisher.publish("t", payload, { qos: 1 });
  assert.equal(statistics.clientsConnected, 1);
  assert.equal(statistics.clientsMaximum, 2);
  assert.equal(statistics.connectionsAccepted, 2);
  assert.equal(statistics.queuedMessages, 1);
  assert.equal(statistics.queuedBytes, kept.session.queuedBytes);
  assert.ok(statistics.queuedBytes > 3);
  assert.equal(statistics.publishDropped, 2);
  assert.equal(statistics.droppedQueueFull, 2);
  core.advance(3_600_000);
  assert.equal(statistics.sessionsExpired, 1);
  assert.deepEqual([statistics.queuedMessages, statistics.queuedBytes], [0, 0]);
});

Deno.test("countDropped() counts all drops together, and each under its reason", () => {
  const statistics = new Statistics();
  const reasons = [
    "queue_full",
    "slow_reader",
    "packet_too_large",
    "expired",
    "session_ended",
    "not_authorized",
  ] as const;
  reasons.forEach((reason, index) => statistics.countDropped(reason, index + 1));
  statistics.countDropped("expired", 10);
  assert.equal(statistics.publishDropped, 31);
  assert.deepEqual(
    [
      statistics.droppedQueueFull,
      statistics.droppedSlowReader,
      statistics.droppedPacketTooLarge,
      statistics.droppedExpired,
      statistics.droppedSessionEnded,
      statistics.droppedNotAuthorized,
    ],
    [1, 2, 3, 14, 5, 6],
  );
});
