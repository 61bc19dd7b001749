/**
 * The rules once more, as plainly as they can be said: the reference that the engine is held to, and
 * what random rules are made of.
 *
 * Owns no tree, no numbers and no memory: every rule is looked at for every topic, level by level. A
 * placeholder is compared with the whole text it stands for, so that no name can mean more.
 */

import * as fc from "fast-check";
import type { Layer, Role, Rule, RuleClient } from "../../src/access/rule.ts";

/** A client that is nobody in particular. */
export function client(values: Partial<RuleClient> = {}): RuleClient {
  return {
    clientIdentifier: "c1",
    username: "alice",
    groups: [],
    listener: "default",
    address: "192.0.2.1",
    ...values,
  };
}

/** One layer of one role for everybody. */
export function everybody(...rules: Rule[]): Layer[] {
  return [{ roles: [{ name: "everybody", audience: {}, rules }] }];
}

/** "allow publish a/#" as a rule. */
export function rule(text: string): Rule {
  const [effect, action, ...filter] = text.split(" ");
  return {
    effect: effect as Rule["effect"],
    action: action as Rule["action"],
    topicFilter: filter.join(" "),
  };
}

/** Whether the roles of `layers`, all of them for everybody, allow the action on the topic. */
export function isAllowed(
  layers: readonly Layer[],
  who: RuleClient,
  action: "publish" | "subscribe",
  topicName: string,
): boolean {
  if (layers.length === 0) return true;
  for (const { roles, refusesUnsafeNames } of layers) {
    if (refusesUnsafeNames && /[+#]/.test(who.clientIdentifier + (who.username ?? ""))) {
      return false;
    }
    const rules = roles.flatMap((role: Role) => role.rules)
      .filter((one) => one.action === action || one.action === "readwrite")
      .filter((one) => ruleMatches(one, who, topicName));
    if (rules.some(({ effect }) => effect === "deny")) return false;
    if (rules.length > 0) return true;
  }
  return false;
}

/** Level by level, as section 4.7.1 has it. */
function ruleMatches({ topicFilter }: Rule, who: RuleClient, topicName: string): boolean {
  const filter = topicFilter.split("/");
  const name = topicName.split("/");
  if (topicName.startsWith("$") && !topicFilter.startsWith("$")) return false;
  for (let index = 0; index < filter.length; index++) {
    const level = filter[index] as string;
    if (level === "#") return true;
    if (index >= name.length || !levelMatches(level, who, name[index] as string)) return false;
  }
  return filter.length === name.length;
}

function levelMatches(level: string, who: RuleClient, text: string): boolean {
  if (level === "+") return true;
  if (level.includes("%u") && who.username === undefined) return false;
  const parts = level.split(/(%[cu])/).map((part) =>
    part === "%c" ? who.clientIdentifier : part === "%u" ? who.username : part
  );
  return parts.join("") === text;
}

/** Levels of Topic Names; "z" is in no rule. */
const TEXTS = ["", "a", "b", "z", "$s", "c1", "alice"];

/** Every Topic Name of up to three levels. */
export const TOPICS: readonly string[] = [1, 2, 3].flatMap(namesOf).filter((name) => name !== "");

/** And one more level, that no rule names, below those of three. */
export const DEEP_TOPICS: readonly string[] = [
  ...TOPICS,
  ...namesOf(3).map((name) => `${name}/z`),
];

function namesOf(levels: number): string[] {
  if (levels === 1) return TEXTS;
  return namesOf(levels - 1).flatMap((name) => TEXTS.map((text) => `${name}/${text}`));
}

/** Topic Filters of up to `levels` levels, of these texts and wildcards. */
export function filters(texts: readonly string[], levels = 3): fc.Arbitrary<string> {
  return fc.tuple(
    fc.array(fc.constantFrom("+", ...texts), { maxLength: levels }),
    fc.boolean(),
  ).map(([parts, isOpen]) => [...parts, ...isOpen ? ["#"] : []].join("/"))
    .filter((filter) => filter !== "");
}

export function rules(topicFilter: fc.Arbitrary<string>): fc.Arbitrary<Rule> {
  return fc.record({
    effect: fc.constantFrom("allow", "deny"),
    action: fc.constantFrom("publish", "subscribe", "readwrite"),
    topicFilter,
  });
}
