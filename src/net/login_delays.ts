/**
 * Answers that are held back: to failed logins, and to clients that fight over a Client Identifier.
 *
 * Owns the timers. Invariant: at most `maximum` answers wait; whoever comes when all places are taken
 * is answered at once, so that no attack can pile up connections here.
 */

const MAXIMUM_WAITING = 1000;

/** An answer that waits. */
export interface Delay {
  /** Resolves when the time is over; never after `cancel`. */
  readonly over: Promise<void>;
  /** The connection is gone. */
  cancel(): void;
}

export class LoginDelays {
  readonly #maximum: number;
  #waiting = 0;

  constructor(maximum = MAXIMUM_WAITING) {
    this.#maximum = maximum;
  }

  get waitingCount(): number {
    return this.#waiting;
  }

  /** Undefined when there is nothing to wait for, or no room to wait. */
  wait(milliseconds: number): Delay | undefined {
    if (milliseconds <= 0 || this.#waiting >= this.#maximum) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting++;
    let isWaiting = true;
    const leave = () => {
      if (!isWaiting) return;
      isWaiting = false;
      this.#waiting--;
    };
    const timer = setTimeout(() => {
      leave();
      resolve();
    }, milliseconds);
    const cancel = () => {
      clearTimeout(timer);
      leave();
    };
    return { over: promise, cancel };
  }
}
