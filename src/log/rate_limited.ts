/**
 * Warnings that a client can cause as often as it likes: one a key and interval is written, the
 * others are counted.
 *
 * Owns the count of what was held back, for a bounded number of keys. Pure: the clock is passed
 * in, nothing is written. Invariant: whatever the keys are, at most `maxKeys + 1` warnings are
 * written in an interval.
 */

interface Entry {
  /** When the warning was last written. */
  writtenAtMs: number;
  heldBack: number;
}

/** What was held back for a key since it was last written. */
export interface HeldBack<Key> {
  /** Undefined stands for all keys that found no room. */
  readonly key: Key | undefined;
  readonly count: number;
}

/** Decides which of many equal warnings are written. */
export class RateLimited<Key> {
  /** Milliseconds in which one warning a key is written. */
  readonly intervalMs: number;
  readonly #maxKeys: number;
  /**
   * In the order of `writtenAtMs`, the oldest first: a key that is written again moves to the
   * end.
   */
  readonly #entries = new Map<Key, Entry>();
  readonly #others: Entry = { writtenAtMs: -Infinity, heldBack: 0 };

  constructor(intervalMs: number, maxKeys = 1000) {
    this.intervalMs = intervalMs;
    this.#maxKeys = maxKeys;
  }

  /**
   * Notes that the warning happened. Returns undefined when it is to be held back, else how many
   * like it have been held back since it was last written.
   */
  note(key: Key, nowMs: number): number | undefined {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      const held = this.#take(known, nowMs);
      if (held !== undefined) {
        this.#entries.delete(key);
        this.#entries.set(key, known);
      }
      return held;
    }
    if (this.#entries.size >= this.#maxKeys) this.#forgetOldest(nowMs);
    if (this.#entries.size >= this.#maxKeys) return this.#take(this.#others, nowMs);
    this.#entries.set(key, { writtenAtMs: nowMs, heldBack: 0 });
    return 0;
  }

  /**
   * Ends the intervals that are over: returns what was held back in them, and forgets those keys.
   * Call it now and then, so that the last of a series is told too.
   */
  endIntervals(nowMs: number): HeldBack<Key>[] {
    const ended: HeldBack<Key>[] = [];
    for (const [key, entry] of this.#entries) {
      if (!this.#isOver(entry, nowMs)) break;
      this.#entries.delete(key);
      if (entry.heldBack > 0) ended.push({ key, count: entry.heldBack });
    }
    if (this.#others.heldBack > 0 && this.#isOver(this.#others, nowMs)) {
      ended.push({ key: undefined, count: this.#others.heldBack });
      this.#others.heldBack = 0;
    }
    return ended;
  }

  #take(entry: Entry, nowMs: number): number | undefined {
    if (!this.#isOver(entry, nowMs)) {
      entry.heldBack++;
      return undefined;
    }
    const heldBack = entry.heldBack;
    entry.writtenAtMs = nowMs;
    entry.heldBack = 0;
    return heldBack;
  }

  #isOver(entry: Entry, nowMs: number): boolean {
    return nowMs - entry.writtenAtMs >= this.intervalMs;
  }

  /** Makes room by a key whose interval is over; what it held back counts among the others. */
  #forgetOldest(nowMs: number): void {
    const oldest = this.#entries.entries().next();
    if (oldest.done === true) return;
    const [key, entry] = oldest.value;
    if (!this.#isOver(entry, nowMs)) return;
    this.#entries.delete(key);
    this.#others.heldBack += entry.heldBack;
  }
}

/** "" or " (3 more like this in the last 60 s)", to follow the sentence. */
export function moreLikeThis(heldBack: number, intervalMs: number): string {
  return heldBack === 0
    ? ""
    : ` (${heldBack} more like this in the last ${Math.round(intervalMs / 1000)} s)`;
}
