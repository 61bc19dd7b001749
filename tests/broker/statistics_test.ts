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
  core.advance(3_600_000);
  assert.equal(statistics.sessionsExpired, 1);
  assert.deepEqual([statistics.queuedMessages, statistics.queuedBytes], [0, 0]);
});
