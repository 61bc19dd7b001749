/**
 * When a publisher waits for a reader, so that a short burst loses nothing at QoS 0.
 *
 * A reader that falls behind is given a moment: those who publish to it stop reading until it has
 * caught up. One that does not catch up in that moment is slow, and nobody waits for it again until
 * it has taken everything or some time has passed; so a slow reader costs the others one short
 * pause, and what they spend on slow readers in all is bounded. The clock is passed in.
 */

/** What is watched of a connection. */
export interface Reader {
  /** Bytes that wait for the network. */
  readonly bufferedBytes: number;
}

export interface BackpressureLimits {
  /** Bytes of output from which on publishers wait for a reader. */
  readonly highWaterBytes: number;
  /** Bytes down to which it must come. */
  readonly lowWaterBytes: number;
}

/** The moment a reader is given. With the water marks this asks for about 5 MB a second. */
const PATIENCE_MS = 200;
/** How long a slow reader is not waited for, and over which pauses for slow readers are counted. */
const MEMORY_MS = 10_000;
/** Pauses in vain that are allowed in `MEMORY_MS`, for all readers: 10 % of the time. */
const MAX_PAUSES_IN_VAIN = 5;

export class Backpressure {
  readonly #limits: BackpressureLimits;
  readonly #nowMs: () => number;
  /** Readers that are waited for, and until when. */
  readonly #awaited = new Map<Reader, number>();
  /** Readers that were too slow, and until when nobody waits for them. */
  readonly #slow = new Map<Reader, number>();
  /** When the last pauses in vain ended, oldest first. */
  #inVain: number[] = [];
  #waiting: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(limits: BackpressureLimits, nowMs: () => number) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  /** Says that output for `reader` was added; true when whoever added it should wait. */
  added(reader: Reader): boolean {
    if (reader.bufferedBytes <= this.#limits.highWaterBytes) return false;
    if (this.#awaited.has(reader)) return true;
    const nowMs = this.#nowMs();
    if ((this.#slow.get(reader) ?? 0) > nowMs || this.#isOverBudget(nowMs)) return false;
    this.#awaited.set(reader, nowMs + PATIENCE_MS);
    this.#timer ??= setTimeout(() => this.#giveUp(), PATIENCE_MS);
    return true;
  }

  #isOverBudget(nowMs: number): boolean {
    this.#inVain = this.#inVain.filter((endedMs) => endedMs > nowMs - MEMORY_MS);
    return this.#inVain.length >= MAX_PAUSES_IN_VAIN;
  }

  /** Says that the network took output of `reader`. */
  taken(reader: Reader): void {
    if (this.#slow.size > 0 && reader.bufferedBytes === 0) this.#slow.delete(reader);
    if (this.#awaited.size === 0 || reader.bufferedBytes > this.#limits.lowWaterBytes) return;
    if (this.#awaited.delete(reader)) this.#resumeIfNobodyIsAwaited();
  }

  /** Says that `reader` is gone. */
  removed(reader: Reader): void {
    this.#slow.delete(reader);
    if (this.#awaited.delete(reader)) this.#resumeIfNobodyIsAwaited();
  }

  /** Resolves when no reader is waited for any more. */
  relief(): Promise<void> {
    if (this.#awaited.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #giveUp(): void {
    this.#timer = undefined;
    const nowMs = this.#nowMs();
    let nextMs = Infinity;
    let inVain = false;
    for (const [reader, dueMs] of this.#awaited) {
      let untilMs = dueMs;
      if (nowMs - dueMs > PATIENCE_MS / 2) {
        // This process stood still, so nobody can say that the reader did.
        untilMs = nowMs + PATIENCE_MS;
        this.#awaited.set(reader, untilMs);
      }
      if (untilMs > nowMs) {
        nextMs = Math.min(nextMs, untilMs);
        continue;
      }
      inVain = true;
      this.#awaited.delete(reader);
      this.#slow.set(reader, nowMs + MEMORY_MS);
    }
    if (inVain) this.#inVain.push(nowMs);
    if (nextMs < Infinity) {
      this.#timer = setTimeout(() => this.#giveUp(), Math.max(1, nextMs - nowMs));
    }
    this.#resumeIfNobodyIsAwaited();
  }

  #resumeIfNobodyIsAwaited(): void {
    if (this.#awaited.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}
