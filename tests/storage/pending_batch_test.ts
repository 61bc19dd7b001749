import assert from "node:assert/strict";
import { Writer } from "../../src/protocol/writer.ts";
import { BatchReader, Change } from "../../src/storage/batch.ts";
import { writeBatch } from "../../src/storage/pending_batch.ts";
import { SessionEntry } from "../../src/storage/session_entry.ts";
import { newMessage, newOutgoing, newSession } from "./fixture.ts";

Deno.test("a batch has sessions first, and the content of a message before its recipients", () => {
  const entry = new SessionEntry(3, "a", newSession("a"), false);
  entry.mustSave = true;
  const deleted = new SessionEntry(4, "b", newSession("b"), false);
  deleted.mustSave = true;
  deleted.isDeleted = true;
  const message = newMessage("t", "1");
  message.journalReferences = 2;
  const outgoing = newOutgoing(message);
  outgoing.journalRow = 8;
  const updated = newOutgoing(newMessage("t", "2"));
  updated.journalRow = 1;
  const writer = new Writer();
  writeBatch(writer, {
    added: [undefined, outgoing],
    addedTo: [entry, entry],
    updated: [updated, outgoing],
    touched: [entry, deleted],
    retained: new Map([["r", undefined]]),
    redated: [],
    hasOwnContent: () => false,
    isStored: (each) => each === updated,
    takeContentRow: () => 12,
  }, 0);
  const reader = new BatchReader(writer.written());
  const found: string[] = [];
  while (reader.next()) found.push(`${Change[reader.change]} ${reader.row} ${reader.message}`);
  assert.deepEqual(found, [
    "PutSession 3 0",
    "UpdateOutgoing 1 0",
    "PutMessage 12 0",
    "PutOutgoing 8 12",
    "DeleteRetained 8 12",
  ]);
  assert.deepEqual([entry.isStored, entry.mustSave], [true, false]);
});
