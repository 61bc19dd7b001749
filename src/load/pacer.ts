/**
 * Sends at a fixed rate: each message has its time, whatever happened to the one before.
 *
 * Owns the schedule of one thread: message `n` of all is due `n / rate` after the start, and it is
 * publisher `n % publishers` that sends it. Invariant: nothing is due before its time, and what could
 * not be sent in time stays due, so a broker that stalls does not make its own load lighter.
 */

import { nextTurn, nowUs } from "./clock.ts";
import { pause } from "../client/pause.ts";

/** Timers are late by one or two milliseconds; what is nearer is waited for by looking again. */
const TOO_NEAR_FOR_TIMER_US = 3000;
const TIMER_MARGIN_US = 2000;

/** A publisher that is told what is due. */
export interface Releasable {
  release(count: number): void;
}

export interface PacerOptions {
  /** Messages a second of all threads together. */
  readonly rate: number;
  /** Publishers of all threads together. */
  readonly publishers: number;
  /** Those of this thread, with their numbers, in ascending order. */
  readonly own: readonly { readonly index: number; readonly publisher: Releasable }[];
  readonly now?: () => number;
  /** Waits about so many microseconds, or less. */
  readonly wait?: (us: number, signal: AbortSignal) => Promise<void>;
}

export class Pacer {
  readonly #options: PacerOptions;
  readonly #now: () => number;
  readonly #wait: (us: number, signal: AbortSignal) => Promise<void>;
  readonly #touched: Uint32Array;

  constructor(options: PacerOptions) {
    this.#options = options;
    this.#now = options.now ?? nowUs;
    this.#wait = options.wait ?? waitPrecisely;
    this.#touched = new Uint32Array(options.own.length);
  }

  /** The microseconds between two messages of one publisher. */
  get stepUs(): number {
    return 1e6 * this.#options.publishers / this.#options.rate;
  }

  /** When the first message of the publisher of this number is due, after the start. */
  firstUs(index: number): number {
    return 1e6 * index / this.#options.rate;
  }

  /** Releases what is due from `originUs` on, until `endUs` after it, the last message, or the signal. */
  async run(
    originUs: number,
    endUs: number,
    messages: number,
    signal: AbortSignal,
  ): Promise<void> {
    let next = 0;
    while (!signal.aborted) {
      const now = this.#now() - originUs;
      next = this.#release(next, now, endUs, messages);
      if (now >= endUs || this.#numberOf(next) >= messages) return;
      await this.#wait(Math.min(this.#dueUs(next), endUs) - now, signal);
    }
  }

  /** Releases all that are due by `now` and before the end, from the `next`-th of this thread on. */
  #release(next: number, now: number, endUs: number, messages: number): number {
    const { own } = this.#options;
    this.#touched.fill(0);
    let count = next;
    for (;;) {
      const dueUs = this.#dueUs(count);
      if (dueUs > now || dueUs >= endUs || this.#numberOf(count) >= messages) break;
      const at = count++ % own.length;
      this.#touched[at] = (this.#touched[at] as number) + 1;
    }
    if (count === next) return next;
    own.forEach(({ publisher }, at) => {
      const due = this.#touched[at] as number;
      if (due > 0) publisher.release(due);
    });
    return count;
  }

  /** The number among all messages of the `count`-th of this thread. */
  #numberOf(count: number): number {
    const { own, publishers } = this.#options;
    const index = own[count % own.length]?.index ?? 0;
    return Math.floor(count / own.length) * publishers + index;
  }

  #dueUs(count: number): number {
    return 1e6 * this.#numberOf(count) / this.#options.rate;
  }
}

function waitPrecisely(us: number, signal: AbortSignal): Promise<void> {
  if (us < TOO_NEAR_FOR_TIMER_US) return nextTurn();
  return pause((us - TIMER_MARGIN_US) / 1000, signal);
}
