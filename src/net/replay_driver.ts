/**
 * Lets those go on who wait for retained messages, when the others have had their turn.
 *
 * Owns the timer. How much may be done at once is up to `ReplayBudget` of the core.
 */

import type { ReplayBudget } from "../broker/replay_budget.ts";

/** Milliseconds until it goes on, when the budget was used up. */
const PROCEED_MS = 10;

export class ReplayDriver {
  readonly #budget: Pick<ReplayBudget, "isAwaited" | "proceed">;
  readonly #proceeded: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  /** `proceeded`: there may be output. Whatever `budget` throws is for the caller of `attempt`. */
  constructor(
    budget: Pick<ReplayBudget, "isAwaited" | "proceed">,
    attempt: (part: () => void) => void,
    proceeded: () => void,
  ) {
    this.#budget = budget;
    this.#proceeded = () => {
      attempt(() => this.#budget.proceed());
      proceeded();
    };
  }

  /** Called after every batch of input: costs next to nothing while nobody waits. */
  soon(): void {
    if (!this.#budget.isAwaited || this.#timer !== undefined || this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#proceeded();
    }, PROCEED_MS);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }
}
