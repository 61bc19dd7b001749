import assert from "node:assert/strict";
import { Writer } from "../../src/protocol/writer.ts";
import {
  BatchReader,
  beginData,
  Change,
  endData,
  writeInbound,
  writeMessageKey,
  writeOutgoingKey,
  writeRetainedKey,
  writeSessionKey,
  writeSubscriptionKey,
} from "../../src/storage/batch.ts";
import { writeSession } from "../../src/storage/contents.ts";
import { EVERYTHING, Sieve, type Wanted } from "../../src/storage/sieve.ts";
import { newSession } from "./fixture.ts";

function putSession(writer: Writer, row: number, name: string, isConnected = false): void {
  const session = newSession(name);
  if (isConnected) session.disconnectedAtMs = undefined;
  writeSessionKey(writer, row, name);
  const start = beginData(writer);
  writeSession(writer, session, 0);
  endData(writer, start);
}

function putData(writer: Writer): void {
  endData(writer, beginData(writer));
}

/** A session of each kind with something of everything, and rows that belong to nothing. */
function chunk(): Uint8Array {
  const writer = new Writer();
  putSession(writer, 1, "a");
  putSession(writer, 2, "b", true);
  writeSubscriptionKey(writer, 1, "x");
  putData(writer);
  writeSubscriptionKey(writer, 99, "x");
  putData(writer);
  writeInbound(writer, Change.PutInbound, 2, 7);
  writeInbound(writer, Change.PutInbound, 99, 7);
  writeMessageKey(writer, 5);
  putData(writer);
  for (const topicName of ["r/1", "r/2"]) {
    writeRetainedKey(writer, topicName);
    putData(writer);
  }
  const outgoing = [[1, 1, 0, 0], [2, 1, 5, 3], [3, 2, 5, 0], [4, 99, 0, 0], [
    5,
    1,
    98,
    0,
  ]] as const;
  for (const [row, session, message, packetIdentifier] of outgoing) {
    writeOutgoingKey(writer, row, session, message, packetIdentifier, false);
    putData(writer);
  }
  return writer.written();
}

/** What is left of the chunk, in short. */
function left(wanted: Wanted): string[] {
  const batch = new BatchReader(new Sieve(wanted).sift(chunk()));
  const found: string[] = [];
  while (batch.next()) {
    const key = batch.change === Change.PutRetained ? batch.text : batch.row;
    found.push(`${Change[batch.change]?.slice(3)} ${key}`);
  }
  return found;
}

const SESSIONS = [
  "Session 1",
  "Session 2",
  "Subscription 1",
  "Subscription 99",
  "Inbound 2",
  "Inbound 99",
];

Deno.test("a sieve counts what belongs to something", () => {
  const sieve = new Sieve(EVERYTHING);
  sieve.sift(chunk());
  assert.deepEqual(sieve.counts, {
    sessions: 2,
    connected: 1,
    subscriptions: 1,
    outgoing: 3,
    inFlight: 1,
    inbound: 1,
    retained: 2,
  });
  assert.deepEqual(
    [1, 2, 99].map((row) => sieve.session(row))
      .map(({ queued, inFlight, disconnectedAtMs }) => [queued, inFlight, disconnectedAtMs]),
    [[1, 1, 1_000_000], [1, 0, NaN], [0, 0, NaN]],
  );
});

Deno.test("a sieve lets through what is wanted", () => {
  const nothing: Wanted = { messagesOf: () => false, retained: () => false };
  assert.deepEqual(left(nothing), SESSIONS);
  assert.deepEqual(left({ ...nothing, retained: (name) => name === "r/2" }), [
    ...SESSIONS,
    "Retained r/2",
  ]);
  assert.deepEqual(left({ ...nothing, messagesOf: (name) => name === "b" }), [
    ...SESSIONS,
    "Message 5",
    "Outgoing 3",
  ]);
  assert.deepEqual(left(EVERYTHING), [
    ...SESSIONS,
    "Message 5",
    "Retained r/1",
    "Retained r/2",
    "Outgoing 1",
    "Outgoing 2",
    "Outgoing 3",
  ]);
});

Deno.test("a chunk of which everything is wanted is not copied", () => {
  const writer = new Writer();
  putSession(writer, 1, "a");
  const whole = writer.written();
  assert.equal(new Sieve(EVERYTHING).sift(whole), whole);
});

Deno.test("of two sessions with one Client Identifier the last counts", () => {
  const writer = new Writer();
  putSession(writer, 1, "a", true);
  putSession(writer, 2, "a");
  writeOutgoingKey(writer, 1, 1, 0, 0, false);
  putData(writer);
  writeOutgoingKey(writer, 2, 2, 0, 0, false);
  putData(writer);
  const sieve = new Sieve(EVERYTHING);
  sieve.sift(writer.written());
  const { sessions, connected, outgoing } = sieve.counts;
  assert.deepEqual([sessions, connected, outgoing], [1, 0, 1]);
});
