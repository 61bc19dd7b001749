/**
 * Whose durable session has ended without that being on the disk yet: after a crash the client would
 * have it again, so it must not be told before that it has none.
 *
 * Owns the Client Identifiers of the last two commits that contain such an end. No more are needed:
 * a journal writes one batch at a time, so what came before is done.
 */

import type { Journal } from "./journal.ts";

export class SessionEnds {
  readonly #journal: Journal;
  /** The commit that covers the ends in `#latest`; those in `#earlier` are in the one before. */
  #commit = 0;
  #latest = new Set<string>();
  #earlier = new Set<string>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** The end of a session was recorded just now. */
  add(clientIdentifier: string): void {
    const { pendingCommit } = this.#journal;
    if (pendingCommit === 0) return;
    if (pendingCommit !== this.#commit) {
      this.#earlier = pendingCommit === this.#commit + 1 ? this.#latest : new Set();
      this.#latest = new Set();
      this.#commit = pendingCommit;
    }
    this.#latest.add(clientIdentifier);
  }

  /** The end of a session of this client may wait for the journal's pending commit. */
  has(clientIdentifier: string): boolean {
    const { pendingCommit } = this.#journal;
    if (pendingCommit === 0 || pendingCommit > this.#commit + 1) return false;
    return this.#latest.has(clientIdentifier) ||
      pendingCommit === this.#commit && this.#earlier.has(clientIdentifier);
  }
}
