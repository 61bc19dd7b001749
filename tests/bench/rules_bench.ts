/**
 * Micro-benchmarks of the access rules: what a check costs for each PUBLISH, for a topic that the
 * client used before and for a new one, what compiling a client and judging a subscription cost.
 */

import type { Rule } from "../../src/access/rule.ts";
import { RuleEngine } from "../../src/access/rules.ts";

const RULES = 200;

/** Rules of a site: devices by name, a few wildcards, two patterns, two prohibitions. */
function siteRules(): Rule[] {
  const devices = Array.from({ length: RULES - 5 }, (_, index): Rule => ({
    effect: "allow",
    action: "readwrite",
    topicFilter: `site/device/${index}/#`,
  }));
  const rest = ["deny site/+/+/secret", "deny admin/#", "allow +/%c/+/state", "allow user/%u/#"];
  return [
    ...devices,
    ...[...rest, "allow site/+/+/state"].map((text): Rule => {
      const [effect, topicFilter] = text.split(" ") as [Rule["effect"], string];
      return { effect, action: "readwrite", topicFilter };
    }),
  ];
}

const engine = new RuleEngine([{ roles: [{ name: "site", audience: {}, rules: siteRules() }] }]);
const origin = { groups: [], listener: "default", address: "192.0.2.1" };
const client = { clientIdentifier: "c1", username: "alice", ...origin };
const rules = engine.compile(client);

/** More than are remembered, asked for in turn, so that none is. */
const topics = Array.from({ length: 997 }, (_, index) => `site/device/${index}/state`);
let turn = 0;

/** Few enough to be remembered. */
const USED = 100;

Deno.bench("mayPublish() of a topic used before", () => {
  rules.mayPublish(topics[turn++ % USED] as string);
});

Deno.bench(`mayPublish() of a new topic, ${RULES} rules`, () => {
  rules.mayPublish(topics[turn++ % topics.length] as string);
});

Deno.bench("maySubscribe() of one topic", () => {
  rules.maySubscribe("site/device/7/state");
});

Deno.bench("maySubscribe() of a filter allowed in part", () => {
  rules.maySubscribe("site/#");
});

Deno.bench("compile() for a client", () => {
  engine.compile(client);
});

const many: Rule[] = Array.from({ length: 5000 }, (_, index) => {
  return { effect: "deny", action: "subscribe", topicFilter: `a/${index}` };
});
const worst = new RuleEngine([{ roles: [{ name: "many", audience: {}, rules: many }] }])
  .compile(client);

Deno.bench("maySubscribe() that gives up: 5,000 rules at one wildcard", () => {
  worst.maySubscribe("a/+");
});

const users = new RuleEngine([{
  roles: Array.from({ length: 1000 }, (_, index) => {
    return { name: `user ${index}`, audience: { users: [`user${index}`] }, rules: siteRules() };
  }).map((role) => ({ ...role, rules: role.rules.slice(0, 5) })),
}]);

Deno.bench("compile() with 1,000 users who have a role each", () => {
  users.compile({ ...client, username: "user7" });
});
