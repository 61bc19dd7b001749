/**
 * How much of a filter is allowed: examples, unions of rules, and the end of what is worked out.
 */

import assert from "node:assert/strict";
import type { Rule } from "../../src/access/rule.ts";
import { RuleEngine } from "../../src/access/rules.ts";
import { client, everybody, rule } from "./rule_reference.ts";

function extent(rules: Rule[], topicFilter: string): string {
  return new RuleEngine(everybody(...rules)).compile(client()).maySubscribe(topicFilter).extent;
}

/** Rules ("!" is deny), a filter, how much of it is allowed. */
const TABLE: [string, string, string][] = [
  ["a/#", "a/+/c", "all"],
  ["a/#", "a", "all"],
  ["a/#", "a/#", "all"],
  ["a/#", "+/x", "part"],
  ["a/+", "a/#", "part"],
  ["a/+", "b/+", "none"],
  ["+/+", "a/b", "all"],
  ["+/+", "+", "none"],
  ["a/+/c", "+/b/+", "part"],
  ["a/+/c", "+/b/d", "none"],
  ["a a/+/#", "a/#", "all"],
  ["a a/+ a/+/+/#", "a/#", "all"],
  ["a/+ a/+/+/#", "a/#", "part"],
  ["+/#", "#", "all"],
  ["#", "$SYS/#", "none"],
  ["+/x", "$SYS/x", "none"],
  ["#", "#", "all"],
  ["$SYS/#", "#", "none"],
  ["$SYS/#", "$SYS/broker/+", "all"],
  ["/+/#", "/#", "all"],
  ["/#", "+", "none"],
  ["/#", "+/x", "part"],
  ["# !a/b", "a/+", "part"],
  ["# !a/b", "a/b", "none"],
  ["# !a/b", "b/#", "all"],
  ["# !a/b", "a/c", "all"],
  ["# !+/b", "a/+", "part"],
  ["a/b !a/+", "a/#", "none"],
  ["a/b !a/c", "a/+", "part"],
  ["# !#", "a/#", "none"],
];

for (const [written, filter, expected] of TABLE) {
  Deno.test(`with the rules "${written}", "${filter}" is allowed: ${expected}`, () => {
    const rules = written.split(" ").map((text) =>
      text.startsWith("!")
        ? rule(`deny subscribe ${text.slice(1)}`)
        : rule(`allow subscribe ${text}`)
    );
    assert.equal(extent(rules, filter), expected);
  });
}

Deno.test("a shared subscription is judged by its inner filter", () => {
  const rules = [rule("allow subscribe a/#")];
  assert.deepEqual(
    ["$share/group/a/b", "$share/group/#", "$share/a/b"].map((filter) => extent(rules, filter)),
    ["all", "part", "none"],
  );
});

Deno.test("more rules than are worked out make a filter allowed in part, never in full", () => {
  const denied = Array.from({ length: 5000 }, (_, index) => rule(`deny subscribe a/${index}`));
  assert.equal(extent([...denied, rule("allow subscribe b")], "a/+"), "part");
  const allowed = Array.from({ length: 5000 }, (_, index) => rule(`allow subscribe a/${index}/#`));
  assert.equal(extent([rule("allow subscribe a/#"), ...allowed], "a/+"), "all");
});
