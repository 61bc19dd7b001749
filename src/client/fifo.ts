/**
 * A first-in, first-out queue: constant time at both ends, however long it is.
 *
 * Owns its items until they are taken.
 */

/** Taken places are given up when there are this many, and more than items. */
const COMPACT_AFTER = 1024;

export class Fifo<Item> {
  #items: (Item | undefined)[] = [];
  #start = 0;

  get length(): number {
    return this.#items.length - this.#start;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** The oldest one; undefined when there is none. */
  first(): Item | undefined {
    return this.#items[this.#start];
  }

  /** Takes the oldest one away. Not to be called when there is none. */
  drop(): void {
    this.#items[this.#start++] = undefined;
    if (this.#start < COMPACT_AFTER || this.#start < this.length) return;
    this.#items = this.#items.slice(this.#start);
    this.#start = 0;
  }

  /** Takes all of them, oldest first. */
  takeAll(): Item[] {
    const items = this.#items.slice(this.#start) as Item[];
    this.#items = [];
    this.#start = 0;
    return items;
  }
}
