/**
 * What rules may be, and the words of a decision.
 */

import assert from "node:assert/strict";
import { ruleDecision, ruleFilterFault } from "../../src/access/rule.ts";
import { rule } from "./rule_reference.ts";

Deno.test("ruleFilterFault() takes Topic Filters with placeholders, and nothing else", () => {
  const valid = ["#", "a/+/%c", "%u", "x%u/#", "$SYS/#", "a b"];
  assert.deepEqual(valid.map(ruleFilterFault), valid.map(() => undefined));
  const table: [string, RegExp][] = [
    ["", /empty/],
    ["a/#/b", /not the last level/],
    ["%u#", /does not stand alone/],
    ["%c+/a", /does not stand alone/],
    ["$share/group/a", /without '\$share\/NAME\/'/],
  ];
  for (const [filter, fault] of table) assert.match(ruleFilterFault(filter) ?? "", fault);
});

Deno.test("ruleDecision() names the rule, its role, file and line", () => {
  const plain = rule("deny publish a/#");
  assert.deepEqual(ruleDecision(plain, "guests"), {
    allowed: false,
    reason: "'deny publish a/#' of guests",
    rule: plain,
    role: "guests",
  });
  const written = { ...rule("allow readwrite b"), source: { file: "acl", line: 7 } };
  const { allowed, reason } = ruleDecision(written, "user 'x'");
  assert.deepEqual([allowed, reason], [true, "'allow readwrite b' of user 'x', acl:7"]);
});
