import assert from "node:assert/strict";
import { Inflight } from "../../src/broker/inflight.ts";
import { Message } from "../../src/broker/message.ts";
import { Outgoing } from "../../src/broker/outgoing.ts";
import { Topic } from "../../src/broker/topic_table.ts";

const message = new Message(new Topic("t"), new Uint8Array(0), 1, false);

function add(inflight: Inflight, count = 1): number[] {
  return Array.from({ length: count }, () => {
    const outgoing = new Outgoing(message, 1, false, [], undefined);
    inflight.add(outgoing);
    return outgoing.packetIdentifier;
  });
}

const identifiers = (inflight: Inflight) =>
  inflight.values().map(({ packetIdentifier }) => packetIdentifier);

Deno.test("Inflight gives Packet Identifiers from 1 on, each unused [MQTT-2.2.1-4]", () => {
  const inflight = new Inflight();
  assert.deepEqual(add(inflight, 20), Array.from({ length: 20 }, (_, index) => index + 1));
  assert.equal(inflight.size, 20);
  assert.equal(inflight.get(0), undefined);
  assert.equal(inflight.get(13)?.packetIdentifier, 13);
  assert.equal(inflight.get(13 + 32), undefined, "another identifier of the same slot");
});

Deno.test("Inflight goes on from the last identifier and starts again after 65,535", () => {
  const inflight = new Inflight();
  for (let identifier = 1; identifier <= 65_535; identifier++) {
    assert.deepEqual(add(inflight), [identifier]);
    inflight.delete(identifier);
  }
  assert.deepEqual(add(inflight, 2), [1, 2]);
});

Deno.test("Inflight passes over an identifier that is still in use [MQTT-2.2.1-4]", () => {
  const inflight = new Inflight();
  assert.deepEqual(add(inflight, 3), [1, 2, 3]);
  inflight.delete(1);
  inflight.delete(3);
  for (let identifier = 4; identifier <= 65_535; identifier++) {
    assert.deepEqual(add(inflight), [identifier]);
    inflight.delete(identifier);
  }
  assert.deepEqual(add(inflight, 2), [1, 3]);
  assert.deepEqual(identifiers(inflight), [2, 1, 3]);
});

Deno.test("Inflight holds 65,535 messages and then is full", () => {
  const inflight = new Inflight();
  const given = add(inflight, 65_535);
  assert.equal(new Set(given).size, 65_535);
  assert.equal(Math.min(...given), 1);
  assert.equal(inflight.isFull, true);
  inflight.delete(777);
  assert.equal(inflight.isFull, false);
  assert.deepEqual(add(inflight), [777]);
});

Deno.test("values() keeps the order of sending, however clients acknowledge [MQTT-4.6.0-1]", () => {
  const inflight = new Inflight();
  add(inflight, 8);
  for (const identifier of [5, 1, 8]) inflight.delete(identifier);
  add(inflight, 3);
  assert.deepEqual(identifiers(inflight), [2, 3, 4, 6, 7, 9, 10, 11]);
  assert.equal(inflight.size, 8);
});

Deno.test("an emptied Inflight that had grown large goes on as before", () => {
  const inflight = new Inflight();
  const given = add(inflight, 5000);
  for (const identifier of given.toReversed()) inflight.delete(identifier);
  assert.equal(inflight.size, 0);
  assert.deepEqual(inflight.values(), []);
  assert.deepEqual(add(inflight, 2), [5001, 5002]);
  assert.equal(inflight.get(1), undefined);
});
