/**
 * What a session's queue takes, and what gives way when it is full.
 */

import assert from "node:assert/strict";
import { payloadsOf, publishNumbers, withAway } from "./away_fixture.ts";
import { MESSAGE_OVERHEAD_BYTES } from "../../src/broker/message.ts";
import { Core } from "../support/core.ts";

Deno.test("drop_newest keeps what waits and drops what comes", () => {
  const [core, , publisher] = withAway({ maximumQueuedMessages: 2, queueOverflow: "drop_newest" });
  publishNumbers(publisher, 4, 1);
  assert.deepEqual(core.events.take(), Array(2).fill("a dropped 1 of 't': queue_full"));
  assert.equal(core.broker.statistics.publishDropped, 2);
  assert.deepEqual(payloadsOf(core.connectKept("a")), ["1", "2"]);
});

Deno.test("drop_oldest makes room for what comes, and names the topic that was dropped", () => {
  const [core, , publisher] = withAway({ maximumQueuedMessages: 2, queueOverflow: "drop_oldest" });
  core.connectKept("a").subscribed("other").lose();
  core.events.take();
  publisher.publish("other", "0", { qos: 1 });
  publishNumbers(publisher, 3, 1);
  assert.deepEqual(core.events.take(), [
    "a dropped 1 of 'other': queue_full",
    "a dropped 1 of 't': queue_full",
  ]);
  assert.equal(core.broker.statistics.queuedMessages, 2);
  assert.deepEqual(payloadsOf(core.connectKept("a")), ["2", "3"]);
});

Deno.test("drop_oldest drops nothing for a message that can never fit", () => {
  const limits = { maximumQueuedBytes: 600, queueOverflow: "drop_oldest" } as const;
  const [core, , publisher] = withAway(limits);
  publisher.publish("t", "1", { qos: 1 });
  publisher.publish("t", "x".repeat(600), { qos: 1 });
  assert.deepEqual(payloadsOf(core.connectKept("a")), ["1"]);
});

Deno.test("disconnect closes a client that is too slow with 0x97, and drops what comes", () => {
  const core = new Core({ maximumQueuedMessages: 1, queueOverflow: "disconnect" });
  const client = core.connectKept("a").subscribed("t");
  const publisher = core.connect("publisher");
  core.events.take();
  client.link.isCongested = true;
  publishNumbers(publisher, 3, 1);
  const reason = "Cannot queue more messages for this client";
  assert.deepEqual(client.link.closed, { reasonCode: 0x97, reasonString: reason });
  assert.deepEqual(core.events.take(), [
    `a disconnected: ${reason}`,
    "a dropped 1 of 't': queue_full",
    "a dropped 1 of 't': queue_full",
  ]);
  assert.deepEqual(payloadsOf(core.connectKept("a")), ["1"]);
});

Deno.test("disconnect ends a session without expiry, and nothing of it is counted any more", () => {
  const core = new Core({ maximumQueuedMessages: 1, queueOverflow: "disconnect" });
  const client = core.connect("a").subscribed("t");
  const publisher = core.connect("publisher");
  core.events.take();
  client.link.isCongested = true;
  publishNumbers(publisher, 4, 1);
  const reason = "Cannot queue more messages for this client";
  assert.deepEqual(core.events.take(), [
    `a disconnected: ${reason}`,
    "a ended: the client left",
    "a dropped 1 of 't': session_ended",
  ]);
  const { queuedMessages, queuedBytes, clientsConnected } = core.broker.statistics;
  assert.deepEqual([queuedMessages, queuedBytes, clientsConnected], [0, 0, 1]);
  assert.equal(core.broker.router.tree.size, 0);
});

Deno.test("the queue is limited in bytes, for each session and for all", () => {
  const size = MESSAGE_OVERHEAD_BYTES + 1 + 1; // Overhead, Topic Name, payload.
  for (const limits of [{ maximumQueuedBytes: 2 * size }, { maximumTotalQueuedBytes: 2 * size }]) {
    const [core, client, publisher] = withAway(limits);
    publishNumbers(publisher, 3, 1);
    assert.equal(client.session.queuedBytes, 2 * size);
    assert.deepEqual(core.events.take(), ["a dropped 1 of 't': queue_full"]);
    assert.deepEqual(payloadsOf(core.connectKept("a")), ["1", "2"]);
    assert.equal(core.broker.statistics.queuedBytes, 0);
  }
});
