/**
 * The rule engine: who may publish and receive what.
 *
 * 1. A rule counts for a client when its role is for the client and its Topic Filter matches.
 * 2. Of these, any `deny` wins over every `allow`; the order of the lines does not matter.
 * 3. With several layers (an ACL file has two), the first layer in which a rule counts decides.
 * 4. When nothing matches, the answer is no; only where no rules are configured at all it is yes.
 * 5. `#` and `+/...` do not cover `$SYS`: to let somebody read it, a rule must name `$SYS/...`.
 *
 * Owns the rules as they were configured and the trees made of them; a reload makes a new engine.
 * Rules are numbered by precedence in that order, so that a check is the search for the lowest number
 * that matches. A role's rules without placeholders are in trees that all its clients share; those
 * with `%c` or `%u` are put into trees of the client's own, by `rule_template.ts`. Measured on an x86
 * server with 200 rules and topics of 4 levels (tests/bench/rules_bench.ts): 0.01 us for a topic that
 * the client used before, 0.35 to 0.5 us for a new one, 5 to 15 us to compile a client, 1 to 3 us for
 * a SUBSCRIBE, 0.5 ms where its wildcard meets 5,000 rules.
 */

import { AudienceMatcher } from "./audience.ts";
import { ClientRules } from "./client_rules.ts";
import {
  type Decision,
  type Layer,
  type Role,
  type Rule,
  type RuleClient,
  ruleDecision,
  ruleFilterFault,
} from "./rule.ts";
import { RuleTemplate } from "./rule_template.ts";
import { RuleTree } from "./rule_tree.ts";

const NO_RULES: Decision = {
  allowed: true,
  reason: "no rules are configured",
  rule: undefined,
  role: undefined,
};
const NO_MATCH: Decision = { ...NO_RULES, allowed: false, reason: "no rule allows it" };
const UNSAFE_NAME: Decision = {
  ...NO_MATCH,
  reason: "its Client Identifier or user name contains '+' or '#'",
};

/** A rule with placeholders, in its place. */
interface PersonalRule {
  readonly rule: Rule;
  readonly template: RuleTemplate;
  readonly precedence: number;
}

/** The trees of some rules, by action. */
interface RuleTrees {
  readonly publish: RuleTree;
  readonly subscribe: RuleTree;
}

/** A role: whom it is for, its rules without placeholders, and the others. */
interface CompiledRole {
  readonly name: string;
  readonly audience: AudienceMatcher;
  readonly shared: RuleTrees;
  readonly personal: PersonalRule[];
}

export class RuleEngine {
  /** By precedence; the last one decides when nothing matches. */
  readonly #decisions: Decision[] = [];
  readonly #roles: CompiledRole[] = [];
  /** Where the first layer that refuses unsafe names begins. */
  readonly #unsafeNames: number | undefined;

  /**
   * Throws `SyntaxError` for a Topic Filter or a network that is none: check what people wrote with
   * `ruleFilterFault` and `parseNetwork` before, where their place is known.
   */
  constructor(layers: readonly Layer[]) {
    for (const { roles, refusesUnsafeNames } of layers) {
      if (refusesUnsafeNames === true) {
        this.#unsafeNames ??= this.#decisions.length;
        this.#decisions.push(UNSAFE_NAME);
      }
      this.#addLayer(roles);
    }
    this.#decisions.push(layers.length === 0 ? NO_RULES : NO_MATCH);
  }

  /** The rules for one client, for as long as it is connected with these names. */
  compile(client: RuleClient): ClientRules {
    const roles = this.#roles.filter(({ audience }) => audience.includes(client));
    const own = newTrees();
    for (const { rule, template, precedence } of roles.flatMap(({ personal }) => personal)) {
      addRule(own, rule, template.levelsFor(client), precedence);
    }
    const all = [...roles.map(({ shared }) => shared), own];
    const otherwise = this.#otherwise(client);
    return new ClientRules(
      { trees: all.map(({ publish }) => publish).filter(hasRules), otherwise },
      { trees: all.map(({ subscribe }) => subscribe).filter(hasRules), otherwise },
      this.#decisions,
    );
  }

  #addLayer(roles: readonly Role[]): void {
    const compiled = roles.map(({ name, audience }): CompiledRole => {
      return { name, audience: new AudienceMatcher(audience), shared: newTrees(), personal: [] };
    });
    for (const effect of ["deny", "allow"]) {
      for (const [index, role] of compiled.entries()) {
        const rules = roles[index]?.rules.filter((rule) => rule.effect === effect) ?? [];
        for (const rule of rules) this.#addRule(role, rule);
      }
    }
    this.#roles.push(...compiled);
  }

  #addRule({ name, shared, personal }: CompiledRole, rule: Rule): void {
    const fault = ruleFilterFault(rule.topicFilter);
    if (fault !== undefined) {
      throw new SyntaxError(`Cannot use "${rule.topicFilter}" as a Topic Filter: ${fault}`);
    }
    const precedence = this.#decisions.push(ruleDecision(rule, name)) - 1;
    const template = new RuleTemplate(rule);
    if (template.isPersonal) personal.push({ rule, template, precedence });
    else addRule(shared, rule, rule.topicFilter.split("/"), precedence);
  }

  #otherwise({ clientIdentifier, username }: RuleClient): number {
    const isUnsafe = /[+#]/.test(clientIdentifier) || /[+#]/.test(username ?? "");
    const last = this.#decisions.length - 1;
    return isUnsafe ? this.#unsafeNames ?? last : last;
  }
}

function newTrees(): RuleTrees {
  return { publish: new RuleTree(), subscribe: new RuleTree() };
}

function hasRules({ root }: RuleTree): boolean {
  return root.lowest < Infinity;
}

/** Puts a rule into the trees of its actions; without levels it is not for the client. */
function addRule(
  { publish, subscribe }: RuleTrees,
  { effect, action }: Rule,
  levels: readonly string[] | undefined,
  precedence: number,
): void {
  if (levels === undefined) return;
  const isDeny = effect === "deny";
  if (action !== "subscribe") publish.add(levels, precedence, isDeny);
  if (action !== "publish") subscribe.add(levels, precedence, isDeny);
}
