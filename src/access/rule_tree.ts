/**
 * The Topic Filters of rules as a tree of levels, and the search for the rule that decides about a
 * Topic Name.
 *
 * Owns the tree. A rule is its precedence here: of all rules that match, the lowest number decides.
 * A search visits one node for each level, and one more branch where "+" stands beside a text;
 * branches that hold nothing lower than what was found are left out. Invariant: agrees with
 * `topicMatches` of the protocol for every rule (MQTT 5 section 4.7).
 */

export class RuleNode {
  literals: Map<string, RuleNode> | undefined = undefined;
  plus: RuleNode | undefined = undefined;
  /** The lowest precedence of a rule whose Topic Filter ends here; Infinity: none does. */
  end = Infinity;
  /** The same of Topic Filters that end in "#" below this level. */
  hash = Infinity;
  /** The lowest precedence here and below: of all rules, and of those that deny. */
  lowest = Infinity;
  lowestDeny = Infinity;
}

export class RuleTree {
  readonly root: RuleNode = new RuleNode();

  /** `levels` are those of a valid Topic Filter. */
  add(levels: readonly string[], precedence: number, isDeny: boolean): void {
    let node = this.root;
    note(node, precedence, isDeny);
    for (const level of levels) {
      if (level === "#") {
        node.hash = Math.min(node.hash, precedence);
        return;
      }
      node = level === "+" ? (node.plus ??= new RuleNode()) : literalChild(node, level);
      note(node, precedence, isDeny);
    }
    node.end = Math.min(node.end, precedence);
  }

  /** The lowest precedence of a rule that matches, or `best` when none is lower. */
  find(topicName: string, best: number): number {
    const { root } = this;
    if (!topicName.startsWith("$")) return search(root, topicName, 0, best);
    // Wildcards in the first level do not match it [MQTT-4.7.2-1].
    const end = levelEnd(topicName, 0);
    const child = root.literals?.get(topicName.slice(0, end));
    return child === undefined ? best : search(child, topicName, end + 1, best);
  }
}

function note(node: RuleNode, precedence: number, isDeny: boolean): void {
  node.lowest = Math.min(node.lowest, precedence);
  if (isDeny) node.lowestDeny = Math.min(node.lowestDeny, precedence);
}

function literalChild(node: RuleNode, level: string): RuleNode {
  const literals = node.literals ??= new Map();
  let child = literals.get(level);
  if (child === undefined) literals.set(level, child = new RuleNode());
  return child;
}

/** The rest of the Topic Name starts at `start`; beyond its end, nothing is left. */
function search(node: RuleNode, topicName: string, start: number, best: number): number {
  if (node.lowest >= best) return best;
  // "#" stands for the parent level too (section 4.7.1.2).
  if (node.hash < best) best = node.hash;
  if (start > topicName.length) return node.end < best ? node.end : best;
  const end = levelEnd(topicName, start);
  const child = node.literals?.get(topicName.slice(start, end));
  if (child !== undefined) best = search(child, topicName, end + 1, best);
  if (node.plus !== undefined) best = search(node.plus, topicName, end + 1, best);
  return best;
}

function levelEnd(topicName: string, start: number): number {
  const end = topicName.indexOf("/", start);
  return end < 0 ? topicName.length : end;
}
