import assert from "node:assert/strict";
import { Message } from "../../src/broker/message.ts";
import { PayloadArena } from "../../src/broker/payload_arena.ts";
import { RetainedMessages } from "../../src/broker/retained_messages.ts";
import { Topic } from "../../src/broker/topic_table.ts";
import { Random } from "../simulation/random.ts";

const KIB = 1024;

function messageOf(length: number, first = 0, topicName = "t"): Message {
  const payload = Uint8Array.from({ length }, (_, index) => first + index);
  return new Message(new Topic(topicName), payload, 0, true);
}

Deno.test("payloads that are taken lie in one buffer, unaltered", () => {
  const arena = new PayloadArena();
  const messages = [1, 100, 1024].map((length, index) => messageOf(length, index));
  for (const message of messages) arena.take(message);
  assert.equal(arena.slabCount, 1);
  assert.equal(new Set(messages.map((message) => message.payloadBytes)).size, 1);
  const expected = [1, 100, 1024].map((length, index) => messageOf(length, index).payload);
  assert.deepEqual(messages.map(({ payload }) => payload), expected);
});

Deno.test("an empty payload and a long one keep their own buffer", () => {
  const arena = new PayloadArena();
  for (const length of [0, 1025]) {
    const message = messageOf(length, 7);
    const { payloadBytes } = message;
    arena.take(message);
    assert.equal(message.payloadBytes, payloadBytes);
    arena.release(message);
    assert.equal(message.payloadBytes, payloadBytes);
  }
  assert.equal(arena.slabCount, 0);
});

Deno.test("a message that is released has its own bytes: nothing here changes them", () => {
  const arena = new PayloadArena();
  const released = messageOf(50, 1);
  arena.take(released);
  arena.release(released);
  arena.take(messageOf(50, 100));
  assert.deepEqual(released.payload, messageOf(50, 1).payload);
  assert.equal(released.payloadBytes.buffer.byteLength, 50);
});

Deno.test("releasing a message twice, or one that was never taken, changes nothing", () => {
  const arena = new PayloadArena();
  const [taken, other] = [messageOf(50, 1), messageOf(50, 2)];
  arena.take(taken);
  arena.release(other);
  assert.equal(arena.messageCount, 1);
  arena.release(taken);
  arena.release(taken);
  assert.equal(arena.messageCount, 0);
  assert.deepEqual(
    [taken, other].map(({ payload }) => payload),
    [messageOf(50, 1), messageOf(50, 2)].map(({ payload }) => payload),
  );
});

Deno.test("a buffer that is less than half full is emptied into another", () => {
  const arena = new PayloadArena();
  const messages = Array.from({ length: 16 * 8 }, (_, index) => messageOf(KIB, index));
  for (const message of messages) arena.take(message);
  assert.equal(arena.slabCount, 8);
  // Of each buffer's sixteen, two stay.
  const kept = messages.filter((_, index) => index % 8 === 0);
  for (const message of messages) if (!kept.includes(message)) arena.release(message);
  // Sixteen of 1 KiB fill one; a buffer may be half full, and one is being filled.
  assert.ok(arena.slabCount <= 3, `${arena.slabCount} buffers`);
  const held = new Set(kept.map((message) => message.payloadBytes));
  assert.ok(held.size <= arena.slabCount, `${held.size} buffers are held`);
  assert.equal(arena.messageCount, kept.length);
  for (const [index, message] of messages.entries()) {
    assert.deepEqual(message.payload, messageOf(KIB, index).payload);
  }
});

Deno.test("one value that is replaced for ever does not make the buffers grow", () => {
  const arena = new PayloadArena();
  let last = messageOf(1);
  for (let index = 0; index < 100_000; index++) {
    arena.take(last);
    arena.release(last);
    last = messageOf(1, index);
  }
  assert.ok(arena.slabCount <= 1, `${arena.slabCount} buffers`);
});

Deno.test("whatever is retained, replaced and deleted: every payload stays as it was sent", () => {
  const random = new Random(1);
  const retained = new RetainedMessages({
    maximumRetainedMessages: 1000,
    maximumRetainedBytes: 100_000_000,
  });
  /** Who held them before goes on holding them. */
  const sent: { message: Message; length: number; first: number }[] = [];
  for (let step = 0; step < 20_000; step++) {
    const topicName = `t/${random.below(200)}`;
    if (random.chance(0.3)) {
      retained.delete(topicName);
      continue;
    }
    const [length, first] = [random.below(1200), random.below(256)];
    const message = messageOf(length, first, topicName);
    retained.set(message);
    sent.push({ message, length, first });
  }
  for (const { message, length, first } of sent) {
    assert.deepEqual(message.payload, messageOf(length, first).payload);
  }
});
