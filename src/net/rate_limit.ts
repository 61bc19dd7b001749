/**
 * Token buckets: so many events a second, with a burst of one second's worth or as many as one says.
 *
 * Owns the arithmetic and a bounded table of buckets by address (of IPv6, by /64). The clock is
 * passed in; nothing waits here.
 */

import { addressKey } from "../access/address_key.ts";

const MS_PER_SECOND = 1000;
/** Who has to wait waits for so much of a second's worth, not for a single token. */
const SHARE_WAITED_FOR = 0.05;
const MAXIMUM_ADDRESSES = 10_000;

export class TokenBucket {
  readonly #perSecond: number;
  readonly #capacity: number;
  #tokens: number;
  #filledMs: number;

  /** `capacity`: tokens of a burst; by default those of a second. */
  constructor(perSecond: number, nowMs: number, capacity = Math.max(1, perSecond)) {
    this.#perSecond = perSecond;
    this.#capacity = capacity;
    this.#tokens = this.#capacity;
    this.#filledMs = nowMs;
  }

  /** Whether there is nothing to take. */
  isEmpty(nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#tokens < 1;
  }

  /** Takes a token if there is one. */
  take(nowMs: number): boolean {
    this.#fill(nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /**
   * Takes a token even if there is none; returns the milliseconds after which the next may be taken:
   * 0 while there are more.
   */
  spend(nowMs: number): number {
    this.#fill(nowMs);
    this.#tokens--;
    if (this.#tokens >= 1) return 0;
    const wanted = Math.max(1, this.#perSecond * SHARE_WAITED_FOR);
    return Math.ceil((wanted - this.#tokens) * MS_PER_SECOND / this.#perSecond);
  }

  #fill(nowMs: number): void {
    const gained = (nowMs - this.#filledMs) * this.#perSecond / MS_PER_SECOND;
    this.#tokens = Math.min(this.#capacity, this.#tokens + gained);
    this.#filledMs = nowMs;
  }
}

/** One bucket for each address; the one that was made first is forgotten first. */
export class RateByAddress {
  readonly #perSecond: number;
  readonly #capacity: number | undefined;
  readonly #maximumAddresses: number;
  readonly #buckets = new Map<string, TokenBucket>();

  /** `capacity`: as of `TokenBucket`. */
  constructor(perSecond: number, maximumAddresses = MAXIMUM_ADDRESSES, capacity?: number) {
    this.#perSecond = perSecond;
    this.#capacity = capacity;
    this.#maximumAddresses = maximumAddresses;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /** The bucket of an address that has one. */
  find(address: string): TokenBucket | undefined {
    return this.#buckets.size === 0 ? undefined : this.#buckets.get(addressKey(address));
  }

  bucketOf(address: string, nowMs: number): TokenBucket {
    const key = addressKey(address);
    const known = this.#buckets.get(key);
    if (known !== undefined) return known;
    if (this.#buckets.size >= this.#maximumAddresses) {
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    }
    const bucket = new TokenBucket(this.#perSecond, nowMs, this.#capacity);
    this.#buckets.set(key, bucket);
    return bucket;
  }
}
