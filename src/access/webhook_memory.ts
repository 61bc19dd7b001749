/**
 * What the webhook has allowed a short while ago.
 *
 * Owns the answers by the marks of their questions. Invariant: only an "allow" is remembered, never
 * for longer than it holds, and never more than a bounded number.
 */

import type { MethodAnswer, Proven } from "./login_method.ts";

export interface MemoryOptions {
  /** Milliseconds. */
  readonly rememberedMs: number;
  /** The oldest is forgotten first. */
  readonly maximumRemembered?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

interface Entry {
  readonly proven: Proven;
  readonly untilMs: number;
  /** When the proof itself is over. */
  readonly validUntilMs: number;
}

const MAXIMUM_REMEMBERED = 4096;

export class WebhookMemory {
  readonly #rememberedMs: number;
  readonly #maximumRemembered: number;
  readonly #now: () => number;
  /** The oldest first. */
  readonly #entries = new Map<string, Entry>();

  constructor({ rememberedMs, maximumRemembered, now }: MemoryOptions) {
    this.#rememberedMs = rememberedMs;
    this.#maximumRemembered = maximumRemembered ?? MAXIMUM_REMEMBERED;
    this.#now = now;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What was allowed, with the time that is left of it; undefined when it is to be asked again. */
  get(mark: string): Proven | undefined {
    const entry = this.#entries.get(mark);
    if (entry === undefined) return undefined;
    const nowMs = this.#now();
    if (entry.untilMs <= nowMs) {
      this.#entries.delete(mark);
      return undefined;
    }
    const { proven, validUntilMs } = entry;
    return validUntilMs === Infinity ? proven : { ...proven, validForMs: validUntilMs - nowMs };
  }

  /** Passes over what is no "allow". */
  remember(mark: string, answer: MethodAnswer): void {
    if (answer.kind !== "proven" || this.#rememberedMs <= 0) return;
    const nowMs = this.#now();
    const validUntilMs = nowMs + (answer.validForMs ?? Infinity);
    const untilMs = Math.min(nowMs + this.#rememberedMs, validUntilMs);
    this.#entries.delete(mark);
    for (const [oldest, entry] of this.#entries) {
      if (entry.untilMs > nowMs && this.#entries.size < this.#maximumRemembered) break;
      this.#entries.delete(oldest);
    }
    this.#entries.set(mark, { proven: answer, untilMs, validUntilMs });
  }

  forget(): void {
    this.#entries.clear();
  }
}
