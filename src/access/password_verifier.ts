/**
 * Verifies passwords, each no more often than is needed: a thousand clients of the same users that
 * come back at once cost one computation a user.
 *
 * Owns the memory of what was right a short while ago. Invariant: neither a password nor a plain
 * hash of one is kept, only an HMAC with a key that this process made and never shows. The hash
 * that was verified against is part of it, so a changed hash is never answered from memory.
 */

import { createHmac, randomBytes } from "node:crypto";
import type { Verdict } from "./password_messages.ts";

/** What computes: `PasswordPool`. */
export interface PasswordComputer {
  verify(password: Uint8Array, hash: string): Promise<Verdict>;
}

export interface VerifierOptions {
  /** Milliseconds for which a right password is remembered. */
  readonly rememberedMs?: number;
  /** How many are remembered; the oldest is forgotten first. */
  readonly maximumRemembered?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

const REMEMBERED_MS = 5 * 60_000;
const MAXIMUM_REMEMBERED = 4096;

export class PasswordVerifier {
  readonly #computer: PasswordComputer;
  readonly #rememberedMs: number;
  readonly #maximumRemembered: number;
  readonly #now: () => number;
  readonly #key = randomBytes(32);
  /** Until when what was right is remembered, the oldest first. */
  readonly #right = new Map<string, number>();
  /** What is being computed: who asks the same meanwhile gets the same answer. */
  readonly #asked = new Map<string, Promise<Verdict>>();

  constructor(computer: PasswordComputer, options: VerifierOptions = {}) {
    this.#computer = computer;
    this.#rememberedMs = options.rememberedMs ?? REMEMBERED_MS;
    this.#maximumRemembered = options.maximumRemembered ?? MAXIMUM_REMEMBERED;
    this.#now = options.now ?? (() => performance.now());
  }

  /** How many right passwords are remembered. */
  get rememberedCount(): number {
    return this.#right.size;
  }

  /**
   * Whether the password is that of the hash (its text, which is bounded: `parsePasswordHash()` has
   * read it before). Rejects when it cannot be computed.
   */
  verify(password: Uint8Array, hash: string): Promise<Verdict> {
    const mark = this.#markOf(password, hash);
    if (this.#isRemembered(mark)) return Promise.resolve("right");
    const asked = this.#asked.get(mark);
    if (asked !== undefined) return asked;
    const answer = this.#compute(mark, password, hash);
    this.#asked.set(mark, answer);
    return answer;
  }

  /** Forgets every password that was right, as after the users have changed. */
  forget(): void {
    this.#right.clear();
  }

  async #compute(mark: string, password: Uint8Array, hash: string): Promise<Verdict> {
    try {
      const verdict = await this.#computer.verify(password, hash);
      if (verdict === "right") this.#remember(mark);
      return verdict;
    } finally {
      this.#asked.delete(mark);
    }
  }

  /** A hash contains no NUL, so that no two pairs have the same bytes. */
  #markOf(password: Uint8Array, hash: string): string {
    return createHmac("sha256", this.#key).update(`${hash}\0`).update(password).digest("base64");
  }

  #isRemembered(mark: string): boolean {
    const untilMs = this.#right.get(mark);
    if (untilMs === undefined) return false;
    if (untilMs > this.#now()) return true;
    this.#right.delete(mark);
    return false;
  }

  #remember(mark: string): void {
    const nowMs = this.#now();
    this.#right.delete(mark);
    for (const [oldest, untilMs] of this.#right) {
      if (untilMs > nowMs && this.#right.size < this.#maximumRemembered) break;
      this.#right.delete(oldest);
    }
    this.#right.set(mark, nowMs + this.#rememberedMs);
  }
}
