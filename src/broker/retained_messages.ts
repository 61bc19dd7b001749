/**
 * Retained messages by Topic Name, looked up by Topic Filter over a tree of levels
 * (MQTT 5 section 3.3.1.3).
 *
 * Sole writer of retained messages. Invariant: every node below the root has a message or a child;
 * `count` and `bytes` are those of the messages in the tree.
 */

import type { Message } from "./message.ts";

interface Node {
  readonly parent: Node | undefined;
  readonly level: string;
  children: Map<string, Node> | undefined;
  message: Message | undefined;
}

export interface RetainedLimits {
  readonly maximumRetainedMessages: number;
  readonly maximumRetainedBytes: number;
}

export class RetainedMessages {
  readonly #root: Node = { parent: undefined, level: "", children: undefined, message: undefined };
  readonly #limits: RetainedLimits;
  #count = 0;
  #bytes = 0;

  constructor(limits: RetainedLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#count;
  }

  /** Levels that are held, without the root. Walks the whole tree: for tests. */
  get nodeCount(): number {
    return countNodes(this.#root) - 1;
  }

  /** As charged by `Message.sizeBytes`. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Stores `message`, which owns its bytes, in place of the one its topic had [MQTT-3.3.1-5].
   * Returns in words the limit that forbids it, undefined when it is stored.
   */
  set(message: Message): string | undefined {
    const old = this.#find(message.topic.name)?.message;
    const { maximumRetainedMessages, maximumRetainedBytes } = this.#limits;
    const bytes = this.#bytes + message.sizeBytes - (old?.sizeBytes ?? 0);
    if (old === undefined && this.#count >= maximumRetainedMessages) {
      return `${maximumRetainedMessages} retained messages`;
    }
    if (bytes > maximumRetainedBytes) return `${maximumRetainedBytes} bytes of retained messages`;
    this.#insert(message.topic.name).message = message;
    this.#bytes = bytes;
    if (old === undefined) this.#count++;
    return undefined;
  }

  get(topicName: string): Message | undefined {
    return this.#find(topicName)?.message;
  }

  /** Removes the message of a topic [MQTT-3.3.1-6]; false when there is none. */
  delete(topicName: string): boolean {
    const node = this.#find(topicName);
    if (node?.message === undefined) return false;
    this.#count--;
    this.#bytes -= node.message.sizeBytes;
    node.message = undefined;
    prune(node);
    return true;
  }

  /** The messages whose Topic Names match `topicFilter`, in no order. */
  match(topicFilter: string): Message[] {
    const found: Message[] = [];
    collect(this.#root, topicFilter.split("/"), 0, found);
    return found;
  }

  #find(topicName: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const level of topicName.split("/")) {
      node = node.children?.get(level);
      if (node === undefined) return undefined;
    }
    return node;
  }

  #insert(topicName: string): Node {
    let node = this.#root;
    for (const level of topicName.split("/")) {
      node.children ??= new Map();
      let child = node.children.get(level);
      if (child === undefined) {
        child = { parent: node, level, children: undefined, message: undefined };
        node.children.set(level, child);
      }
      node = child;
    }
    return node;
  }
}

/** Drops nodes that hold nothing any more, upwards. */
function prune(from: Node): void {
  let node = from;
  while (
    node.parent !== undefined && node.message === undefined && (node.children?.size ?? 0) === 0
  ) {
    node.parent.children?.delete(node.level);
    node = node.parent;
  }
}

function collect(node: Node, filter: string[], depth: number, found: Message[]): void {
  if (depth === filter.length) {
    if (node.message !== undefined) found.push(node.message);
    return;
  }
  const level = filter[depth] as string;
  if (level === "#") {
    collectAll(node, depth === 0, found);
  } else if (level === "+") {
    for (const child of node.children?.values() ?? []) {
      // A leading wildcard does not match "$SYS" and the like [MQTT-4.7.2-1].
      if (depth > 0 || !child.level.startsWith("$")) collect(child, filter, depth + 1, found);
    }
  } else {
    const child = node.children?.get(level);
    if (child !== undefined) collect(child, filter, depth + 1, found);
  }
}

/** Everything from `node` down: "sport/#" matches "sport" too (section 4.7.1.2). */
function collectAll(node: Node, isRoot: boolean, found: Message[]): void {
  if (node.message !== undefined) found.push(node.message);
  for (const child of node.children?.values() ?? []) {
    if (!isRoot || !child.level.startsWith("$")) collectAll(child, false, found);
  }
}

/** `node` and everything below it. */
function countNodes(node: Node): number {
  let count = 1;
  for (const child of node.children?.values() ?? []) count += countNodes(child);
  return count;
}
