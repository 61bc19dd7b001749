import assert from "node:assert/strict";
import { type CommitPort, SqliteJournal } from "../../src/storage/journal.ts";
import { BatchReader, Change } from "../../src/storage/batch.ts";
import type { Session } from "../../src/broker/session.ts";
import { LAZY_MS, SHORTEST_HOPE_MS } from "../../src/storage/commit_timer.ts";
import { Core } from "../support/core.ts";
import { newMessage, newOutgoing, newSession } from "./fixture.ts";

/** A journal whose batches and due actions the test lets go one by one. */
class Bench {
  batches: Uint8Array[] = [];
  committed: number[] = [];
  due: { action: () => void; delayMs: number; dueMs: number }[] = [];
  now = 1000;
  readonly journal: SqliteJournal;

  constructor(durability: "full" | "relaxed" = "full", commitIntervalMs = 0) {
    const port: CommitPort = { commit: (batch) => void this.batches.push(batch) };
    this.journal = new SqliteJournal({
      port,
      nowMs: () => this.now,
      wallMs: () => this.now,
      durability,
      commitIntervalMs,
      soon: (action) => void this.due.push({ action, delayMs: 0, dueMs: this.now }),
      schedule: (action, delayMs) => {
        const entry = { action, delayMs, dueMs: this.now + delayMs };
        this.due.push(entry);
        return () => this.due = this.due.filter((each) => each !== entry);
      },
    });
    this.journal.onCommitted = (number) => void this.committed.push(number);
  }

  /** Time goes on until everything that waits for it has happened. */
  runDue(): void {
    for (const { action, dueMs } of this.due.splice(0)) {
      this.now = Math.max(this.now, dueMs);
      action();
    }
  }
}

/** A bench, and a session of a client that is away. */
function start(durability: "full" | "relaxed" = "full", commitIntervalMs = 0) {
  const bench = new Bench(durability, commitIntervalMs);
  const { journal } = bench;
  return { bench, journal, session: newSession("a") };
}

/** The same, and the session is on the disk. */
function startStored() {
  const started = start();
  started.journal.saveSession(started.session);
  started.bench.runDue();
  started.journal.committed();
  return started;
}

/** The kinds of the changes in a batch, in order. */
function kinds(batch: Uint8Array | undefined): string[] {
  const found: string[] = [];
  const reader = new BatchReader(batch ?? new Uint8Array(0));
  while (reader.next()) found.push(Change[reader.change] as string);
  return found;
}

Deno.test("a commit is reported when its batch is on the disk, and not before", () => {
  const bench = new Bench();
  const { journal } = bench;
  assert.equal(journal.pendingCommit, 0);
  journal.addOutgoing(newSession("a"), newOutgoing(newMessage("t", "1")));
  assert.equal(journal.pendingCommit, 1);
  bench.runDue();
  assert.deepEqual(kinds(bench.batches[0]), ["PutSession", "PutOutgoing"]);
  assert.equal(journal.pendingCommit, 1);
  assert.deepEqual(bench.committed, []);
  journal.committed();
  assert.deepEqual(bench.committed, [1]);
  assert.equal(journal.pendingCommit, 0);
});

Deno.test("what is recorded while a batch is on its way follows it in one batch", () => {
  const { bench, journal, session } = start();
  journal.saveSession(session);
  bench.runDue();
  journal.addOutgoing(session, newOutgoing(newMessage("t", "1")));
  assert.equal(journal.pendingCommit, 2);
  journal.addInbound(session, 5);
  bench.runDue();
  assert.equal(bench.batches.length, 1);
  journal.committed();
  assert.deepEqual(kinds(bench.batches[1]), ["PutInbound", "PutOutgoing"]);
  assert.deepEqual(bench.committed, [1]);
});

Deno.test("a message that is acknowledged before its commit never reaches the disk", () => {
  const { bench, journal, session } = startStored();
  const outgoing = newOutgoing(newMessage("t", "1"));
  journal.addOutgoing(session, outgoing);
  journal.updateOutgoing(session, outgoing);
  journal.removeOutgoing(session, outgoing);
  // Who waits for commit 2 has to hear of it all the same.
  assert.equal(journal.pendingCommit, 2);
  bench.runDue();
  assert.equal(bench.batches.length, 1);
  assert.deepEqual(bench.committed, [1, 2]);
  assert.equal(journal.pendingCommit, 0);
});

/** A session whose client is connected and takes what it is sent. */
function onlineSession(): Session {
  return new Core().connectKept("a").session;
}

