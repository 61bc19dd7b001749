import assert from "node:assert/strict";
import { Writer } from "../../src/protocol/writer.ts";
import { BatchReader, Change } from "../../src/storage/batch.ts";
import { PendingChanges } from "../../src/storage/pending_changes.ts";
import { Fate, RestoredMessage, RestoredOutgoing } from "../../src/storage/restored.ts";
import { Core } from "../support/core.ts";
import { newMessage, newOutgoing, newSession, newSubscription } from "./fixture.ts";

/** The changes that a batch would have now: "PutOutgoing 3". */
function take(changes: PendingChanges): string[] {
  const writer = new Writer();
  changes.take(writer, 0);
  const reader = new BatchReader(writer.written());
  const found: string[] = [];
  while (reader.next()) found.push(`${Change[reader.change]} ${reader.row}`);
  return found;
}

Deno.test("messages that several wait for are written once, and deleted with the last", () => {
  const changes = new PendingChanges();
  const core = new Core();
  const message = newMessage("t", "1");
  const sessions = ["a", "b", "c"].map((name) => newSession(name, core));
  const outgoing = sessions.map((session) => {
    const each = newOutgoing(message);
    changes.addOutgoing(session, each);
    return each;
  });
  assert.deepEqual(take(changes).slice(3), [
    "PutMessage 1",
    "PutOutgoing 1",
    "PutOutgoing 2",
    "PutOutgoing 3",
  ]);
  const removed = sessions.map((session, index) => {
    changes.removeOutgoing(session, outgoing[index] as typeof outgoing[number]);
    return take(changes);
  });
  assert.deepEqual(removed, [
    ["DeleteOutgoing 1"],
    ["DeleteOutgoing 2"],
    ["DeleteOutgoing 3", "DeleteMessage 1"],
  ]);
});

Deno.test("a message stored with its only recipient gets a row when another comes later", () => {
  const changes = new PendingChanges();
  const core = new Core();
  const [one, two] = [newSession("a", core), newSession("b", core)];
  const message = newMessage("t", "1");
  const [first, second] = [newOutgoing(message), newOutgoing(message)];
  changes.addOutgoing(one, first);
  assert.deepEqual(take(changes), ["PutSession 1", "PutOutgoing 1"]);
  changes.addOutgoing(two, second);
  assert.deepEqual(take(changes), ["PutSession 2", "PutMessage 1", "PutOutgoing 2"]);
  changes.removeOutgoing(two, second);
  assert.deepEqual(take(changes), ["DeleteOutgoing 2"]);
  changes.removeOutgoing(one, first);
  assert.deepEqual(take(changes), ["DeleteOutgoing 1", "DeleteMessage 1"]);
});

Deno.test("rows keep their order when most of those before them are cancelled", () => {
  const changes = new PendingChanges();
  const session = newSession("a");
  changes.saveSession(session);
  take(changes);
  const all = Array.from(
    { length: 5000 },
    (_, number) => newOutgoing(newMessage("t", `${number}`)),
  );
  for (const outgoing of all) changes.addOutgoing(session, outgoing);
  const kept = all.filter((_, index) => index % 50 === 3);
  for (const outgoing of all) {
    if (!kept.includes(outgoing)) changes.removeOutgoing(session, outgoing);
  }
  const rows = kept.map(({ journalRow }) => journalRow);
  assert.deepEqual(rows, rows.toSorted((one, other) => one - other));
  assert.ok((rows.at(-1) ?? 0) < 5000, "the gaps were closed");
  assert.deepEqual(take(changes), rows.map((row) => `PutOutgoing ${row}`));
});

Deno.test("an update is written for what is stored and only for that", () => {
  const changes = new PendingChanges();
  const session = newSession("a");
  const [stays, goes] = [newOutgoing(newMessage("t", "1")), newOutgoing(newMessage("t", "2"))];
  for (const outgoing of [stays, goes]) {
    changes.addOutgoing(session, outgoing);
    changes.updateOutgoing(outgoing);
  }
  assert.deepEqual(take(changes), ["PutSession 1", "PutOutgoing 1", "PutOutgoing 2"]);
  for (const outgoing of [stays, goes]) changes.updateOutgoing(outgoing);
  changes.removeOutgoing(session, goes);
  assert.deepEqual(take(changes), ["DeleteOutgoing 2", "UpdateOutgoing 1"]);
});

