/**
 * How fast one client may publish: by its own rate, and by the one of its address.
 *
 * Nothing is refused and nothing is lost: a client that is over a rate is read more slowly.
 */

import type { TokenBucket } from "./rate_limit.ts";

export class MessageRate {
  readonly #own: TokenBucket | undefined;
  readonly #ofAddress: TokenBucket | undefined;

  constructor(own: TokenBucket | undefined, ofAddress: TokenBucket | undefined) {
    this.#own = own;
    this.#ofAddress = ofAddress;
  }

  /** One message more; returns the milliseconds for which nothing more is read. */
  count(nowMs: number): number {
    return Math.max(this.#own?.spend(nowMs) ?? 0, this.#ofAddress?.spend(nowMs) ?? 0);
  }
}