Deno.test("what is on its way to a client that keeps up is given time to be acknowledged", () => {
  const bench = new Bench();
  const { journal } = bench;
  const session = onlineSession();
  journal.saveSession(session);
  bench.runDue();
  bench.now += 8;
  journal.committed();
  const [first, second] = [newOutgoing(newMessage("t", "1")), newOutgoing(newMessage("t", "2"))];
  journal.addOutgoing(session, first);
  assert.deepEqual(bench.due.map(({ delayMs }) => delayMs), [8], "as long as the last commit took");
  journal.addOutgoing(session, second);
  journal.removeOutgoing(session, first);
  assert.equal(bench.due.length, 1, "the second one is still on its way");
  journal.removeOutgoing(session, second);
  assert.equal(journal.pendingCommit, 2);
  bench.due.find(({ delayMs }) => delayMs === 0)?.action();
  assert.deepEqual([bench.batches.length, bench.committed], [1, [1, 2]]);
});

Deno.test("what is not acknowledged in that time is written", () => {
  const bench = new Bench();
  const { journal } = bench;
  const session = onlineSession();
  journal.addOutgoing(session, newOutgoing(newMessage("t", "1")));
  assert.deepEqual(bench.due.map(({ delayMs }) => delayMs), [SHORTEST_HOPE_MS]);
  bench.runDue();
  assert.deepEqual(kinds(bench.batches[0]), ["PutSession", "PutOutgoing"]);
});

Deno.test("there is no time for QoS 2, for clients that are away, and for a crowd of messages", () => {
  const urgent = (session: Session, qos: 1 | 2, count: number) => {
    const bench = new Bench();
    for (let number = 0; number < count; number++) {
      bench.journal.addOutgoing(session, newOutgoing(newMessage("t", "1", qos), qos));
    }
    return bench.due.some(({ delayMs }) => delayMs === 0);
  };
  assert.deepEqual([
    urgent(onlineSession(), 1, 63),
    urgent(onlineSession(), 1, 64),
    urgent(onlineSession(), 2, 1),
    urgent(newSession("away"), 1, 1),
  ], [false, true, true, true]);
});

Deno.test("what nobody waits for is written with others, and answers do not wait for it", () => {
  const { bench, journal, session } = start();
  const outgoing = newOutgoing(newMessage("t", "1"));
  journal.addOutgoing(session, outgoing);
  bench.runDue();
  journal.committed();
  journal.removeOutgoing(session, outgoing);
  journal.saveRetained(newMessage("r", "1", 0));
  assert.deepEqual(bench.due.map(({ delayMs }) => delayMs), [LAZY_MS]);
  assert.equal(journal.pendingCommit, 0);
  journal.addInbound(session, 1);
  assert.equal(journal.pendingCommit, 2);
  bench.runDue();
  assert.deepEqual(kinds(bench.batches[1]), [
    "DeleteOutgoing",
    "PutInbound",
    "PutRetained",
  ]);
});

Deno.test("a session that ends before its commit leaves nothing", () => {
  const { bench, journal, session } = start();
  journal.saveSession(session);
  journal.addOutgoing(session, newOutgoing(newMessage("t", "1")));
  journal.addInbound(session, 1);
  journal.deleteSession(session);
  bench.runDue();
  assert.deepEqual([bench.batches.length, bench.committed], [0, [1]]);
});

Deno.test("a session that ends takes its messages and their contents with it", () => {
  const bench = new Bench();
  const { journal } = bench;
  const one = newSession("one");
  const two = newSession("two");
  const message = newMessage("t", "1");
  const outgoing = newOutgoing(message);
  journal.addOutgoing(one, newOutgoing(message));
  journal.addOutgoing(two, outgoing);
  bench.runDue();
  const all = ["PutSession", "PutSession", "PutMessage", "PutOutgoing", "PutOutgoing"];
  assert.deepEqual(kinds(bench.batches[0]), all);
  journal.committed();
  journal.deleteSession(one);
  bench.runDue();
  assert.deepEqual(kinds(bench.batches[1]), ["DeleteSession", "DeleteOutgoing"]);
  journal.committed();
  journal.removeOutgoing(two, outgoing);
  bench.runDue();
  assert.deepEqual(kinds(bench.batches[2]), ["DeleteOutgoing", "DeleteMessage"]);
});

