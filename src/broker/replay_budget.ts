/**
 * How much looking for retained messages may cost, for all sessions together.
 *
 * A Topic Filter may lead through everything that is retained without a message that the client may
 * get, and a client may send as many of them as it likes. So each step that finds nothing takes from
 * a budget that grows with time; when it is used up, the sessions wait until they are called again.
 * Owns the budget and who waits. Invariant: between two moments of the clock, no more steps are
 * taken than there were in the budget. What is found costs nothing here: the link bounds it.
 */

import type { Clock } from "./message.ts";

/** Steps that may be taken at once: 15 ms on an x86 server, each with a question to the rules. */
export const MAXIMUM_STEPS = 20_000;
/** Steps that are added each millisecond. */
const STEPS_PER_MS = 100;
/** Steps that each of those who wait gets at least, before the next one has its turn. */
const LEAST_SHARE = 100;

/** Who goes on when there are steps again: a session. */
export interface Seeker {
  pump(): void;
}

export class ReplayBudget {
  readonly #clock: Clock;
  /** First come, first served. */
  readonly #waiting = new Set<Seeker>();
  #steps = MAXIMUM_STEPS;
  /** What the one whose turn it is may still take: one client must not keep all others waiting. */
  #share = Infinity;
  #filledMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Someone waits for `proceed`. */
  get isAwaited(): boolean {
    return this.#waiting.size > 0;
  }

  /** Takes a step; false when there is none left. */
  take(): boolean {
    if (this.#steps === 0 || this.#share === 0) return false;
    this.#share--;
    // The time in which it is used up adds nothing: or a slow processor would never be done.
    if (--this.#steps === 0) this.#filledMs = this.#clock.nowMs();
    return true;
  }

  /** The last step has found something. */
  giveBack(): void {
    this.#steps++;
    this.#share++;
  }

  /** Adds what the time that has passed is worth. */
  fill(): void {
    if (this.#steps >= MAXIMUM_STEPS) return;
    const nowMs = this.#clock.nowMs();
    const more = Math.floor((nowMs - (this.#filledMs ??= nowMs)) * STEPS_PER_MS);
    if (more <= 0) return;
    this.#filledMs = nowMs;
    this.#steps = Math.min(MAXIMUM_STEPS, this.#steps + more);
  }

  /** `seeker` is called by `proceed`. */
  wait(seeker: Seeker): void {
    this.#waiting.add(seeker);
  }

  /** Calls those who wait, each for its share, as far as the steps go. */
  proceed(): void {
    this.fill();
    const share = Math.max(LEAST_SHARE, Math.floor(this.#steps / this.#waiting.size));
    for (const seeker of [...this.#waiting]) {
      if (this.#steps === 0) return;
      this.#waiting.delete(seeker);
      this.#share = share;
      try {
        seeker.pump();
      } finally {
        this.#share = Infinity;
      }
    }
  }
}
