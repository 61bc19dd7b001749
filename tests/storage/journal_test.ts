import assert from "node:assert/strict";
import { type CommitPort, SqliteJournal } from "../../src/storage/journal.ts";
import { BatchReader, Change } from "../../src/storage/batch.ts";
import { newMessage, newOutgoing, newSession } from "./fixture.ts";

/** A journal whose batches and due actions the test lets go one by one. */
class Bench {
  batches: Uint8Array[] = [];
  committed: number[] = [];
  due: { action: () => void; delayMs: number }[] = [];
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
      schedule: (action, delayMs) => {
        const entry = { action, delayMs };
        this.due.push(entry);
        return () => this.due = this.due.filter((each) => each !== entry);
      },
    });
    this.journal.onCommitted = (number) => void this.committed.push(number);
  }

  runDue(): void {
    for (const { action } of this.due.splice(0)) action();
  }
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
  const bench = new Bench();
  const { journal } = bench;
  const session = newSession("a");
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
  const bench = new Bench();
  const { journal } = bench;
  const session = newSession("a");
  journal.saveSession(session);
  bench.runDue();
  journal.committed();
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

Deno.test("a session that ends before its commit leaves nothing", () => {
  const bench = new Bench();
  const { journal } = bench;
  const session = newSession("a");
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
  const bench = new Bench();
  const { journal } = bench;
  const session = newSession("a");
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
  const bench = new Bench("relaxed", 500);
  const { journal } = bench;
  const session = newSession("a");
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
  const bench = new Bench("full", 500);
  const { journal } = bench;
  await journal.settled();
  const session = newSession("a");
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
