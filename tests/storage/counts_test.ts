import assert from "node:assert/strict";
import { Change } from "../../src/storage/batch.ts";
import { count, noCounts } from "../../src/storage/counts.ts";

Deno.test("count() counts the rows that are put, each under its kind", () => {
  const counts = noCounts();
  for (const change of Object.values(Change)) {
    if (typeof change === "number") count(change, counts);
  }
  assert.deepEqual(counts, { sessions: 1, subscriptions: 1, outgoing: 1, inbound: 1, retained: 1 });
});
