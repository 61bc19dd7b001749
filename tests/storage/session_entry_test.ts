import assert from "node:assert/strict";
import { InboundChange, SessionEntry } from "../../src/storage/session_entry.ts";
import { Core } from "../support/core.ts";
import { newMessage, newOutgoing, newSession } from "./fixture.ts";

function newEntry(expiryIntervalMs?: number): { entry: SessionEntry; core: Core } {
  const core = new Core();
  const session = newSession("a", core, expiryIntervalMs);
  return { entry: new SessionEntry(1, "a", session, false), core };
}

Deno.test("an entry knows the messages that have rows, in order", () => {
  const { entry } = newEntry();
  const all = Array.from({ length: 200 }, (_, row) => {
    const outgoing = newOutgoing(newMessage("t", `${row}`));
    outgoing.journalRow = row + 1;
    entry.addOutgoing(outgoing);
    return outgoing;
  });
  const kept = all.filter((_, index) => index % 7 === 0);
  for (const outgoing of all) {
    if (kept.includes(outgoing)) continue;
    outgoing.journalRow = 0;
    entry.outgoingDone();
  }
  assert.deepEqual(entry.takeOutgoing(), kept);
  assert.deepEqual(entry.takeOutgoing(), []);
});

Deno.test("an inbound identifier that comes and goes between two commits leaves nothing", () => {
  const { entry } = newEntry();
  entry.addInbound(1);
  entry.removeInbound(1);
  entry.addInbound(2);
  entry.removeInbound(3);
  entry.removeInbound(4);
  entry.addInbound(4);
  assert.deepEqual([...(entry.inbound ?? [])], [
    [2, InboundChange.Add],
    [3, InboundChange.Remove],
    [4, InboundChange.Keep],
  ]);
  entry.removeInbound(4);
  assert.equal(entry.inbound?.get(4), InboundChange.Remove);
});
