/**
 * Failed logins by address, and the addresses that are banned for them.
 *
 * Owns both tables. Invariant: neither grows over its maximum, whoever attacks: the address that has
 * been quiet for longest is forgotten first. An IPv6 address counts with its whole /64; a Unix socket
 * has no address and is never banned. The clock is passed in.
 */

import { addressKey } from "../access/address_key.ts";
import { isLocalAddress } from "../access/local_network.ts";

export interface LoginFailureLimits {
  /** `Infinity`: nobody is banned. */
  readonly failedLoginsBeforeBan: number;
  readonly failedLoginWindowMs: number;
  readonly banTimeMs: number;
  readonly banLocalNetwork: boolean;
}

/** What follows from a failed login. */
export interface FailureOutcome {
  /** Milliseconds for which the answer is held back. */
  readonly delayMs: number;
  /** The address is banned from now on; its failed logins that led to it. */
  readonly bannedAfter: number | undefined;
}

export interface EndedBan {
  /** An address, or a /64. */
  readonly address: string;
  readonly refusedConnections: number;
}

/** A sliding window in two halves: what was before it counts less and less. */
interface Failures {
  windowStartMs: number;
  count: number;
  countBefore: number;
  lastMs: number;
}

export interface Ban {
  readonly untilMs: number;
  refusedConnections: number;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 2000;
const DELAY_WITHOUT_GUESS_MS = 500;
/** Addresses in each of the two tables: some 2 MB in all. */
const MAXIMUM_ADDRESSES = 10_000;

export class LoginFailures {
  limits: LoginFailureLimits;
  readonly #maximumAddresses: number;
  /** The address that failed last comes last. */
  readonly #failures = new Map<string, Failures>();
  readonly #bans = new Map<string, Ban>();

  constructor(limits: LoginFailureLimits, maximumAddresses = MAXIMUM_ADDRESSES) {
    this.limits = limits;
    this.#maximumAddresses = maximumAddresses;
  }

  /** Addresses with failed logins that still count. */
  get failingCount(): number {
    return this.#failures.size;
  }

  get bannedCount(): number {
    return this.#bans.size;
  }

  /** The bans of now, the oldest first. */
  *bans(): Generator<Readonly<Ban> & { readonly address: string }> {
    for (const [address, { untilMs, refusedConnections }] of this.#bans) {
      yield { address, untilMs, refusedConnections };
    }
  }

  /**
   * Says that a login from `address` failed. `isGuess`: for a wrong name, password or token; others,
   * such as anonymous clients where none are served, are slowed down and never banned.
   */
  failed(address: string, isGuess: boolean, nowMs: number): FailureOutcome {
    if (!isGuess) return { delayMs: DELAY_WITHOUT_GUESS_MS, bannedAfter: undefined };
    const key = addressKey(address);
    // Logins that were under way when it was banned do not ban it again.
    if (this.#isBanned(key, nowMs)) return { delayMs: 0, bannedAfter: undefined };
    const count = this.#count(key, nowMs);
    if (count < this.limits.failedLoginsBeforeBan || this.#isExempt(address)) {
      const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(count - 1, 10));
      return { delayMs, bannedAfter: undefined };
    }
    this.#failures.delete(key);
    makeRoom(this.#bans, this.#maximumAddresses);
    this.#bans.set(key, { untilMs: nowMs + this.limits.banTimeMs, refusedConnections: 0 });
    return { delayMs: 0, bannedAfter: count };
  }

  /** Whether logins from `address` failed lately. */
  isSuspicious(address: string): boolean {
    return this.#failures.size > 0 && this.#failures.has(addressKey(address));
  }

  /** Whether a new connection of `address` is to be closed; counts it. */
  refusesConnection(address: string, nowMs: number): boolean {
    if (this.#bans.size === 0) return false;
    const key = addressKey(address);
    if (!this.#isBanned(key, nowMs)) return false;
    (this.#bans.get(key) as Ban).refusedConnections++;
    return true;
  }

  #isBanned(key: string, nowMs: number): boolean {
    return (this.#bans.get(key)?.untilMs ?? -Infinity) > nowMs;
  }

  /** Forgets what is over; returns the bans that have ended. Called about once a second. */
  tick(nowMs: number): EndedBan[] {
    for (const [key, { lastMs }] of this.#failures) {
      if (nowMs - lastMs < this.limits.failedLoginWindowMs) break;
      this.#failures.delete(key);
    }
    const ended: EndedBan[] = [];
    for (const [address, { untilMs, refusedConnections }] of this.#bans) {
      if (untilMs > nowMs) continue;
      this.#bans.delete(address);
      ended.push({ address, refusedConnections });
    }
    return ended;
  }

  #isExempt(address: string): boolean {
    return address === "" || (!this.limits.banLocalNetwork && isLocalAddress(address));
  }

  /** Counts one more; returns how many there were in the window that ends now. */
  #count(key: string, nowMs: number): number {
    const windowMs = this.limits.failedLoginWindowMs;
    const known = this.#failures.get(key);
    if (known === undefined) makeRoom(this.#failures, this.#maximumAddresses);
    const entry = known ?? { windowStartMs: nowMs, count: 0, countBefore: 0, lastMs: nowMs };
    const windows = Math.floor((nowMs - entry.windowStartMs) / windowMs);
    if (windows > 0) {
      entry.countBefore = windows === 1 ? entry.count : 0;
      entry.count = 0;
      entry.windowStartMs += windows * windowMs;
    }
    entry.count++;
    entry.lastMs = nowMs;
    this.#failures.delete(key);
    this.#failures.set(key, entry);
    const share = 1 - (nowMs - entry.windowStartMs) / windowMs;
    return entry.count + Math.floor(entry.countBefore * share);
  }
}

function makeRoom(table: Map<string, unknown>, maximum: number): void {
  if (table.size < maximum) return;
  for (const oldest of table.keys()) return void table.delete(oldest);
}
