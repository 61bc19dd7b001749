/**
 * A client's rules remember recent decisions, never the wrong one, and say which rules decided.
 */

import assert from "node:assert/strict";
import type { ClientRules } from "../../src/access/client_rules.ts";
import { RuleEngine } from "../../src/access/rules.ts";
import { client, everybody, rule } from "./rule_reference.ts";

function compile(...texts: string[]): ClientRules {
  return new RuleEngine(everybody(...texts.map(rule))).compile(client());
}

Deno.test("ClientRules gives the same decision again, for more topics than it remembers", () => {
  const rules = compile("allow publish a/+", "deny publish a/7", "allow subscribe b/+");
  for (const round of [1, 2, 3]) {
    for (let index = 0; index < 1000; index++) {
      const decided = [rules.mayPublish(`a/${index}`), rules.mayReceive(`a/${index}`)];
      const expected = [index !== 7, false];
      assert.deepEqual(decided.map(({ allowed }) => allowed), expected, `${round}: ${index}`);
      assert.equal(rules.mayReceive(`b/${index}`).allowed, true);
    }
  }
});

Deno.test("ClientRules remembers neither action for the other", () => {
  const rules = compile("allow publish a", "allow subscribe b");
  const answers = ["a", "b", "a", "b"].map((topic) => [
    rules.mayPublish(topic).allowed,
    rules.mayReceive(topic).allowed,
  ]);
  assert.deepEqual(answers, [[true, false], [false, true], [true, false], [false, true]]);
});

Deno.test("ClientRules decides about topics too long to be remembered", () => {
  const long = "x".repeat(65_000);
  const rules = compile("allow publish a/+", `deny publish a/${long}`);
  for (const round of [1, 2]) {
    assert.equal(rules.mayPublish(`a/${long}`).allowed, false, `${round}`);
    assert.equal(rules.mayPublish(`a/${long}y`).allowed, true, `${round}`);
  }
});

Deno.test("ClientRules names a rule that allows and one that denies parts of a subscription", () => {
  const rules = compile("allow subscribe a/#", "deny subscribe a/secret", "deny publish #");
  const answers = ["a/+", "a/b", "a/secret", "b"].map((filter) => {
    const { extent, allowedBy, deniedBy } = rules.maySubscribe(filter);
    return [extent, allowedBy?.reason, deniedBy?.reason];
  });
  const allow = "'allow subscribe a/#' of everybody";
  const deny = "'deny subscribe a/secret' of everybody";
  assert.deepEqual(answers, [
    ["part", allow, deny],
    ["all", allow, undefined],
    ["none", undefined, deny],
    ["none", undefined, "no rule allows it"],
  ]);
});
