/**
 * Looking into values of a file.
 */

import assert from "node:assert/strict";
import { isRawMap, ownValue } from "../../src/config/raw.ts";

Deno.test("isRawMap() is true for what holds keys", () => {
  assert.deepEqual([{}, { a: 1 }].map(isRawMap), [true, true]);
  assert.deepEqual([null, undefined, [], "x", 5, true].map(isRawMap), Array(6).fill(false));
});

Deno.test("ownValue() finds what the file has, and nothing that every object has", () => {
  assert.equal(ownValue({ a: 1 }, "a"), 1);
  assert.equal(ownValue({ a: 1 }, "toString"), undefined);
  assert.equal(ownValue({ toString: 2 }, "toString"), 2);
});
