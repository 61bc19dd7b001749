/**
 * One place for the short payloads of messages that may stay for ever: a buffer of its own costs
 * each some 300 bytes, which is more than most payloads have.
 *
 * Owns the slabs, and where the payload of a message that was taken lies, until it is released.
 * Invariant: but for the one that is being filled, a slab is at least half full of payloads. What
 * falls below is emptied into the current slab, so no release moves more than a slab.
 */

import { copyBytes } from "../protocol/writer.ts";
import type { Message } from "./message.ts";

const SLAB_BYTES = 16 * 1024;
/** Longer payloads keep their own buffer: it costs them little, and slabs would end half empty. */
const LONGEST_BYTES = 1024;
/** Bytes that a payload is counted for at least: bounds the list of messages that a slab has. */
const SHORTEST_BYTES = 32;

interface Slab {
  readonly bytes: Uint8Array;
  /** Of these bytes, how many have been given out. */
  used: number;
  /** Of these, how many belong to messages that are here still. */
  live: number;
  /** Whose payloads these are, in no order. */
  readonly messages: Message[];
}

export class PayloadArena {
  #current = newSlab();
  readonly #slabs = new Map<Uint8Array, Slab>();

  /** Buffers that are held: for tests. */
  get slabCount(): number {
    return this.#slabs.size;
  }

  /** Messages that have their payload here: for tests. */
  get messageCount(): number {
    return this.#slabs.values().reduce((sum, { messages }) => sum + messages.length, 0);
  }

  /** Moves the payload of `message`, which owns its bytes, in here, unless it is long. */
  take(message: Message): void {
    const { payloadLength } = message;
    if (payloadLength > 0 && payloadLength <= LONGEST_BYTES) this.#place(message);
  }

  /** The message leaves: its payload gets a buffer of its own again, since others may hold it. */
  release(message: Message): void {
    const slab = this.#slabs.get(message.payloadBytes);
    if (slab === undefined) return;
    const { payloadLength } = message;
    point(message, new Uint8Array(payloadLength), 0);
    slab.live -= countedBytes(payloadLength);
    remove(slab.messages, message);
    this.#tidy(slab);
  }

  #place(message: Message): void {
    const { payloadLength } = message;
    const counted = countedBytes(payloadLength);
    if (this.#current.used + counted > SLAB_BYTES) this.#startSlab();
    const slab = this.#current;
    if (slab.used === 0) this.#slabs.set(slab.bytes, slab);
    point(message, slab.bytes, slab.used);
    slab.used += counted;
    slab.live += counted;
    slab.messages.push(message);
  }

  #startSlab(): void {
    const full = this.#current;
    this.#current = newSlab();
    this.#tidy(full);
  }

  /** Gives up a slab that is less than half full: what is left of it moves. */
  #tidy(slab: Slab): void {
    if (slab === this.#current || slab.live * 2 >= SLAB_BYTES) return;
    this.#slabs.delete(slab.bytes);
    for (const message of slab.messages) this.#place(message);
  }
}

function newSlab(): Slab {
  return { bytes: new Uint8Array(SLAB_BYTES), used: 0, live: 0, messages: [] };
}

/** In place of it the last one moves up. */
function remove(messages: Message[], message: Message): void {
  messages[messages.indexOf(message)] = messages[messages.length - 1] as Message;
  messages.pop();
}

function countedBytes(payloadLength: number): number {
  return Math.max(payloadLength, SHORTEST_BYTES);
}

/** Copies the payload of `message` to `bytes` at `at`, where it lies from now on. */
function point(message: Message, bytes: Uint8Array, at: number): void {
  const { payloadBytes, payloadStart, payloadEnd, payloadLength } = message;
  copyBytes(bytes, at, payloadBytes, payloadStart, payloadEnd);
  message.payloadBytes = bytes;
  message.payloadStart = at;
  message.payloadEnd = at + payloadLength;
}
