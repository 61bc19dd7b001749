/**
 * Reason strings: short ones as they are, long ones cut.
 */

import assert from "node:assert/strict";
import { cutReason } from "../../src/net/reason_text.ts";

Deno.test("cutReason() leaves a reason of up to 1,000 characters as it is", () => {
  for (const length of [0, 1, 999, 1000]) {
    assert.equal(cutReason("a".repeat(length)), "a".repeat(length));
  }
});

Deno.test("cutReason() cuts a longer one to what any packet can carry", () => {
  const cut = cutReason("Cannot accept \u{1f600}".padEnd(70_000, "\u20ac"));
  assert.match(cut, /^Cannot accept \u{1f600}\u20ac+\.\.\.$/u);
  assert(new TextEncoder().encode(cut).length < 4000);
});
