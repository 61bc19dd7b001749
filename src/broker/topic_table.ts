/**
 * Topic Names found by their bytes, each with the route that was last worked out for it.
 *
 * Owns the table of known topics. A PUBLISH leads from the bytes in the read buffer to a `Topic`
 * without decoding text or allocating; validation and decoding happen once, when a topic is new.
 * Invariant: at most `capacity` topics are in the table, and every topic in it is a valid Topic
 * Name. A topic that was dropped from the table stays usable by those who hold it.
 */

import { decodeUtf8 } from "../protocol/reader.ts";
import { checkTopicName, topicLevels } from "../protocol/topic.ts";
import { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import type { Route } from "./route.ts";

const utf8Encoder = new TextEncoder();

/** Chains longer than this lose their oldest topic: bounds what crafted collisions cost. */
const LONGEST_CHAIN = 8;
const FIRST_BUCKET_COUNT = 256;

export interface TopicLimits {
  /** Bytes of a Topic Name or Topic Filter as UTF-8. */
  readonly maximumTopicLength: number;
  /** Levels of a Topic Name or Topic Filter: one more than its slashes. */
  readonly maximumTopicLevels: number;
}

export class Topic {
  readonly name: string;
  /** UTF-8 Encoded String: two bytes of length, then the name. */
  readonly encodedName: Uint8Array;
  readonly hash: number;
  /** The next topic in the same bucket. */
  next: Topic | undefined = undefined;
  /** Who gets messages of this topic; stale when its generation is over (`route.ts`). */
  route: Route | undefined = undefined;
  /** Looked up since the last sweep. */
  used = true;

  constructor(name: string, encodedName: Uint8Array, hash: number) {
    this.name = name;
    this.encodedName = encodedName;
    this.hash = hash;
  }
}

export class TopicTable {
  #buckets: (Topic | undefined)[] = new Array(FIRST_BUCKET_COUNT).fill(undefined);
  #size = 0;
  readonly #capacity: number;
  readonly #seed: number;
  readonly #limits: TopicLimits;

  /** `seed` makes collisions hard to craft; any 32-bit integer. `capacity` counts topics. */
  constructor(capacity: number, seed: number, limits: TopicLimits) {
    this.#capacity = capacity;
    this.#seed = seed;
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * The topic whose name is `bytes[start..end)`. Throws `ProtocolError` 0x90 when the name is new
   * and not a valid Topic Name or over a limit, 0x81 when it is not UTF-8.
   */
  find(bytes: Uint8Array, start: number, end: number): Topic {
    const hash = this.#hash(bytes, start, end);
    const topic = this.#lookUp(hash, bytes, start, end);
    if (topic !== undefined) {
      topic.used = true;
      return topic;
    }
    const name = decodeUtf8(bytes, start, end, "Topic Name");
    checkTopicName(name);
    checkTopicSize(name, end - start, this.#limits);
    return this.#add(name, bytes, start, end, hash);
  }

  /** The topic of a name that the broker made itself or has validated. */
  findByName(name: string): Topic {
    const bytes = utf8Encoder.encode(name);
    const hash = this.#hash(bytes, 0, bytes.length);
    return this.#lookUp(hash, bytes, 0, bytes.length) ??
      this.#add(name, bytes, 0, bytes.length, hash);
  }

  /** Forgets the route of one topic, after a subscription to exactly this name changed. */
  dropRoute(name: string): void {
    const bytes = utf8Encoder.encode(name);
    const topic = this.#lookUp(this.#hash(bytes, 0, bytes.length), bytes, 0, bytes.length);
    if (topic !== undefined) topic.route = undefined;
  }

  /** FNV-1a, 32 bits. */
  #hash(bytes: Uint8Array, start: number, end: number): number {
    let hash = this.#seed;
    for (let at = start; at < end; at++) {
      hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
    }
    // The low bits pick the bucket; FNV mixes upwards, so fold the high ones in.
    return hash ^ hash >>> 15;
  }

  #lookUp(hash: number, bytes: Uint8Array, start: number, end: number): Topic | undefined {
    let topic = this.#buckets[hash & this.#buckets.length - 1];
    while (topic !== undefined) {
      if (topic.hash === hash && sameBytes(topic.encodedName, bytes, start, end)) return topic;
      topic = topic.next;
    }
    return undefined;
  }

  #add(name: string, bytes: Uint8Array, start: number, end: number, hash: number): Topic {
    if (this.#size >= this.#capacity) this.#sweep();
    if (this.#size >= this.#buckets.length * 2) this.#grow();
    const encodedName = new Uint8Array(2 + end - start);
    encodedName[0] = end - start >>> 8;
    encodedName[1] = end - start;
    encodedName.set(bytes.subarray(start, end), 2);
    const topic = new Topic(name, encodedName, hash);
    this.#link(topic);
    this.#size++;
    this.#trimChain(topic);
    return topic;
  }

  #link(topic: Topic): void {
    const bucket = topic.hash & this.#buckets.length - 1;
    topic.next = this.#buckets[bucket];
    this.#buckets[bucket] = topic;
  }

  #trimChain(first: Topic): void {
    let topic = first;
    for (let length = 1; topic.next !== undefined; length++) {
      if (length === LONGEST_CHAIN) {
        for (let dropped: Topic | undefined = topic.next; dropped; dropped = dropped.next) {
          dropped.route = undefined;
          this.#size--;
        }
        topic.next = undefined;
        return;
      }
      topic = topic.next;
    }
  }

  #all(): Topic[] {
    const topics: Topic[] = [];
    for (const first of this.#buckets) {
      for (let topic = first; topic !== undefined; topic = topic.next) topics.push(topic);
    }
    return topics;
  }

  #grow(): void {
    const topics = this.#all();
    this.#buckets = new Array(this.#buckets.length * 4).fill(undefined);
    for (const topic of topics) this.#link(topic);
  }

  /**
   * Makes room: drops the topics that were not looked up since the last sweep, and when nearly all
   * were, every second one, so that the next sweep is far away.
   */
  #sweep(): void {
    const topics = this.#all();
    const usedCount = topics.reduce((count, topic) => count + (topic.used ? 1 : 0), 0);
    const dropUsed = usedCount > this.#capacity * 3 / 4;
    this.#buckets.fill(undefined);
    this.#size = 0;
    topics.forEach((topic, index) => {
      if (topic.used && !(dropUsed && index % 2 === 1)) {
        topic.used = false;
        this.#link(topic);
        this.#size++;
      } else {
        topic.route = undefined;
      }
    });
  }
}

function sameBytes(
  encodedName: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (encodedName.length !== end - start + 2) return false;
  for (let at = start, to = 2; at < end; at++, to++) {
    if (encodedName[to] !== bytes[at]) return false;
  }
  return true;
}

/** Throws `ProtocolError` 0x90 when a Topic Name of `length` bytes is over one of the limits. */
export function checkTopicSize(name: string, length: number, limits: TopicLimits): void {
  const fault = topicSizeFault(name, length, limits);
  if (fault !== undefined) {
    throw new ProtocolError(ReasonCode.TopicNameInvalid, `Cannot accept Topic Name: ${fault}`);
  }
}

/** Says in words which limit a text of `length` bytes is over; undefined when none. */
export function topicSizeFault(
  text: string,
  length: number,
  limits: TopicLimits,
): string | undefined {
  if (length > limits.maximumTopicLength) {
    return `${length} bytes, the limit is ${limits.maximumTopicLength}`;
  }
  const levels = topicLevels(text);
  if (levels <= limits.maximumTopicLevels) return undefined;
  return `${levels} levels, the limit is ${limits.maximumTopicLevels}`;
}
