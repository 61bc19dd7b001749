import assert from "node:assert/strict";
import { Message } from "../../src/broker/message.ts";
import { RetainedMessages } from "../../src/broker/retained_messages.ts";
import { Topic } from "../../src/broker/topic_table.ts";
import { topicMatches } from "../../src/protocol/topic.ts";

const LIMITS = { maximumRetainedMessages: 100, maximumRetainedBytes: 100_000 };

const message = (topicName: string, payloadBytes = 1) =>
  new Message(new Topic(topicName), new Uint8Array(payloadBytes), 0, true);

function storeOf(...topicNames: string[]): RetainedMessages {
  const retained = new RetainedMessages(LIMITS);
  for (const topicName of topicNames) assert.equal(retained.set(message(topicName)), undefined);
  return retained;
}

const NAMES = [
  "a",
  "a/",
  "a/b",
  "a/b/c",
  "a//c",
  "/",
  "//",
  "/b",
  "b",
  "$SYS/x",
  "$SYS/x/y",
  "a/$x",
];
const FILTERS = [
  ...NAMES,
  ...["#", "+", "+/+", "+/+/+", "a/#", "a/+", "a/+/c", "a/b/#", "+/b", "+/b/#", "/#", "/+", "+/"],
  ...["$SYS/#", "$SYS/+", "$SYS/+/y", "+/x", "a/b/c/#", "a/b/c/d", "x/#", "b/#", "a/+/#"],
];

Deno.test("match() agrees with the reference matcher", () => {
  const retained = storeOf(...NAMES);
  for (const filter of FILTERS) {
    const found = retained.match(filter).map(({ topic }) => topic.name).sort();
    const expected = NAMES.filter((name) => topicMatches(filter, name)).sort();
    assert.deepEqual(found, expected, filter);
  }
});

Deno.test("match() gives no $-topics to a leading wildcard [MQTT-4.7.2-1]", () => {
  const retained = storeOf("$SYS/x", "a");
  assert.deepEqual(retained.match("#").map(({ topic }) => topic.name), ["a"]);
  assert.deepEqual(retained.match("+/x"), []);
});

Deno.test("set() replaces the message of its topic [MQTT-3.3.1-5]", () => {
  const retained = storeOf("a", "a/b");
  const newer = message("a", 20);
  assert.equal(retained.set(newer), undefined);
  assert.equal(retained.get("a"), newer);
  assert.equal(retained.count, 2);
  assert.equal(retained.bytes, newer.sizeBytes + message("a/b").sizeBytes);
});

Deno.test("delete() removes the message of a topic and what only led to it [MQTT-3.3.1-6]", () => {
  const retained = storeOf("a", "a/b/c");
  retained.delete("a/b");
  retained.delete("x/y");
  assert.equal(retained.count, 2);
  retained.delete("a/b/c");
  assert.equal(retained.get("a/b/c"), undefined);
  assert.deepEqual(retained.match("#").map(({ topic }) => topic.name), ["a"]);
  retained.delete("a");
  retained.delete("a");
  assert.deepEqual([retained.count, retained.bytes], [0, 0]);
  assert.deepEqual(retained.match("#"), []);
});

Deno.test("delete() leaves no node behind that leads to nothing", () => {
  const retained = storeOf("a", "a/b/c", "a/b/d", "/x");
  assert.equal(retained.nodeCount, 6);
  retained.delete("a/b/c");
  assert.equal(retained.nodeCount, 5);
  retained.delete("a/b/d");
  assert.equal(retained.nodeCount, 3);
  retained.delete("a");
  retained.delete("/x");
  assert.equal(retained.nodeCount, 0);
});

Deno.test("delete() on the way to a message keeps what leads to it", () => {
  const retained = storeOf("a", "a/b", "a/b/c");
  retained.delete("a/b");
  retained.delete("a");
  assert.deepEqual([retained.nodeCount, retained.count], [3, 1]);
  assert.deepEqual(retained.match("#").map(({ topic }) => topic.name), ["a/b/c"]);
});

Deno.test("ever new topics that are refused or deleted do not make the tree grow", () => {
  const retained = new RetainedMessages({ ...LIMITS, maximumRetainedMessages: 2 });
  assert.equal(retained.set(message("kept")), undefined);
  for (let index = 0; index < 1000; index++) {
    assert.equal(retained.set(message(`new/${index}/deep`)), undefined);
    assert.notEqual(retained.set(message(`refused/${index}`)), undefined);
    assert.equal(retained.get(`unknown/${index}`), undefined);
    retained.delete(`new/${index}/deep`);
  }
  assert.equal(retained.nodeCount, 1);
});

Deno.test("set() refuses a new topic over the number of messages, and still replaces", () => {
  const retained = new RetainedMessages({ ...LIMITS, maximumRetainedMessages: 1 });
  assert.equal(retained.set(message("a")), undefined);
  assert.equal(retained.set(message("b")), "1 retained messages");
  assert.equal(retained.get("b"), undefined);
  assert.equal(retained.set(message("a", 5)), undefined);
  assert.deepEqual(retained.match("#").map(({ topic }) => topic.name), ["a"]);
});

Deno.test("set() refuses what would take more bytes than allowed, and counts what it replaces", () => {
  const bytes = message("a", 10).sizeBytes;
  const retained = new RetainedMessages({ ...LIMITS, maximumRetainedBytes: bytes });
  assert.equal(retained.set(message("a", 10)), undefined);
  assert.equal(retained.set(message("a", 11)), `${bytes} bytes of retained messages`);
  assert.equal(retained.set(message("b", 0)), `${bytes} bytes of retained messages`);
  assert.equal(retained.get("a")?.payloadLength, 10);
  assert.equal(retained.set(message("a", 3)), undefined);
  assert.equal(retained.bytes, message("a", 3).sizeBytes);
});
