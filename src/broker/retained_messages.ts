/**
 * Retained messages by Topic Name, looked up by Topic Filter over a tree of levels
 * (MQTT 5 section 3.3.1.3).
 *
 * Sole writer of retained messages. Invariant: every node below the root has a message or a child;
 * `count` is that of the messages in the tree, `bytes` what they and their nodes are charged for.
 * `$SYS` messages are the broker's own: clients cannot make them more, so no limit holds for them.
 */

import type { Message } from "./message.ts";
import { nodeBytes } from "./node_bytes.ts";
import { PayloadArena } from "./payload_arena.ts";

interface Node {
  readonly parent: Node | undefined;
  readonly level: string;
  /** What it is charged for; 0 when a `$SYS` message brought it. */
  readonly bytes: number;
  children: Map<string, Node> | undefined;
  message: Message | undefined;
}

export interface RetainedLimits {
  readonly maximumRetainedMessages: number;
  readonly maximumRetainedBytes: number;
}

export class RetainedMessages {
  readonly #root = newNode(undefined, "", 0);
  /** A reload may replace them. */
  limits: RetainedLimits;
  readonly #payloads = new PayloadArena();
  #count = 0;
  #systemCount = 0;
  #bytes = 0;

  constructor(limits: RetainedLimits) {
    this.limits = limits;
  }

  /** `$SYS` messages included. */
  get count(): number {
    return this.#count;
  }

  /** Of these, how many are `$SYS` messages. */
  get systemCount(): number {
    return this.#systemCount;
  }

  /** Levels that are held, without the root. Walks the whole tree: for tests. */
  get nodeCount(): number {
    return countNodes(this.#root) - 1;
  }

  /** What `Message.sizeBytes` charges for, and the nodes that lead there; without `$SYS`. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Stores `message`, which owns its bytes, in place of the one its topic had [MQTT-3.3.1-5].
   * Returns in words the limit that forbids it, undefined when it is stored. A message that would
   * have been replaced is deleted then: a stale value is worse than none.
   */
  set(message: Message): string | undefined {
    const { name, isSystem } = message.topic;
    const refusal = isSystem ? undefined : this.#refusal(message);
    if (refusal !== undefined) {
      return this.delete(name) ? `${refusal} (its old message is deleted)` : refusal;
    }
    this.#put(message);
    return undefined;
  }

  /** Puts back what was stored: a limit that was lowered since takes nothing away. */
  restore(message: Message): void {
    this.#put(message);
  }

  #put(message: Message): void {
    const { name, isSystem } = message.topic;
    const node = this.#insert(name, isSystem);
    if (node.message === undefined) {
      this.#count++;
      if (isSystem) this.#systemCount++;
    } else this.#drop(node.message);
    // The broker's own are replaced all the time.
    if (!isSystem) this.#payloads.take(message);
    node.message = message;
    this.#bytes += chargedBytes(message);
  }

  /** It is retained no longer. */
  #drop(message: Message): void {
    this.#bytes -= chargedBytes(message);
    this.#payloads.release(message);
  }

  /** The limit that `message` is over. */
  #refusal(message: Message): string | undefined {
    const { maximumRetainedMessages, maximumRetainedBytes } = this.limits;
    const { old, missingBytes } = this.#measure(message.topic.name);
    if (old === undefined && this.#count - this.#systemCount >= maximumRetainedMessages) {
      return `${maximumRetainedMessages} retained messages`;
    }
    const more = missingBytes + message.sizeBytes - (old?.sizeBytes ?? 0);
    if (this.#bytes + more <= maximumRetainedBytes) return undefined;
    return `${maximumRetainedBytes} bytes of retained messages`;
  }

  get(topicName: string): Message | undefined {
    return this.#find(topicName)?.message;
  }

  /** Removes the message of a topic [MQTT-3.3.1-6]; false when there is none. */
  delete(topicName: string): boolean {
    const node = this.#find(topicName);
    if (node?.message === undefined) return false;
    this.#count--;
    if (node.message.topic.isSystem) this.#systemCount--;
    this.#drop(node.message);
    node.message = undefined;
    this.#bytes -= prune(node);
    return true;
  }

  /** The messages whose Topic Names match `topicFilter`, in no order. */
  match(topicFilter: string): Message[] {
    return [...this.walk(topicFilter)].filter((message) => message !== undefined);
  }

  /**
   * The same step by step, without holding them: what is set or deleted between two steps is seen or
   * not seen. Each step looks at one level; undefined: it has no message to give.
   */
  walk(topicFilter: string): Generator<Message | undefined> {
    return collect(this.#root, topicFilter.split("/"), 0);
  }

  /** Every message, `$SYS` and the like included, in no order; one by one, as `walk` does. */
  *values(): Generator<Message> {
    for (const message of collectAll(this.#root, false)) if (message !== undefined) yield message;
  }

  #find(topicName: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const level of topicName.split("/")) {
      node = node.children?.get(level);
      if (node === undefined) return undefined;
    }
    return node;
  }

  /** The message of a topic, and what the nodes that do not lead there yet would take. */
  #measure(topicName: string): { old: Message | undefined; missingBytes: number } {
    let node: Node | undefined = this.#root;
    let missingBytes = 0;
    for (const level of topicName.split("/")) {
      node = node?.children?.get(level);
      if (node === undefined) missingBytes += nodeBytes(level);
    }
    return { old: node?.message, missingBytes };
  }

  #insert(topicName: string, isSystem: boolean): Node {
    let node = this.#root;
    for (const level of topicName.split("/")) {
      node.children ??= new Map();
      let child = node.children.get(level);
      if (child === undefined) {
        child = newNode(node, level, isSystem ? 0 : nodeBytes(level));
        node.children.set(level, child);
        this.#bytes += child.bytes;
      }
      node = child;
    }
    return node;
  }
}

function newNode(parent: Node | undefined, level: string, bytes: number): Node {
  return { parent, level, bytes, children: undefined, message: undefined };
}

function chargedBytes(message: Message): number {
  return message.topic.isSystem ? 0 : message.sizeBytes;
}

/** Drops nodes that hold nothing any more, upwards; returns what they were charged for. */
function prune(from: Node): number {
  let node = from;
  let bytes = 0;
  while (
    node.parent !== undefined && node.message === undefined && (node.children?.size ?? 0) === 0
  ) {
    node.parent.children?.delete(node.level);
    bytes += node.bytes;
    node = node.parent;
  }
  return bytes;
}

function* collect(node: Node, filter: string[], depth: number): Generator<Message | undefined> {
  if (depth === filter.length) {
    yield node.message;
    return;
  }
  yield undefined;
  const level = filter[depth] as string;
  if (level === "#") {
    yield* collectAll(node, depth === 0);
  } else if (level === "+") {
    for (const child of node.children?.values() ?? []) {
      // A leading wildcard does not match "$SYS" and the like [MQTT-4.7.2-1].
      if (depth > 0 || !child.level.startsWith("$")) yield* collect(child, filter, depth + 1);
    }
  } else {
    const child = node.children?.get(level);
    if (child !== undefined) yield* collect(child, filter, depth + 1);
  }
}

/** Everything from `node` down: "sport/#" matches "sport" too (section 4.7.1.2). */
function* collectAll(node: Node, isRoot: boolean): Generator<Message | undefined> {
  yield node.message;
  for (const child of node.children?.values() ?? []) {
    if (!isRoot || !child.level.startsWith("$")) yield* collectAll(child, false);
  }
}

/** `node` and everything below it. */
function countNodes(node: Node): number {
  let count = 1;
  for (const child of node.children?.values() ?? []) count += countNodes(child);
  return count;
}