Deno.test("a session in the place of another of its Client Identifier has a row of its own", () => {
  const bench = new Bench();
  const { journal } = bench;
  const first = newSession("a");
  journal.saveSession(first);
  bench.runDue();
  journal.committed();
  const second = newSession("a");
  journal.saveSession(second);
  // The core may tell of the end of the first afterwards as well.
  journal.deleteSession(first);
  bench.runDue();
  assert.deepEqual(kinds(bench.batches[1]), ["DeleteSession", "PutSession"]);
});

Deno.test("the journal is not writable while the disk takes nothing", () => {
  const bench = new Bench();
  const { journal } = bench;
  const told: string[] = [];
  journal.onWritable = (isWritable, reason) => told.push(`${isWritable} ${reason}`);
  journal.saveSession(newSession("a"));
  bench.runDue();
  journal.writeFailed("full");
  journal.writeFailed("full");
  assert.equal(journal.isWritable, false);
  assert.equal(journal.pendingCommit, 1);
  journal.committed();
  assert.equal(journal.isWritable, true);
  assert.deepEqual(told, ["false full", "true "]);
});

Deno.test("when the file is lost everything is recorded again and covered by the next commit", () => {
  const { bench, journal, session } = start();
  const outgoing = newOutgoing(newMessage("t", "1"));
  journal.addOutgoing(session, outgoing);
  bench.runDue();
  journal.committed();
  journal.addInbound(session, 1);
  bench.runDue();
  journal.addInbound(session, 2);
  journal.onLost = () => {
    journal.saveSession(session);
    journal.addOutgoing(session, outgoing);
    for (const identifier of [1, 2]) journal.addInbound(session, identifier);
  };
  journal.lost();
  const all = ["PutSession", "PutInbound", "PutInbound", "PutOutgoing"];
  assert.deepEqual(kinds(bench.batches[2]), all);
  journal.committed();
  assert.deepEqual(bench.committed, [1, 3]);
  assert.equal(journal.pendingCommit, 0);
});

Deno.test("with durability relaxed nothing waits for a commit, and commits keep their distance", () => {
  const { bench, journal, session } = start("relaxed", 500);
  journal.saveSession(session);
  assert.equal(journal.pendingCommit, 0);
  assert.deepEqual(bench.due.map(({ delayMs }) => delayMs), [0]);
  bench.runDue();
  bench.now += 100;
  journal.addInbound(session, 1);
  journal.committed();
  assert.deepEqual(bench.due.map(({ delayMs }) => delayMs), [400]);
});

Deno.test("settled() resolves when everything recorded is on the disk", async () => {
  const { bench, journal, session } = start("full", 500);
  await journal.settled();
  journal.saveSession(session);
  const settled = journal.settled();
  journal.addInbound(session, 1);
  journal.committed();
  journal.committed();
  await settled;
  assert.deepEqual([bench.batches.length, bench.committed], [2, [1, 2]]);
  journal.addInbound(session, 2);
  journal.stop();
  assert.deepEqual(bench.due, []);
});

Deno.test("a journal that cannot be written from the start tries, though nothing is recorded", () => {
  const bench = new Bench();
  const { journal } = bench;
  journal.writeFailed("read-only");
  journal.writeFailed("still read-only");
  assert.equal(journal.isWritable, false);
  assert.deepEqual(bench.batches.map(({ length }) => length), [0], "one batch, which is empty");
  journal.saveSession(newSession("a"));
  journal.committed();
  assert.equal(journal.isWritable, true);
  bench.runDue();
  assert.deepEqual(bench.batches.map(kinds), [[], ["PutSession"]]);
  journal.committed();
  assert.deepEqual([bench.committed, journal.pendingCommit], [[1, 2], 0]);
});

Deno.test("when the file is lost a batch is sent, also when there is nothing to be written", () => {
  const { bench, journal, session } = start();
  journal.saveSession(session);
  bench.runDue();
  journal.writeFailed("full");
  journal.deleteSession(session);
  journal.lost();
  assert.deepEqual([journal.isWritable, journal.pendingCommit], [false, 2]);
  assert.deepEqual(bench.batches.slice(1).map(({ length }) => length), [0]);
  journal.committed();
  assert.deepEqual([journal.isWritable, journal.pendingCommit], [true, 0]);
});

Deno.test("a journal that was stopped sends nothing more, though its last batch is written", () => {
  const { bench, journal, session } = start();
  journal.writeFailed("read-only");
  journal.addInbound(session, 1);
  journal.stop();
  journal.committed();
  journal.writeFailed("read-only again");
  journal.flush();
  bench.runDue();
  assert.deepEqual([bench.batches.length, bench.due.length], [1, 0]);
});
