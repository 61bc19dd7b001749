/**
 * Seeded random numbers, so that a simulation that failed can be run again. Owns its state; the
 * same seed gives the same numbers on every machine.
 */

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A fraction of at least 0 and less than 1 (mulberry32). */
  fraction(): number {
    this.#state = this.#state + 0x6d2b79f5 >>> 0;
    let value = this.#state;
    value = Math.imul(value ^ value >>> 15, value | 1);
    value ^= value + Math.imul(value ^ value >>> 7, value | 61);
    return ((value ^ value >>> 14) >>> 0) / 0x1_0000_0000;
  }

  /** An integer from 0 to `count - 1`. */
  below(count: number): number {
    return Math.floor(this.fraction() * count);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<Value>(values: readonly Value[]): Value {
    if (values.length === 0) throw new RangeError("Cannot pick from nothing");
    return values[this.below(values.length)] as Value;
  }

  /** `count` values; the same one may come more than once. */
  several<Value>(count: number, make: () => Value): Value[] {
    return Array.from({ length: count }, make);
  }
}
