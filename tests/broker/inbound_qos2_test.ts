/**
 * Identifiers of QoS 2 messages from a client: remembered, recorded, forgotten.
 */

import assert from "node:assert/strict";
import { Core } from "../support/core.ts";
import { MemoryJournal } from "../support/memory_journal.ts";

Deno.test("InboundQoS2 knows an identifier from start() to finish()", () => {
  const { inbound } = new Core().connect("c").session;
  assert.equal(inbound.finish(7), false);
  inbound.start(7);
  inbound.start(8);
  assert.deepEqual([inbound.has(7), inbound.has(9), inbound.count], [true, false, 2]);
  assert.equal(inbound.finish(7), true);
  assert.deepEqual([...inbound.values()], [8]);
  inbound.clear();
  assert.equal(inbound.count, 0);
});

Deno.test("InboundQoS2 records changes of durable sessions, but not what is put back", () => {
  const journal = new MemoryJournal();
  const core = new Core({}, journal);
  const kept = core.connectKept("kept").session;
  core.connect("clean").session.inbound.start(1);
  kept.inbound.start(2);
  journal.check(core.broker);
  const before = journal.recordings;
  kept.inbound.restore(3);
  assert.equal(journal.recordings, before);
  kept.inbound.finish(2);
  assert.equal(journal.recordings, before + 1);
});
