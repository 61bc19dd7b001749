import assert from "node:assert/strict";
import * as rows from "../../src/storage/rows.ts";
import { newMessage, newOutgoing } from "./fixture.ts";

Deno.test("rows and references are kept with each object, and are 0 at first", () => {
  const message = newMessage("t", "");
  const outgoing = newOutgoing(message);
  const all = () => [rows.rowOf(outgoing), rows.contentRowOf(message), rows.referencesTo(message)];
  assert.deepEqual(all(), [0, 0, 0]);
  rows.setRow(outgoing, 1);
  rows.setContentRow(message, 2);
  rows.setReferences(message, 3);
  assert.deepEqual(all(), [1, 2, 3]);
});
