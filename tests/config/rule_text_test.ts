/**
 * Lines of roles: what they are made of, and what was probably meant.
 */

import assert from "node:assert/strict";
import { parseRuleText, ruleTextFault, ruleTextHint } from "../../src/config/rule_text.ts";

Deno.test("parseRuleText() takes a word and a Topic Filter, which may hold spaces", () => {
  assert.deepEqual(
    ["publish a/%u/#", "  subscribe   living room/+", "readwrite #"].map(parseRuleText),
    [
      { action: "publish", topicFilter: "a/%u/#" },
      { action: "subscribe", topicFilter: "living room/+" },
      { action: "readwrite", topicFilter: "#" },
    ],
  );
});

Deno.test("parseRuleText() has nothing for what ruleTextFault() finds fault with", () => {
  const faults: [string, string][] = [
    ["", "it does not begin with one of the words"],
    ["a/b", "it does not begin with one of the words"],
    ["PUBLISH a", "it does not begin with one of the words"],
    ["publish ", "its Topic Filter is missing"],
    ["publish a/#/b", '"#" is not the last level'],
    ["subscribe $share/g/a", "rules name the Topic Filter without '$share/NAME/'"],
  ];
  assert.deepEqual(faults.map(([text]) => [text, ruleTextFault(text)]), faults);
  assert.deepEqual(faults.filter(([text]) => parseRuleText(text) !== undefined), []);
  assert.equal(ruleTextFault("publish a"), undefined);
});

Deno.test("ruleTextHint() knows the words of Mosquitto and mistyped ones", () => {
  const hints: [string, string | undefined][] = [
    ["write a/#", "did you mean 'publish a/#'?"],
    ["read a b", "did you mean 'subscribe a b'?"],
    ["Publsh a", "did you mean 'publish a'?"],
    ["sub", "did you mean 'subscribe'?"],
    ["deny a", "the rules under 'deny' are written without that word"],
    ["publish a#", undefined],
    ["constructor a", undefined],
    ["a/b", undefined],
  ];
  assert.deepEqual(hints.map(([text]) => [text, ruleTextHint(text)]), hints);
});
