import assert from "node:assert/strict";
import { globMatches } from "../../../src/net/control/glob.ts";

Deno.test("globMatches() takes * for any characters and ? for one", () => {
  const texts = ["", "a", "ab", "abc", "a*c", "abcabc", "ba"];
  const matched = (pattern: string) => texts.filter((text) => globMatches(pattern, text));
  assert.deepEqual(matched("*"), texts);
  assert.deepEqual(matched(""), [""]);
  assert.deepEqual(matched("a"), ["a"]);
  assert.deepEqual(matched("a*"), ["a", "ab", "abc", "a*c", "abcabc"]);
  assert.deepEqual(matched("*c"), ["abc", "a*c", "abcabc"]);
  assert.deepEqual(matched("?"), ["a"]);
  assert.deepEqual(matched("a?c"), ["abc", "a*c"]);
  assert.deepEqual(matched("*b*b*"), ["abcabc"]);
  assert.deepEqual(matched("*bc"), ["abc", "abcabc"]);
  assert.deepEqual(matched("**"), texts);
});

Deno.test("globMatches() takes other characters for themselves", () => {
  assert.equal(globMatches("a.c", "abc"), false);
  assert.equal(globMatches("[a]", "a"), false);
  assert.equal(globMatches("[a]", "[a]"), true);
});

Deno.test("globMatches() does not go wild over a pattern of many stars", () => {
  let reads = 0;
  const counting = new Proxy(Object("a".repeat(200)), {
    get: (target, key) => {
      reads++;
      return Reflect.get(target, key);
    },
  });
  assert.equal(globMatches("*a".repeat(30) + "b", counting), false);
  assert.ok(reads < 20_000, `${reads} reads`);
});
