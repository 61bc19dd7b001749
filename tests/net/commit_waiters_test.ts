import assert from "node:assert/strict";
import { CommitWaiters } from "../../src/net/commit_waiters.ts";

/** What has become of a promise so far. */
async function outcome(promise: Promise<boolean>): Promise<boolean | "waits"> {
  return await Promise.race([promise, Promise.resolve().then(() => "waits" as const)]);
}

Deno.test("durable() resolves with the commit that covers what was recorded", async () => {
  const journal = { pendingCommit: 3, isWritable: true };
  const waiters = new CommitWaiters(journal);
  const first = waiters.durable();
  journal.pendingCommit = 4;
  const second = waiters.durable();
  waiters.committed(2);
  waiters.tick();
  assert.deepEqual([await outcome(first), await outcome(second)], ["waits", "waits"]);
  waiters.committed(3);
  assert.deepEqual([await outcome(first), await outcome(second)], [true, "waits"]);
  waiters.committed(5);
  assert.equal(await outcome(second), true);
});

Deno.test("durable() resolves at once when nothing has to be waited for", async () => {
  const waiters = new CommitWaiters({ pendingCommit: 0, isWritable: false });
  assert.equal(await outcome(waiters.durable()), true);
});

Deno.test("durable() resolves with false when the disk takes nothing, now or later", async () => {
  const journal = { pendingCommit: 3, isWritable: true };
  const waiters = new CommitWaiters(journal);
  const before = waiters.durable();
  journal.isWritable = false;
  assert.equal(await outcome(waiters.durable()), false);
  assert.equal(await outcome(before), "waits");
  waiters.tick();
  assert.equal(await outcome(before), false);
});
