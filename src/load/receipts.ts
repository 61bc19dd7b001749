/**
 * What one subscriber has received of each stream: what is missing, what came twice, what came late.
 *
 * Owns the number that is expected next of each stream, and the gaps. Invariant: every receipt is
 * counted once, as new or as duplicated; a new one that comes after a later one of its stream is out
 * of order as well.
 */

import type { NumberRange } from "./load_shape.ts";

/** Numbers that have not come, though later ones have: `from` to `to - 1`. */
interface Gap {
  from: number;
  to: number;
}

/** Gaps of a stream that are remembered; of an older one, what comes late counts as duplicated. */
const MAXIMUM_GAPS = 1000;

export class Receipts {
  readonly #first: number;
  readonly #expected: Uint32Array;
  #gaps = new Map<number, Gap[]>();
  duplicated = 0;
  outOfOrder = 0;
  /** Messages of streams that this subscriber has not asked for. */
  unasked = 0;

  constructor({ first, count }: NumberRange) {
    this.#first = first;
    this.#expected = new Uint32Array(count);
  }

  /** Begins to expect everything from 0 again. */
  begin(): void {
    this.#expected.fill(0);
    this.#gaps = new Map();
    this.duplicated = 0;
    this.outOfOrder = 0;
    this.unasked = 0;
  }

  /** Takes the receipt of a message; true when it is new. */
  take(stream: number, sequence: number): boolean {
    const index = stream - this.#first;
    const expected = this.#expected[index];
    if (expected === sequence) {
      this.#expected[index] = sequence + 1;
      return true;
    }
    if (expected === undefined) {
      this.unasked++;
      return false;
    }
    return this.#takeOther(index, expected, sequence);
  }

  #takeOther(index: number, expected: number, sequence: number): boolean {
    // The numbers have 32 bits and go round: what is nearer counts.
    if ((sequence - expected | 0) > 0) {
      this.#addGap(index, { from: expected, to: sequence });
      this.#expected[index] = sequence + 1;
      return true;
    }
    if (this.#fillGap(index, sequence)) {
      this.outOfOrder++;
      return true;
    }
    this.duplicated++;
    return false;
  }

  #addGap(index: number, gap: Gap): void {
    const gaps = this.#gaps.get(index);
    if (gaps === undefined) {
      this.#gaps.set(index, [gap]);
      return;
    }
    if (gaps.length === MAXIMUM_GAPS) gaps.shift();
    gaps.push(gap);
  }

  /** Takes `sequence` out of the gap that it is in; false when it is in none. */
  #fillGap(index: number, sequence: number): boolean {
    const gaps = this.#gaps.get(index) ?? [];
    const at = gaps.findIndex(({ from, to }) => isWithin(sequence, from, to));
    const gap = gaps[at];
    if (gap === undefined) return false;
    const after = sequence + 1 >>> 0;
    const parts = [{ from: gap.from, to: sequence }, { from: after, to: gap.to }];
    gaps.splice(at, 1, ...parts.filter(({ from, to }) => from !== to));
    return true;
  }
}

/** Whether `from <= sequence < to`, round the end of the numbers. */
function isWithin(sequence: number, from: number, to: number): boolean {
  return (sequence - from >>> 0) < (to - from >>> 0);
}
