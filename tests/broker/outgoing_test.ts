import assert from "node:assert/strict";
import { Message, MESSAGE_OVERHEAD_BYTES } from "../../src/broker/message.ts";
import { deliveryState, Outgoing, OutgoingQueue } from "../../src/broker/outgoing.ts";
import { Statistics } from "../../src/broker/statistics.ts";
import { Topic } from "../../src/broker/topic_table.ts";
import type { QoS } from "../../src/protocol/packet.ts";

function outgoing(qos: QoS, payloadBytes: number): Outgoing {
  const message = new Message(new Topic("t"), new Uint8Array(payloadBytes), qos, false);
  return new Outgoing(message, qos, false, [], undefined);
}

Deno.test("OutgoingQueue is first in, first out, and counts bytes and QoS 0 messages", () => {
  const queue = new OutgoingQueue(new Statistics());
  const [first, second, third] = [outgoing(0, 10), outgoing(1, 20), outgoing(0, 30)];
  for (const entry of [first, second, third]) queue.push(entry);
  assert.equal(queue.length, 3);
  assert.equal(queue.qos0Count, 2);
  assert.equal(queue.bytes, 60 + 3 * (MESSAGE_OVERHEAD_BYTES + 1));
  assert.equal(queue.peek(), first);
  assert.deepEqual([...queue], [first, second, third]);
  assert.deepEqual([queue.shift(), queue.shift()], [first, second]);
  assert.equal(queue.qos0Count, 1);
  assert.deepEqual([...queue], [third]);
  assert.equal(queue.shift(), third);
  assert.deepEqual([queue.length, queue.bytes, queue.qos0Count], [0, 0, 0]);
  assert.equal(queue.shift(), undefined);
  assert.equal(queue.peek(), undefined);
});

Deno.test("OutgoingQueue keeps the order over thousands of messages that come and go", () => {
  const queue = new OutgoingQueue(new Statistics());
  const entries = Array.from({ length: 6000 }, () => outgoing(1, 1));
  let taken = 0;
  entries.forEach((entry, index) => {
    queue.push(entry);
    // Two of three leave at once, so the head moves far while the queue stays long.
    if (index % 3 !== 0) assert.equal(queue.shift(), entries[taken++]);
  });
  assert.equal(queue.length, 2000);
  assert.deepEqual([...queue], entries.slice(taken));
  while (queue.length > 0) assert.equal(queue.shift(), entries[taken++]);
  assert.equal(taken, 6000);
  assert.equal(queue.bytes, 0);
});

Deno.test("deliveryState() tells what an exchange waits for", () => {
  const state = (packetIdentifier: number, qos: 1 | 2, released = false) =>
    deliveryState({ packetIdentifier, qos, released });
  assert.equal(state(0, 1), "queued");
  assert.equal(state(0, 2), "queued");
  assert.equal(state(7, 1), "waitsForPuback");
  assert.equal(state(7, 2), "waitsForPubrec");
  assert.equal(state(7, 2, true), "waitsForPubcomp");
});
