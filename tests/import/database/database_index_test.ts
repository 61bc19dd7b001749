import assert from "node:assert/strict";
import { DatabaseIndex, type IndexOptions } from "../../../src/import/database/database_index.ts";
import { MessageState } from "../../../src/import/database/records.ts";
import { DatabaseBuilder } from "./database_fixture.ts";
import { withFile } from "./file_on_disk.ts";
import { NOW_MS } from "./imported_store.ts";

const PLAIN: IndexOptions = {
  nowMs: NOW_MS,
  persistentClientExpirationMs: Infinity,
  usersAreProven: true,
  isBridge: () => false,
};

function indexOf(builder: DatabaseBuilder, options: Partial<IndexOptions> = {}): DatabaseIndex {
  return withFile(builder, (file) => {
    const index = new DatabaseIndex({ ...PLAIN, ...options });
    for (const _step of index.read(file)) { /* To the end. */ }
    return index;
  });
}

/** How many wait for the messages with these keys. */
function waiting({ messages }: DatabaseIndex, keys: readonly number[]): number[] {
  return keys.map((key) => messages.waitingFor(messages.indexOf(key) ?? -1));
}

Deno.test("sessions are found with their subscriptions", () => {
  const index = indexOf(
    new DatabaseBuilder().client("one", { username: "anna" }).client("two", { interval: 5 })
      .client("three").subscription("one", "a/#").subscription("three", "b", { options: 4 }),
    { nowMs: 0 },
  );
  const found = [...index.sessions.values()].map((session) => [
    session?.row,
    session?.clientIdentifier,
    session?.username,
    session?.protocolVersion,
    session?.subscriptions.map(({ topicFilter }) => topicFilter),
  ]);
  assert.deepEqual(
    found,
    [
      [1, "one", "anna", 4, ["a/#"]],
      [2, "two", undefined, 5, []],
      [3, "three", undefined, 5, ["b"]],
    ],
  );
  assert.equal(index.subscriptionCount, 2);
});

Deno.test("it is counted who waits for a message; what came from a client waits for nobody", () => {
  const index = indexOf(
    new DatabaseBuilder().message({ key: 1 }).message({ key: 2 }).message({ key: 3 })
      .client("a").clientMessage("a", { key: 1 })
      .clientMessage("a", { key: 2, qos: 0 })
      .clientMessage("a", { key: 3, qos: 2, isIncoming: true, state: MessageState.WaitForPubrel })
      .client("b").clientMessage("b", { key: 1, qos: 2, state: MessageState.WaitForPubrec }),
  );
  assert.deepEqual(waiting(index, [1, 2, 3]), [2, 0, 0]);
  assert.deepEqual(
    index.inbound.map(({ session, packetIdentifier, message }) => [
      session.clientIdentifier,
      packetIdentifier,
      message,
    ]),
    [["a", 1, 2]],
  );
  assert.equal(index.messages.countUnwanted(), 0);
});

Deno.test("what has expired has nobody who waits for it, unless it was sent", () => {
  const expiryTime = NOW_MS / 1000;
  const index = indexOf(
    new DatabaseBuilder().message({ key: 1, expiryTime }).message({
      key: 2,
      expiryTime: expiryTime + 1,
    })
      .client("a").clientMessage("a", { key: 1 }).clientMessage("a", { key: 2 })
      .clientMessage("a", { key: 1, state: MessageState.WaitForPuback }),
  );
  assert.deepEqual(waiting(index, [1, 2]), [1, 1]);
});

Deno.test("sessions that are over and those of bridges are left out with all they have", () => {
  const index = indexOf(
    new DatabaseBuilder().message({ key: 1 }).client("over", { interval: 1, expiryTime: 5 })
      .clientMessage("over", { key: 1 }).client("local.bridge").clientMessage("local.bridge")
      .subscription("local.bridge", "#"),
    { isBridge: (name) => name === "local.bridge" },
  );
  assert.deepEqual([index.expiredSessions, index.bridges], [1, ["local.bridge"]]);
  assert.deepEqual([...index.sessions.values()], [undefined, undefined]);
  assert.deepEqual([waiting(index, [1]), index.orphans, index.subscriptionCount], [[0], 0, 0]);
});

Deno.test("what refers to nothing in the file is counted", () => {
  const index = indexOf(
    new DatabaseBuilder().message({ key: 1 }).message({ key: 8 }).client("a").client("")
      .clientMessage("a", { key: 2 }).clientMessage("nobody", { key: 1 })
      .subscription("nobody", "a").retained(3).chunk(99, (body) => body.byte(1))
      .subscription("a", "a/#/b"),
  );
  assert.deepEqual([index.missing, index.orphans, index.unknownChunks], [2, 3, 1]);
  assert.equal(index.messages.countUnwanted(), 1);
  assert.deepEqual(index.invalidSubscriptions, [
    `'a/#/b' of client 'a': "#" is not the last level`,
  ]);
});

Deno.test("the second of two clients with one name does not take the place of the first", () => {
  const index = indexOf(new DatabaseBuilder().client("a", { username: "x" }).client("a"));
  assert.deepEqual([...index.sessions.values()].map((session) => session?.username), ["x"]);
});
