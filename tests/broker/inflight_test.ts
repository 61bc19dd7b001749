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

function restored(inflight: Inflight, packetIdentifier: number): void {
  inflight.restore(new Outgoing(message, 1, false, [], undefined), packetIdentifier);
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
  for (let last = 0; last < 65_535;) {
    const [identifier] = add(inflight) as [number];
    assert.ok(identifier > last, "in order");
    inflight.delete(identifier);
    last = identifier;
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

Deno.test("a message that is never acknowledged does not make Inflight grow", () => {
  const inflight = new Inflight();
  add(inflight, 1);
  const given = new Set([1]);
  for (let round = 0; round < 100_000; round++) {
    const [identifier] = add(inflight) as [number];
    assert.notEqual(identifier, 1);
    given.add(identifier);
    inflight.delete(identifier);
  }
  assert.equal(inflight.slotCount, 8);
  assert.equal(given.size, 65_535 - 65_536 / 8 + 1, "all but those of the slot that is taken");
  assert.deepEqual(identifiers(inflight), [1]);
});

Deno.test("Inflight has at most four slots for each message of its fullest moment", () => {
  const inflight = new Inflight();
  add(inflight, 4);
  assert.equal(inflight.slotCount, 8);
  add(inflight, 1);
  assert.equal(inflight.slotCount, 16);
  add(inflight, 995);
  for (let identifier = 2; identifier <= 1000; identifier++) inflight.delete(identifier);
  for (let round = 0; round < 10_000; round++) inflight.delete(add(inflight)[0] as number);
  assert.equal(inflight.slotCount, 2048);
});

Deno.test("Packet Identifiers stay unique when acknowledgements come in any order [MQTT-2.2.1-4]", () => {
  const inflight = new Inflight();
  let inUse: number[] = [];
  for (let round = 0; round < 20_000; round++) {
    const [identifier] = add(inflight) as [number];
    assert.ok(!inUse.includes(identifier), `${identifier} is in use`);
    inUse.push(identifier);
    // A fifth is never acknowledged before there are 40 of them.
    if (inUse.length > 40) inUse = inUse.filter((each, at) => at % 5 === 0 || release(each));
    if (round % 1000 === 0) assert.deepEqual(identifiers(inflight), inUse);
  }
  assert.equal(inflight.size, inUse.length);
  assert.equal(inflight.slotCount, 128);

  function release(identifier: number): boolean {
    inflight.delete(identifier);
    return false;
  }
});

Deno.test("restore() puts messages back under their identifiers, in order of sending", () => {
  const inflight = new Inflight();
  for (const identifier of [65_535, 9, 1, 17, 65]) restored(inflight, identifier);
  assert.deepEqual(identifiers(inflight), [65_535, 9, 1, 17, 65]);
  assert.equal(inflight.size, 5);
  const more = add(inflight, 5);
  assert.equal(new Set([...identifiers(inflight)]).size, 10);
  assert.deepEqual(identifiers(inflight).slice(5), more);
  assert.equal(inflight.get(17)?.packetIdentifier, 17);
});

Deno.test("restore() refuses an identifier that is in use [MQTT-2.2.1-4]", () => {
  const inflight = new Inflight();
  const [first, second] = [1, 2].map(() => new Outgoing(message, 1, false, [], undefined));
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(inflight.restore(first, 7), true);
  assert.equal(inflight.restore(second, 7), false);
  assert.deepEqual([inflight.get(7), inflight.size, second.packetIdentifier], [first, 1, 0]);
});
