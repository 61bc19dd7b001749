/**
 * Topic Names found by their bytes, each with the route that was last worked out for it.
 *
 * Owns the table of known topics. A PUBLISH leads from the bytes in the read buffer to a `Topic`
 * without decoding text or allocating; validation and decoding happen once, when a topic is new.
 * Open addressing over flat arrays, so that a look-up among 100,000 topics waits for memory three
 * times and not at every step of a chain. Invariant: at most `capacity` topics are in the table,
 * and every topic in it is a valid Topic Name. A topic that was dropped stays usable by those who
 * hold it.
 */

import { decodeUtf8 } from "../protocol/reader.ts";
import { checkTopicName } from "../protocol/topic.ts";
import type { Writer } from "../protocol/writer.ts";
import type { Route } from "./route.ts";
import { checkTopicSize, type TopicLimits } from "./topic_limits.ts";

const utf8Encoder = new TextEncoder();

/** Slots looked at before a name counts as unknown: bounds what crafted collisions cost. */
const LONGEST_PROBE = 16;
const FIRST_SLOT_COUNT = 256;
const FIRST_NAME_BYTES = 4096;
/** Bytes of names that are kept for each topic of the capacity: long names leave room for fewer. */
const NAME_BYTES = 64;

export class Topic {
  readonly name: string;
  readonly nameBytes: number;
  /** In the broker's own part of the name space (MQTT 5 section 4.7.2). */
  readonly isSystem: boolean;
  /** Who gets messages of this topic; stale when its generation is over (`route.ts`). */
  route: Route | undefined = undefined;
  /** Looked up since the last sweep. */
  used = true;
  #encodedName: Uint8Array | undefined;

  /** `nameBytes` is the length of `name` as UTF-8. */
  constructor(name: string, nameBytes: number = utf8Encoder.encode(name).length) {
    this.name = name;
    this.nameBytes = nameBytes;
    this.isSystem = name.startsWith("$SYS/");
  }

  /** UTF-8 Encoded String: two bytes of length, then the name. Made when it is first sent. */
  get encodedName(): Uint8Array {
    return this.#encodedName ??= encodeName(this.name);
  }

  /** Writes the same, and keeps nothing for a topic that may never be sent. */
  writeName(writer: Writer): void {
    const encoded = this.#encodedName;
    if (encoded === undefined) writer.utf8String(this.name);
    else writer.rawBytes(encoded, 0, encoded.length);
  }
}

function encodeName(name: string): Uint8Array {
  const bytes = utf8Encoder.encode(name);
  const encoded = new Uint8Array(2 + bytes.length);
  encoded[0] = bytes.length >>> 8;
  encoded[1] = bytes.length;
  encoded.set(bytes, 2);
  return encoded;
}

export class TopicTable {
  /** Two numbers for each slot: hash, and where its name starts in `#names`; 0: the slot is free. */
  #keys = new Int32Array(FIRST_SLOT_COUNT * 2);
  #topics: (Topic | undefined)[] = new Array(FIRST_SLOT_COUNT).fill(undefined);
  /** The names one after the other, each with two bytes of length before it. */
  #names = new Uint8Array(FIRST_NAME_BYTES);
  /** Index 0 stands for a free slot, so no name starts there. */
  #namesEnd = 1;
  #size = 0;
  readonly #capacity: number;
  readonly #seed: number;
  /** A reload may replace them. */
  limits: TopicLimits;

  /** `seed` makes collisions hard to craft; any 32-bit integer. `capacity` counts topics. */
  constructor(capacity: number, seed: number, limits: TopicLimits) {
    this.#capacity = capacity;
    this.#seed = seed;
    this.limits = limits;
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
    checkTopicSize(name, end - start, this.limits);
    return this.#add(new Topic(name, end - start), hash, bytes, start, end);
  }

  /** The topic of a name that the broker made itself or has validated. */
  findByName(name: string): Topic {
    const bytes = utf8Encoder.encode(name);
    const hash = this.#hash(bytes, 0, bytes.length);
    return this.#lookUp(hash, bytes, 0, bytes.length) ??
      this.#add(new Topic(name, bytes.length), hash, bytes, 0, bytes.length);
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
    // The low bits pick the slot; FNV mixes upwards, so fold the high ones in.
    return hash ^ hash >>> 15;
  }

