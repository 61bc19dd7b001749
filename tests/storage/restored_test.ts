import assert from "node:assert/strict";
import { Fate, RestoredMessage, RestoredOutgoing } from "../../src/storage/restored.ts";

Deno.test("what was restored has no fate yet, and nothing stands for it", () => {
  const none = new Uint8Array(0);
  const message = new RestoredMessage("t", none, 0, 0, 1, false, none, Infinity, 4);
  const outgoing = new RestoredOutgoing(message, 1, false, [], 0, false, undefined, 9);
  assert.deepEqual([message.adoptedBy, message.row], [undefined, 4]);
  assert.deepEqual([outgoing.fate, outgoing.row, outgoing.message], [Fate.Unknown, 9, message]);
});