Deno.test("subscriptions, inbound identifiers and retained messages count as they are at the end", () => {
  const changes = new PendingChanges();
  const session = newSession("a");
  const subscription = newSubscription(session, "f");
  changes.saveSubscription(subscription);
  changes.saveSubscription(subscription);
  changes.addInbound(session, 1);
  changes.saveRetained(newMessage("r", "1"));
  changes.saveRetained(newMessage("r", "2"));
  changes.deleteRetained("gone");
  assert.deepEqual(take(changes).map((change) => change.split(" ")[0]), [
    "PutSession",
    "PutSubscription",
    "PutInbound",
    "PutRetained",
    "DeleteRetained",
  ]);
  changes.deleteSubscription(subscription);
  changes.removeInbound(session, 1);
  assert.deepEqual(take(changes), ["DeleteSubscription 1", "DeleteInbound 1"]);
  assert.deepEqual(take(changes), []);
});

Deno.test("what has no session known here is ignored when it goes", () => {
  const changes = new PendingChanges();
  const session = newSession("a");
  changes.deleteSession(session);
  changes.removeInbound(session, 1);
  changes.removeOutgoing(session, newOutgoing(newMessage("t", "1")));
  assert.deepEqual(take(changes), []);
});

/** A stored session with one stored message in these rows. */
function stored(sessionRow: number, outgoingRow: number) {
  const none = new Uint8Array(0);
  const message = new RestoredMessage("t", none, 0, 0, 1, false, none, Infinity, 0);
  const outgoing = new RestoredOutgoing(message, 1, false, [], 0, false, undefined, outgoingRow);
  const session = {
    clientIdentifier: "a",
    username: undefined,
    listener: "",
    address: "",
    groups: [],
    protocolVersion: 5 as const,
    bridge: false,
    expiryIntervalMs: 1000,
    disconnectedAtMs: 0,
    will: undefined,
    subscriptions: [],
    outgoing: [outgoing],
    inboundPacketIdentifiers: [],
    row: sessionRow,
    wasConnected: false,
    fate: Fate.Unknown,
  };
  return { session, outgoing };
}

Deno.test("what was adopted keeps its rows, and new rows come after them", () => {
  const changes = new PendingChanges();
  changes.reserveRows(5, 0, 40);
  const restored = stored(5, 40);
  const session = newSession("a");
  const outgoing = newOutgoing(newMessage("t", ""));
  changes.adoptSession(session, restored.session);
  changes.adoptOutgoing(session, outgoing, restored.outgoing);
  assert.deepEqual(take(changes), []);
  changes.addOutgoing(session, newOutgoing(newMessage("t", "2")));
  changes.removeOutgoing(session, outgoing);
  changes.saveSession(newSession("b"));
  assert.deepEqual(take(changes), ["DeleteOutgoing 40", "PutSession 6", "PutOutgoing 41"]);
});

Deno.test("a session whose client was connected at the end is stored anew with the time", () => {
  const changes = new PendingChanges();
  changes.adoptSession(newSession("a"), { ...stored(5, 40).session, wasConnected: true });
  assert.deepEqual(take(changes), ["PutSession 5"]);
});

Deno.test("adopting too late, or another message for the same content, is refused", () => {
  const changes = new PendingChanges();
  const session = newSession("a");
  const { session: storedSession, outgoing } = stored(5, 40);
  const late = { ...storedSession, fate: Fate.Removed };
  assert.throws(() => changes.adoptSession(session, late), /while its session is read/);
  changes.adoptSession(session, storedSession);
  changes.adoptOutgoing(session, newOutgoing(newMessage("t", "")), outgoing);
  assert.throws(
    () => changes.adoptOutgoing(session, newOutgoing(newMessage("t", "")), outgoing),
    /another Message/,
  );
});

Deno.test("when everything is forgotten it can be recorded again in new rows", () => {
  const changes = new PendingChanges();
  const session = newSession("a");
  const outgoing = newOutgoing(newMessage("t", "1"));
  changes.addOutgoing(session, outgoing);
  take(changes);
  changes.forgetEverything();
  assert.equal(outgoing.journalRow, 0);
  changes.addOutgoing(session, outgoing);
  assert.deepEqual(take(changes), ["PutSession 2", "PutOutgoing 2"]);
});

Deno.test("count says roughly how much waits, and 0 when nothing does", () => {
  const changes = new PendingChanges();
  const session = newSession("a");
  assert.equal(changes.count, 0);
  changes.saveSession(session);
  changes.saveSubscription(newSubscription(session, "f"));
  const outgoing = newOutgoing(newMessage("t", "1"));
  changes.addOutgoing(session, outgoing);
  changes.saveRetained(newMessage("r", "1"));
  assert.equal(changes.count, 3);
  changes.removeOutgoing(session, outgoing);
  changes.deleteRetained("s");
  assert.equal(changes.count, 3);
  take(changes);
  assert.equal(changes.count, 0);
});
