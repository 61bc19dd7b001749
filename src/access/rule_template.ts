/**
 * A rule's Topic Filter with `%c` and `%u`, and what it is for one client.
 *
 * Owns the substitution. Invariant: a name that a client chose itself never makes an `allow` rule
 * match more, nor a `deny` rule less, than the operator wrote: each placeholder stands for text
 * within one level. Text put in blindly would let the user "+" read every user's topics, "a/b" the
 * topics of user "a", and "$SYS" the statistics by a rule on `%u/#`. Mosquitto refuses "+" and "#"
 * (CVE-2017-7650) but lets "/" and "$" pass; here,
 * - an `allow` rule that such a name would change is left out for this client;
 * - a `deny` rule then covers everything from the level with the placeholder on;
 * - a client without a user name has no rules with `%u`.
 */

import type { Rule, RuleClient } from "./rule.ts";

const PLACEHOLDER = /%[cu]/g;
/** What would be more than text within a level. */
const UNSAFE = /[+#/]/;

type Names = Pick<RuleClient, "clientIdentifier" | "username">;

export class RuleTemplate {
  readonly #rule: Rule;
  readonly #levels: readonly string[];
  /** It has placeholders, so that each client has its own Topic Filter. */
  readonly isPersonal: boolean;

  /** The Topic Filter must be valid as it is written. */
  constructor(rule: Rule) {
    this.#rule = rule;
    this.#levels = rule.topicFilter.split("/");
    this.isPersonal = rule.isLiteral !== true && /%[cu]/.test(rule.topicFilter);
  }

  /** The levels of the Topic Filter for this client; undefined: the rule is not for it. */
  levelsFor(names: Names): readonly string[] | undefined {
    if (!this.isPersonal) return this.#levels;
    if (names.username === undefined && this.#rule.topicFilter.includes("%u")) return undefined;
    const levels = this.#levels.map((level) => substitute(level, names));
    const unsafeAt = levels.findIndex((level, index) =>
      level !== this.#levels[index] && UNSAFE.test(level)
    );
    const isDeny = this.#rule.effect === "deny";
    if (unsafeAt >= 0) return isDeny ? coverAll(levels, unsafeAt) : undefined;
    return isDeny || !this.#reachesDollar(levels) ? levels : undefined;
  }

  /** The first level starts with "$" by the name alone (MQTT 5 section 4.7.2). */
  #reachesDollar(levels: readonly string[]): boolean {
    return levels[0]?.startsWith("$") === true && !this.#levels[0]?.startsWith("$");
  }
}

/** In one go, so that the Client Identifier "%u" is not read again. */
function substitute(level: string, { clientIdentifier, username = "" }: Names): string {
  return level.replace(PLACEHOLDER, (found) => found === "%c" ? clientIdentifier : username);
}

/** Covers whatever the levels from `unsafeAt` on can be taken for. */
function coverAll(levels: readonly string[], unsafeAt: number): string[] {
  const first = levels[0] ?? "";
  // "#" alone would not cover it.
  if (unsafeAt === 0 && first.startsWith("$")) return [first.split("/", 1)[0] as string, "#"];
  return [...levels.slice(0, unsafeAt), "#"];
}
