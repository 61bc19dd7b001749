/**
 * When the next batch goes to the disk.
 *
 * Owns the one timer of the journal. Nothing waits longer than what it is urgent for, and a disk that
 * is to be spared (`persistence.commit_interval`) is asked no more often than that.
 */

/** Runs `action` when the current round of the event loop, or `delayMs`, is over. */
export type Schedule = (action: () => void, delayMs: number) => Cancel;
export type Cancel = () => void;

/** How soon a change has to be on the disk. */
export enum Urgency {
  /** Nobody waits for it, and without it a crash costs a repetition, no loss. */
  Lazy = 1,
  /** Somebody waits for it, but it will probably be undone before long, and need not be written. */
  Hopeful = 2,
  /** Somebody waits for it. */
  Urgent = 3,
}

/** How long a lazy change waits for others to be written with. */
export const LAZY_MS = 5000;
/**
 * A hopeful change waits as long as the last commit took, within these bounds: if the hope is in
 * vain it has waited twice as long as it had to, and otherwise the disk was spared.
 */
export const SHORTEST_HOPE_MS = 5;
export const LONGEST_HOPE_MS = 20;

/** Timers of the system go off a little early. */
const TOLERANCE_MS = 0.5;

export interface CommitTimerOptions {
  /** Milliseconds that never go back. */
  nowMs(): number;
  readonly schedule: Schedule;
  /** Least time from one commit to the next; 0: as fast as the disk is. */
  readonly commitIntervalMs: number;
  /** Called when it is time. */
  flush(): void;
}

export class CommitTimer {
  readonly #options: CommitTimerOptions;
  #startedMs = -Infinity;
  #tookMs = 0;
  /** When to flush; `Infinity`: there is no reason to. */
  #dueMs = Infinity;
  /**
   * When the timer goes off. Often there is nothing to do then: that costs less than to take it back
   * and to set another for each message.
   */
  #firesMs = Infinity;
  #cancel: Cancel | undefined;

  constructor(options: CommitTimerOptions) {
    this.#options = options;
  }

  /** There is something of this urgency to write. */
  request(urgency: Urgency): void {
    const nowMs = this.#options.nowMs();
    const earliestMs = this.#startedMs + this.#options.commitIntervalMs;
    const dueMs = Math.max(nowMs + this.#patienceMs(urgency), earliestMs);
    if (dueMs >= this.#dueMs) return;
    this.#dueMs = dueMs;
    if (dueMs < this.#firesMs) this.#setTimer(nowMs);
  }

  #patienceMs(urgency: Urgency): number {
    if (urgency === Urgency.Urgent) return 0;
    if (urgency === Urgency.Lazy) return LAZY_MS;
    return Math.min(Math.max(this.#tookMs, SHORTEST_HOPE_MS), LONGEST_HOPE_MS);
  }

  #setTimer(nowMs: number): void {
    this.#cancel?.();
    this.#firesMs = this.#dueMs;
    this.#cancel = this.#options.schedule(() => this.#fire(), Math.max(0, this.#dueMs - nowMs));
  }

  #fire(): void {
    this.#cancel = undefined;
    this.#firesMs = Infinity;
    if (this.#dueMs === Infinity) return;
    const nowMs = this.#options.nowMs();
    if (this.#dueMs - nowMs > TOLERANCE_MS) return this.#setTimer(nowMs);
    this.#dueMs = Infinity;
    this.#options.flush();
  }

  /** There is nothing to write any more. */
  withdraw(): void {
    this.#dueMs = Infinity;
  }

  /** A batch has gone to the disk. */
  started(): void {
    this.withdraw();
    this.#startedMs = this.#options.nowMs();
  }

  /** It is on the disk. */
  finished(): void {
    this.#tookMs = this.#options.nowMs() - this.#startedMs;
  }

  /** Nothing is flushed any more. */
  stop(): void {
    this.withdraw();
    this.#cancel?.();
    this.#cancel = undefined;
    this.#firesMs = Infinity;
  }
}