  #lookUp(hash: number, bytes: Uint8Array, start: number, end: number): Topic | undefined {
    const keys = this.#keys;
    const mask = this.#topics.length - 1;
    for (let probe = 0; probe < LONGEST_PROBE; probe++) {
      const slot = hash + probe & mask;
      const nameStart = keys[slot * 2 + 1] as number;
      if (nameStart === 0) return undefined;
      if (keys[slot * 2] === hash && this.#isNamed(nameStart, bytes, start, end)) {
        return this.#topics[slot];
      }
    }
    return undefined;
  }

  #isNamed(nameStart: number, bytes: Uint8Array, start: number, end: number): boolean {
    const names = this.#names;
    const length = (names[nameStart] as number) << 8 | (names[nameStart + 1] as number);
    if (length !== end - start) return false;
    for (let at = start, to = nameStart + 2; at < end; at++, to++) {
      if (names[to] !== bytes[at]) return false;
    }
    return true;
  }

  #add(topic: Topic, hash: number, bytes: Uint8Array, start: number, end: number): Topic {
    if (this.#size >= this.#capacity || this.#namesEnd >= this.#capacity * NAME_BYTES) {
      this.#sweep();
    }
    if (this.#size * 2 >= this.#topics.length) this.#rebuild(this.#topics.length * 2, () => true);
    this.#store(topic, hash, this.#appendName(bytes, start, end));
    return topic;
  }

  #appendName(bytes: Uint8Array, start: number, end: number): number {
    const nameStart = this.#namesEnd;
    this.#namesEnd += 2 + end - start;
    if (this.#namesEnd > this.#names.length) {
      const grown = new Uint8Array(Math.max(this.#names.length * 2, this.#namesEnd));
      grown.set(this.#names);
      this.#names = grown;
    }
    this.#names[nameStart] = end - start >>> 8;
    this.#names[nameStart + 1] = end - start;
    this.#names.set(bytes.subarray(start, end), nameStart + 2);
    return nameStart;
  }

  /** Puts a topic into the first free slot of its probe, or in place of the first one there. */
  #store(topic: Topic, hash: number, nameStart: number): void {
    const mask = this.#topics.length - 1;
    let slot = hash & mask;
    for (let probe = 0; probe < LONGEST_PROBE; probe++) {
      const next = hash + probe & mask;
      if (this.#keys[next * 2 + 1] === 0) {
        slot = next;
        this.#size++;
        break;
      }
    }
    const replaced = this.#topics[slot];
    if (replaced !== undefined) replaced.route = undefined;
    this.#keys[slot * 2] = hash;
    this.#keys[slot * 2 + 1] = nameStart;
    this.#topics[slot] = topic;
  }

  /**
   * Makes room: drops the topics that were not looked up since the last sweep, and when nearly all
   * were, every second one, so that the next sweep is far away.
   */
  #sweep(): void {
    let usedCount = 0;
    for (const topic of this.#topics) if (topic?.used) usedCount++;
    const dropUsed = usedCount > this.#capacity * 3 / 4;
    let index = 0;
    this.#rebuild(this.#topics.length, (topic) => {
      const kept = topic.used && !(dropUsed && index++ % 2 === 1);
      topic.used = false;
      return kept;
    });
  }

  /** Moves the topics that `isKept` into arrays of `slotCount` slots. */
  #rebuild(slotCount: number, isKept: (topic: Topic) => boolean): void {
    const [keys, topics, names] = [this.#keys, this.#topics, this.#names];
    this.#keys = new Int32Array(slotCount * 2);
    this.#topics = new Array(slotCount).fill(undefined);
    this.#names = new Uint8Array(names.length);
    this.#namesEnd = 1;
    this.#size = 0;
    topics.forEach((topic, slot) => {
      if (topic === undefined) return;
      if (!isKept(topic)) {
        topic.route = undefined;
        return;
      }
      const nameStart = keys[slot * 2 + 1] as number;
      const length = (names[nameStart] as number) << 8 | (names[nameStart + 1] as number);
      const moved = this.#appendName(names, nameStart + 2, nameStart + 2 + length);
      this.#store(topic, keys[slot * 2] as number, moved);
    });
  }
}
