import assert from "node:assert/strict";
import { SessionEnds } from "../../src/broker/session_ends.ts";
import { MemoryJournal } from "../support/memory_journal.ts";

function setUp() {
  const journal = new MemoryJournal();
  const ends = new SessionEnds(journal);
  /** Ends are recorded for the commit of that number. */
  const add = (commit: number, ...names: string[]) => {
    journal.pendingCommit = commit;
    for (const name of names) ends.add(name);
  };
  /** Whose ends may not be on the disk when that commit is pending. */
  const waiting = (commit: number) => {
    journal.pendingCommit = commit;
    return ["a", "b", "c"].filter((name) => ends.has(name));
  };
  return { add, waiting };
}

Deno.test("has() holds while the commit of an end is pending, or the one after it", () => {
  const { add, waiting } = setUp();
  assert.deepEqual(waiting(0), []);
  add(5, "a");
  assert.deepEqual(waiting(5), ["a"]);
  assert.deepEqual(waiting(6), ["a"], "5 is being written, 6 collected");
  assert.deepEqual(waiting(7), [], "5 is written before 6 is");
  assert.deepEqual(waiting(0), []);
});

Deno.test("has() knows the ends of two commits", () => {
  const { add, waiting } = setUp();
  add(5, "a");
  add(6, "b");
  assert.deepEqual(waiting(6), ["a", "b"]);
  assert.deepEqual(waiting(7), ["b"]);
  add(7, "c");
  assert.deepEqual(waiting(7), ["b", "c"]);
  add(20, "a");
  assert.deepEqual(waiting(20), ["a"]);
});

Deno.test("nothing is kept where nothing waits for a commit", () => {
  const { add, waiting } = setUp();
  add(0, "a");
  assert.deepEqual([waiting(0), waiting(1)], [[], []]);
});
