/**
 * How much of a Topic Filter the rules allow: all of the Topic Names that it matches, some, or none.
 *
 * Owns the walk of a Topic Filter through rule trees. It is exact, unions included (`a/#` is covered
 * by `a` and `a/+/#` together): where the filter has a wildcard, every text that a rule names at this
 * level is tried, and one that no rule names, which stands for all others. The walk ends as soon as
 * both answers were met. Invariant: the answer "all" is never wrong; a walk that would be longer than
 * `MAX_STEPS` is answered "part", and each message is judged on its own at delivery.
 */

import type { RuleNode } from "./rule_tree.ts";

/** Sets of nodes visited: it bounds what a client can cause by one Topic Filter. */
const MAX_STEPS = 1024;

/** "part": some of the Topic Names, or too many rules to say. */
export type Extent = "all" | "part" | "none";

export interface FilterExtent {
  readonly extent: Extent;
  /** The precedence of a rule that allows some of it, and of one that denies some, if met. */
  readonly allowedBy: number | undefined;
  readonly deniedBy: number | undefined;
}

/**
 * `roots` are the rule trees together; `best` decides where no rule is lower; `isAllow` tells the
 * effect of a precedence. The Topic Filter must be valid; of a shared subscription pass the inner.
 */
export function filterExtent(
  roots: readonly RuleNode[],
  topicFilter: string,
  best: number,
  isAllow: (precedence: number) => boolean,
): FilterExtent {
  const walk = new ExtentWalk(topicFilter.split("/"), isAllow);
  walk.visit(roots, 0, 0, best);
  const { allowedBy, deniedBy } = walk;
  const isMixed = walk.isLost || (allowedBy !== undefined && deniedBy !== undefined);
  const extent = isMixed ? "part" : allowedBy === undefined ? "none" : "all";
  return { extent, allowedBy, deniedBy };
}

class ExtentWalk {
  readonly #levels: readonly string[];
  readonly #isAllow: (precedence: number) => boolean;
  #steps = 0;
  allowedBy: number | undefined = undefined;
  deniedBy: number | undefined = undefined;

  constructor(levels: readonly string[], isAllow: (precedence: number) => boolean) {
    this.#levels = levels;
    this.#isAllow = isAllow;
  }

  get isLost(): boolean {
    return this.#steps > MAX_STEPS;
  }

  /**
   * `nodes` are where the rules stand after `depth` levels, `index` is the filter's next level;
   * `isEmpty`: the text so far is no Topic Name yet [MQTT-4.7.3-1].
   */
  visit(
    nodes: readonly RuleNode[],
    index: number,
    depth: number,
    best: number,
    isEmpty = false,
  ): void {
    const level = this.#levels[index];
    if (this.#isOver() || (isEmpty && level === undefined)) return;
    this.#steps++;
    // The first level of a Topic Name decides whether wildcards match it at all [MQTT-4.7.2-1].
    const isDollar = depth === 0 && this.#levels[0]?.startsWith("$") === true;
    if (!isDollar) best = Math.min(best, ...nodes.map(({ hash }) => hash));
    if (this.#isSettled(nodes, best)) return this.#record(best);
    const endsHere = level === undefined || (level === "#" && depth > 0 && !isEmpty);
    if (endsHere) this.#record(Math.min(best, ...nodes.map(({ end }) => end)));
    if (level === undefined) return;
    if (level !== "#" && level !== "+") {
      const below = children(nodes, level, !isDollar);
      return this.visit(below, index + 1, depth + 1, best, depth === 0 && level === "");
    }
    const next = level === "#" ? index : index + 1;
    for (const text of namedTexts(nodes, depth)) {
      this.visit(children(nodes, text, true), next, depth + 1, best, depth === 0 && text === "");
      if (this.#isOver()) return;
    }
    this.visit(nodes.flatMap(({ plus }) => plus ?? []), next, depth + 1, best);
  }

  /** No rule below can change the answer. */
  #isSettled(nodes: readonly RuleNode[], best: number): boolean {
    return this.#isAllow(best)
      ? nodes.every(({ lowestDeny }) => lowestDeny >= best)
      : nodes.every(({ lowest }) => lowest >= best);
  }

  #isOver(): boolean {
    return this.isLost || (this.allowedBy !== undefined && this.deniedBy !== undefined);
  }

  #record(precedence: number): void {
    if (this.#isAllow(precedence)) this.allowedBy ??= precedence;
    else this.deniedBy ??= precedence;
  }
}

function children(nodes: readonly RuleNode[], text: string, withPlus: boolean): RuleNode[] {
  return nodes.flatMap(({ literals, plus }) => {
    const child = literals?.get(text);
    const both = withPlus && plus !== undefined ? [plus] : [];
    return child === undefined ? both : [child, ...both];
  });
}

/** The texts that rules name at this level and a wildcard matches, each once. */
function* namedTexts(nodes: readonly RuleNode[], depth: number): Generator<string> {
  for (const [index, { literals }] of nodes.entries()) {
    for (const text of literals?.keys() ?? []) {
      if (depth === 0 && text.startsWith("$")) continue; // [MQTT-4.7.2-1]
      const isKnown = nodes.slice(0, index).some((earlier) => earlier.literals?.has(text));
      if (!isKnown) yield text;
    }
  }
}
