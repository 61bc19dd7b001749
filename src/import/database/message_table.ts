/**
 * Where each message is in the file, and how many wait for it.
 *
 * Owns a few bytes for each of them, so that a million can be imported by a computer that has little
 * memory: what is in them is read when it is wanted. Indexes count from 0 in the order of the file.
 */

import type { MessageKey } from "./records.ts";

const FIRST_CAPACITY = 1024;

export class MessageTable {
  readonly #indexes = new Map<MessageKey, number>();
  #starts = new Float64Array(FIRST_CAPACITY);
  #waiting = new Uint32Array(FIRST_CAPACITY);
  #isExpired = new Uint8Array(FIRST_CAPACITY);
  #isWanted = new Uint8Array(FIRST_CAPACITY);

  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** `start`: of its chunk. A second one of the same key takes the place of the first. */
  add(key: MessageKey, start: number, isExpired: boolean): void {
    const index = this.#size++;
    if (index === this.#starts.length) this.#grow();
    this.#indexes.set(key, index);
    this.#starts[index] = start;
    this.#isExpired[index] = isExpired ? 1 : 0;
  }

  #grow(): void {
    const capacity = this.#starts.length * 2;
    this.#starts = copyInto(new Float64Array(capacity), this.#starts);
    this.#waiting = copyInto(new Uint32Array(capacity), this.#waiting);
    this.#isExpired = copyInto(new Uint8Array(capacity), this.#isExpired);
    this.#isWanted = copyInto(new Uint8Array(capacity), this.#isWanted);
  }

  indexOf(key: MessageKey): number | undefined {
    return this.#indexes.get(key);
  }

  startOf(index: number): number {
    return this.#starts[index] as number;
  }

  isExpired(index: number): boolean {
    return this.#isExpired[index] === 1;
  }

  /** How many outgoing messages of the store will have it. */
  waitingFor(index: number): number {
    return this.#waiting[index] as number;
  }

  addWaiting(index: number): void {
    (this.#waiting[index] as number)++;
    this.#isWanted[index] = 1;
  }

  /** Something refers to it, whether or not anything comes of that. */
  want(index: number): void {
    this.#isWanted[index] = 1;
  }

  /** How many messages nothing refers to. */
  countUnwanted(): number {
    let count = 0;
    for (let index = 0; index < this.#size; index++) {
      if (this.#isWanted[index] === 0) count++;
    }
    return count;
  }
}

function copyInto<Numbers extends Float64Array | Uint32Array | Uint8Array>(
  target: Numbers,
  source: Numbers,
): Numbers {
  target.set(source);
  return target;
}
