/**
 * Lets a bounded number of things run at the same time, and a bounded number wait for their turn.
 *
 * Owns the queue: first come, first served. Invariant: every turn that was taken is given back by
 * whoever took it; one that was given up while waiting was never taken.
 */

export interface TurnLimits {
  readonly maximumRunning: number;
  readonly maximumWaiting: number;
}

export class Turns {
  readonly #limits: TurnLimits;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /** Whether one more could not even wait. */
  get isFull(): boolean {
    const { maximumRunning, maximumWaiting } = this.#limits;
    return this.#running >= maximumRunning && this.#waiting.size >= maximumWaiting;
  }

  /** Resolves when it is one's turn; rejects with the reason of the signal when that comes first. */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running < this.#limits.maximumRunning) {
      this.#running++;
      return;
    }
    const turn = Promise.withResolvers<void>();
    const giveUp = (): void => {
      this.#waiting.delete(turn.resolve);
      turn.reject(signal.reason);
    };
    this.#waiting.add(turn.resolve);
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      await turn.promise;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  /** Gives a turn back; who waits longest has it then. */
  giveBack(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
