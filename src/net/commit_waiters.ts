/**
 * Who waits until what was recorded is on the disk, besides the output of connections.
 *
 * Owns the promises. Invariant: each is resolved, at the latest when the disk turns out to take
 * nothing; while the process lives and is ticked, nobody waits for ever.
 */

import type { Journal } from "../broker/journal.ts";

interface Waiter {
  readonly commit: number;
  resolve(isDurable: boolean): void;
}

export class CommitWaiters {
  readonly #journal: Pick<Journal, "pendingCommit" | "isWritable">;
  #waiters: Waiter[] = [];

  constructor(journal: Pick<Journal, "pendingCommit" | "isWritable">) {
    this.#journal = journal;
  }

  /**
   * Resolves when everything recorded so far is durable, as far as `durability` promises it; with
   * false when the disk takes nothing.
   */
  durable(): Promise<boolean> {
    const { pendingCommit, isWritable } = this.#journal;
    if (pendingCommit === 0) return Promise.resolve(true);
    if (!isWritable) return Promise.resolve(false);
    return new Promise((resolve) => this.#waiters.push({ commit: pendingCommit, resolve }));
  }

  /** Everything up to `commit` is on the disk. */
  committed(commit: number): void {
    if (this.#waiters.length > 0) this.#settle((waiter) => waiter.commit <= commit, true);
  }

  /** Called about once a second. */
  tick(): void {
    if (this.#waiters.length > 0 && !this.#journal.isWritable) this.#settle(() => true, false);
  }

  #settle(isDue: (waiter: Waiter) => boolean, isDurable: boolean): void {
    const waiters = this.#waiters;
    this.#waiters = waiters.filter((waiter) => !isDue(waiter));
    for (const waiter of waiters.filter(isDue)) waiter.resolve(isDurable);
  }
}
