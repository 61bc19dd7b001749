import assert from "node:assert/strict";
import { Message } from "../../src/broker/message.ts";
import { nodeBytes } from "../../src/broker/node_bytes.ts";
import { RetainedMessages } from "../../src/broker/retained_messages.ts";
import { Topic } from "../../src/broker/topic_table.ts";
import { topicMatches } from "../../src/protocol/topic.ts";

const LIMITS = { maximumRetainedMessages: 100, maximumRetainedBytes: 100_000 };

const message = (topicName: string, payloadBytes = 1) =>
  new Message(new Topic(topicName), new Uint8Array(payloadBytes), 0, true);

/** What the nodes of a topic are charged for when no other topic shares them. */
const pathBytes = (topicName: string) =>
  topicName.split("/").reduce((sum, level) => sum + nodeBytes(level), 0);

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

Deno.test("values() gives every message, $-topics too", () => {
  const names = [...storeOf(...NAMES).values()].map(({ topic }) => topic.name);
  assert.deepEqual(names.sort(), NAMES.toSorted());
  assert.deepEqual([...storeOf().values()], []);
});

Deno.test("set() replaces the message of its topic [MQTT-3.3.1-5]", () => {
  const retained = storeOf("a", "a/b");
  const newer = message("a", 20);
  assert.equal(retained.set(newer), undefined);
  assert.equal(retained.get("a"), newer);
  assert.equal(retained.count, 2);
  assert.equal(retained.bytes, newer.sizeBytes + message("a/b").sizeBytes + pathBytes("a/b"));
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
  const bytes = message("a", 10).sizeBytes + pathBytes("a");
  const retained = new RetainedMessages({ ...LIMITS, maximumRetainedBytes: bytes });
  assert.equal(retained.set(message("a", 10)), undefined);
  assert.equal(retained.set(message("b", 0)), `${bytes} bytes of retained messages`);
  assert.equal(retained.get("a")?.payloadLength, 10);
  assert.equal(retained.set(message("a", 3)), undefined);
  assert.equal(retained.bytes, message("a", 3).sizeBytes + pathBytes("a"));
});

Deno.test("set() deletes the old message when the new one is too large: it would be stale", () => {
  const bytes = message("a/b", 10).sizeBytes + pathBytes("a/b");
  const retained = new RetainedMessages({ ...LIMITS, maximumRetainedBytes: bytes });
  assert.equal(retained.set(message("a/b", 10)), undefined);
  assert.equal(
    retained.set(message("a/b", 11)),
    `${bytes} bytes of retained messages (its old message is deleted)`,
  );
  assert.equal(retained.get("a/b"), undefined);
  assert.deepEqual([retained.count, retained.bytes, retained.nodeCount], [0, 0, 0]);
});

Deno.test("every level that leads to a message is charged, once", () => {
  const retained = storeOf("a/b/c");
  const one = message("a/b/c").sizeBytes;
  assert.equal(retained.bytes, one + pathBytes("a/b/c"));
  assert.equal(retained.set(message("a/b/d")), undefined);
  assert.equal(retained.bytes, 2 * one + pathBytes("a/b/c") + nodeBytes("d"));
  retained.delete("a/b/c");
  assert.equal(retained.bytes, one + pathBytes("a/b/d"));
  retained.delete("a/b/d");
  assert.equal(retained.bytes, 0);
});

Deno.test("topics of many levels reach the limit of bytes as soon as the memory they take", () => {
  const retained = new RetainedMessages(LIMITS);
  const deep = (index: number) => message(`${index}${"/x".repeat(127)}`);
  assert.equal(retained.set(deep(1)), undefined);
  assert.ok(retained.bytes > 128 * 250);
  assert.equal(retained.set(deep(2)), undefined);
  assert.equal(retained.set(deep(3)), undefined);
  assert.equal(retained.set(deep(4)), "100000 bytes of retained messages");
  assert.deepEqual([retained.count, retained.nodeCount], [3, 3 * 128]);
});

Deno.test("no limit holds for $SYS messages, and they are not charged", () => {
  const none = { maximumRetainedMessages: 0, maximumRetainedBytes: 0 };
  const retained = new RetainedMessages(none);
  assert.equal(retained.set(message("$SYS/broker/uptime")), undefined);
  assert.equal(retained.set(message("$SYS/broker/uptime", 50)), undefined);
  assert.equal(retained.set(message("a")), "0 retained messages");
  assert.equal(retained.get("$SYS/broker/uptime")?.payloadLength, 50);
  assert.deepEqual([retained.count, retained.bytes], [1, 0]);
});

Deno.test("systemCount counts $SYS messages alone", () => {
  const retained = storeOf("$SYS/x", "a", "$SYS/y", "b");
  assert.deepEqual([retained.count, retained.systemCount], [4, 2]);
  retained.delete("$SYS/x");
  retained.delete("a");
  assert.deepEqual([retained.count, retained.systemCount], [2, 1]);
});

Deno.test("$SYS messages take no room from those of clients", () => {
  const bytes = message("a").sizeBytes + pathBytes("a");
  const retained = new RetainedMessages({
    maximumRetainedMessages: 1,
    maximumRetainedBytes: bytes,
  });
  assert.equal(retained.set(message("$SYS/x/y")), undefined);
  assert.equal(retained.set(message("a")), undefined);
  assert.equal(retained.set(message("b")), "1 retained messages");
  assert.deepEqual([retained.count, retained.bytes], [2, bytes]);
  retained.delete("$SYS/x/y");
  assert.equal(retained.set(message("b")), "1 retained messages");
  retained.delete("a");
  assert.equal(retained.set(message("b")), undefined);
  assert.deepEqual([retained.count, retained.bytes], [1, bytes]);
});

Deno.test("the node '$SYS' is charged to whoever brought it, and the bytes return to 0", () => {
  for (const topicNames of [["$SYS", "$SYS/x"], ["$SYS/x", "$SYS"]]) {
    const retained = storeOf(...topicNames);
    const node = topicNames[0] === "$SYS" ? nodeBytes("$SYS") : 0;
    assert.equal(retained.bytes, message("$SYS").sizeBytes + node);
    for (const topicName of topicNames) retained.delete(topicName);
    assert.deepEqual([retained.bytes, retained.count, retained.nodeCount], [0, 0, 0]);
  }
});
