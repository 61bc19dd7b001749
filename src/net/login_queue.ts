/**
 * How many logins may be verified at once for those who have failed before.
 *
 * A password takes tens of milliseconds of a processor, so a few hundred wrong ones a second would
 * keep everybody else waiting. Addresses whose logins failed lately get a part of the queue; the rest
 * stays free for others. Invariant: what enters leaves.
 */

/** Logins of one such address at once, and of all of them together. */
const OF_ONE_ADDRESS = 4;
const OF_ALL = 16;

export class LoginQueue {
  readonly #suspects = new Map<string, number>();
  #count = 0;

  /** Logins of suspicious addresses that are being verified. */
  get suspectCount(): number {
    return this.#count;
  }

  /** Whether there is room for one more login of a suspicious address; if so, it has entered. */
  enter(addressKey: string): boolean {
    const own = this.#suspects.get(addressKey) ?? 0;
    if (own >= OF_ONE_ADDRESS || this.#count >= OF_ALL) return false;
    this.#suspects.set(addressKey, own + 1);
    this.#count++;
    return true;
  }

  leave(addressKey: string): void {
    const own = this.#suspects.get(addressKey) ?? 0;
    if (own > 1) this.#suspects.set(addressKey, own - 1);
    else this.#suspects.delete(addressKey);
    this.#count--;
  }
}
