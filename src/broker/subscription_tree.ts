/**
 * The index from Topic Names to subscriptions: a tree of topic levels (MQTT 5 section 4.7).
 *
 * Holds references only; sessions own their subscriptions. Invariant: every node below the root
 * has a subscription, a shared group or a child; `bytes` is 0 when the tree is empty. `generation` counts the changes that may touch
 * more than one topic; cached routes of an older generation are stale.
 */

import { parseSharedFilter } from "../protocol/topic.ts";
import { nodeBytes } from "./node_bytes.ts";
import { SharedGroup, type Subscription } from "./subscription.ts";

interface Node {
  readonly parent: Node | undefined;
  readonly level: string;
  /** Children by level; "+" and "#" are levels like any other here. */
  children: Map<string, Node> | undefined;
  /** One subscription is stored bare: most filters have one subscriber. */
  subscriptions: Subscription | Set<Subscription> | undefined;
  groups: Map<string, SharedGroup> | undefined;
}

function newNode(parent: Node | undefined, level: string): Node {
  return { parent, level, children: undefined, subscriptions: undefined, groups: undefined };
}

/** What matches one Topic Name. */
export interface Matches {
  readonly subscriptions: Subscription[];
  readonly groups: SharedGroup[];
}

/** The filter that is matched: what follows `$share/NAME/`. */
export function filterOf(subscription: Subscription): string {
  if (subscription.shareName === undefined) return subscription.topicFilter;
  return subscription.topicFilter.slice("$share/".length + subscription.shareName.length + 1);
}

export function hasWildcard(topicFilter: string): boolean {
  return topicFilter.includes("+") || topicFilter.includes("#");
}

export class SubscriptionTree {
  readonly #root = newNode(undefined, "");
  #size = 0;
  #sharedSize = 0;
  #bytes = 0;
  /** Grows with every change of a wildcard or shared subscription. */
  generation = 0;

  /** Subscriptions in the tree, shared ones included. */
  get size(): number {
    return this.#size;
  }

  get sharedSize(): number {
    return this.#sharedSize;
  }

  /** What the nodes, the shared groups and the texts of the Topic Filters are charged for. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Levels that are held, without the root. Walks the whole tree: for tests. */
  get nodeCount(): number {
    return countNodes(this.#root) - 1;
  }

  add(subscription: Subscription): void {
    let node = this.#root;
    for (const level of filterOf(subscription).split("/")) {
      node.children ??= new Map();
      let child = node.children.get(level);
      if (child === undefined) {
        node.children.set(level, child = newNode(node, level));
        this.#bytes += nodeBytes(level);
      }
      node = child;
    }
    this.#size++;
    this.#bytes += subscription.topicFilter.length;
    if (subscription.shareName !== undefined) {
      this.#sharedSize++;
      const groupCount = node.groups?.size ?? 0;
      addShared(node, subscription, subscription.shareName);
      if (groupCount !== node.groups?.size) this.#bytes += nodeBytes(subscription.shareName);
    } else if (node.subscriptions === undefined) node.subscriptions = subscription;
    else if (node.subscriptions instanceof Set) node.subscriptions.add(subscription);
    else node.subscriptions = new Set([node.subscriptions, subscription]);
  }

  /** Removes exactly this subscription; nothing happens when it is not in the tree. */
  remove(subscription: Subscription): void {
    const node = this.#find(filterOf(subscription));
    if (node === undefined || !removeFrom(node, subscription)) return;
    this.#size--;
    this.#bytes -= subscription.topicFilter.length;
    if (subscription.shareName !== undefined) {
      this.#sharedSize--;
      if (!node.groups?.has(subscription.shareName)) {
        this.#bytes -= nodeBytes(subscription.shareName);
      }
    }
    this.#bytes -= prune(node);
  }

  /** The group that has the same name and filter now: `group`, or one that took its place. */
  currentGroup(group: SharedGroup): SharedGroup | undefined {
    return this.#find(group.topicFilter)?.groups?.get(group.shareName);
  }

  /** The group of `$share/NAME/FILTER`. */
  findGroup(sharedFilter: string): SharedGroup | undefined {
    const shared = parseSharedFilter(sharedFilter);
    return shared && this.#find(shared.topicFilter)?.groups?.get(shared.shareName);
  }

  #find(topicFilter: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const level of topicFilter.split("/")) node = node?.children?.get(level);
    return node;
  }

  /** Every subscription and shared group whose filter matches `topicName`, in no order. */
  match(topicName: string): Matches {
    const matches: Matches = { subscriptions: [], groups: [] };
    // Wildcards do not match a first level that starts with "$" [MQTT-4.7.2-1].
    const wildcards = !topicName.startsWith("$");
    collect(this.#root, topicName.split("/"), 0, wildcards, matches);
    return matches;
  }
}

function collect(
  node: Node,
  levels: string[],
  depth: number,
  wildcards: boolean,
  matches: Matches,
): void {
  const children = node.children;
  if (depth === levels.length) {
    take(node, matches);
    // "sport/#" also matches "sport" (section 4.7.1.2).
    const parentLevel = children?.get("#");
    if (parentLevel !== undefined) take(parentLevel, matches);
    return;
  }
  if (children === undefined) return;
  if (wildcards) {
    const multiLevel = children.get("#");
    if (multiLevel !== undefined) take(multiLevel, matches);
    const singleLevel = children.get("+");
    if (singleLevel !== undefined) collect(singleLevel, levels, depth + 1, true, matches);
  }
  const child = children.get(levels[depth] as string);
  if (child !== undefined) collect(child, levels, depth + 1, true, matches);
}

function take(node: Node, matches: Matches): void {
  const own = node.subscriptions;
  if (own instanceof Set) {
    for (const subscription of own) {
      matches.subscriptions.push(subscription);
    }
  } else if (own !== undefined) matches.subscriptions.push(own);
  if (node.groups !== undefined) matches.groups.push(...node.groups.values());
}

function addShared(node: Node, subscription: Subscription, shareName: string): void {
  node.groups ??= new Map();
  let group = node.groups.get(shareName);
  if (group === undefined) {
    group = new SharedGroup(shareName, filterOf(subscription));
    node.groups.set(shareName, group);
  }
  group.add(subscription);
}

function removeFrom(node: Node, subscription: Subscription): boolean {
  if (subscription.shareName !== undefined) {
    const group = node.groups?.get(subscription.shareName);
    if (group === undefined || !group.remove(subscription)) return false;
    if (group.size === 0) node.groups?.delete(subscription.shareName);
    if (node.groups?.size === 0) node.groups = undefined;
    return true;
  }
  const own = node.subscriptions;
  if (own instanceof Set) {
    if (!own.delete(subscription)) return false;
    if (own.size === 0) node.subscriptions = undefined;
    return true;
  }
  if (own !== subscription) return false;
  node.subscriptions = undefined;
  return true;
}

/** Drops nodes that hold nothing any more, upwards; returns what they were charged for. */
function prune(from: Node): number {
  let node = from;
  let bytes = 0;
  while (
    node.parent !== undefined && node.subscriptions === undefined && node.groups === undefined &&
    (node.children === undefined || node.children.size === 0)
  ) {
    node.parent.children?.delete(node.level);
    bytes += nodeBytes(node.level);
    node = node.parent;
  }
  return bytes;
}

/** `node` and everything below it. */
function countNodes(node: Node): number {
  let count = 1;
  for (const child of node.children?.values() ?? []) count += countNodes(child);
  return count;
}
