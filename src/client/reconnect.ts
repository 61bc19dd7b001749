/**
 * How long to wait before connecting again: 1 second, doubled up to 30 seconds, with jitter, so that
 * clients that lost the same server do not come back all at once.
 *
 * Owns the count of failures in a row. Randomness is given.
 */

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 30_000;

export class ReconnectDelay {
  readonly #random: () => number;
  #longestMs = FIRST_DELAY_MS;

  /** `random`: from 0 up to, not including, 1. */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Milliseconds to wait before the next attempt: between half of the step and the whole of it. */
  next(): number {
    const longestMs = this.#longestMs;
    this.#longestMs = Math.min(longestMs * 2, LONGEST_DELAY_MS);
    return Math.round(longestMs * (0.5 + this.#random() / 2));
  }

  /** A connection was accepted: the next failure is the first one again. */
  reset(): void {
    this.#longestMs = FIRST_DELAY_MS;
  }
}
