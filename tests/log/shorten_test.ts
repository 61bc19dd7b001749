import assert from "node:assert/strict";
import { shorten } from "../../src/log/shorten.ts";

Deno.test("shorten() leaves 200 characters as they are and cuts what is longer", () => {
  const longest = "x".repeat(200);
  assert.deepEqual(["", "short", longest].map(shorten), ["", "short", longest]);
  assert.equal(shorten(longest + "y"), `${longest}...`);
  assert.equal(shorten("x".repeat(65_535)).length, 203);
});

Deno.test("shorten() leaves no half of a character behind", () => {
  assert.equal(shorten("x".repeat(199) + "\u{1f600}"), "x".repeat(199) + "\ufffd...");
});
