/**
 * What a Topic Filter with placeholders is for one client, names made to get around it included.
 */

import assert from "node:assert/strict";
import { RuleTemplate } from "../../src/access/rule_template.ts";
import { client } from "./rule_reference.ts";

function levels(
  effect: "allow" | "deny",
  topicFilter: string,
  clientIdentifier: string,
  username?: string,
): string | undefined {
  const template = new RuleTemplate({ effect, action: "publish", topicFilter });
  return template.levelsFor({ clientIdentifier, username })?.join("/");
}

/** Topic Filter, Client Identifier, user name; what an allow and what a deny rule is. */
const TABLE: [string, string, string | undefined, string | undefined, string | undefined][] = [
  ["a/+/#", "c", "u", "a/+/#", "a/+/#"],
  ["a/%c/%u/#", "c", "u", "a/c/u/#", "a/c/u/#"],
  ["a/x%c-%u", "c", "u", "a/xc-u", "a/xc-u"],
  ["a/%c", "%u", "u", "a/%u", "a/%u"],
  ["a/%u", "c", undefined, undefined, undefined],
  ["a/%c", "c", undefined, "a/c", "a/c"],
  ["a/%x/%%", "c", "u", "a/%x/%%", "a/%x/%%"],
  ["a/%u/b", "c", "", "a//b", "a//b"],
  ["a/%u/b", "c", "$x", "a/$x/b", "a/$x/b"],
  ["a/%u/b", "c", "+", undefined, "a/#"],
  ["a/%u/b", "c", "#", undefined, "a/#"],
  ["a/%u/b", "c", "x/y", undefined, "a/#"],
  ["a/%c/b", "x+y", "u", undefined, "a/#"],
  ["a/b/%c", "c", "+", "a/b/c", "a/b/c"],
  ["%u/#", "c", "+", undefined, "#"],
  ["%u/#", "c", "$SYS", undefined, "$SYS/#"],
  ["%u/#", "c", "$SYS/x", undefined, "$SYS/#"],
  ["%u/#", "c", "", "/#", "/#"],
  ["$%u/#", "c", "SYS", "$SYS/#", "$SYS/#"],
  ["%c$SYS/#", "", "u", undefined, "$SYS/#"],
];

for (const [filter, id, name, allow, deny] of TABLE) {
  Deno.test(`"${filter}" for client "${id}" of user "${name}" is safe`, () => {
    const found = [levels("allow", filter, id, name), levels("deny", filter, id, name)];
    assert.deepEqual(found, [allow, deny]);
  });
}

Deno.test("RuleTemplate leaves the placeholders of a literal rule as they are", () => {
  const literal = { effect: "allow", action: "publish", topicFilter: "%c/%u" } as const;
  const template = new RuleTemplate({ ...literal, isLiteral: true });
  assert.equal(template.isPersonal, false);
  assert.deepEqual(template.levelsFor(client()), ["%c", "%u"]);
});
