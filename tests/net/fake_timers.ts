/**
 * Timers that run when a test says so, in place of `setTimeout` and its like.
 *
 * Owns the global functions while it is in use, and puts them back. Invariant: nothing runs by
 * itself, and a disposed one has given the real functions back.
 */

interface Timer {
  readonly run: () => void;
  readonly delayMs: number;
}

export class FakeTimers implements Disposable {
  nowMs = 0;
  readonly #real = { setTimeout, clearTimeout, setInterval, clearInterval };
  readonly #timers = new Map<number, Timer & { dueMs: number; repeats: boolean }>();
  #lastId = 0;

  constructor() {
    const add = (run: () => void, delayMs: number, repeats: boolean): number => {
      this.#timers.set(++this.#lastId, { run, delayMs, repeats, dueMs: this.nowMs + delayMs });
      return this.#lastId;
    };
    const remove = (id?: number) => void this.#timers.delete(id ?? 0);
    Object.assign(globalThis, {
      setTimeout: (run: () => void, delayMs = 0) => add(run, delayMs, false),
      setInterval: (run: () => void, delayMs = 0) => add(run, delayMs, true),
      clearTimeout: remove,
      clearInterval: remove,
    });
  }

  /** Timers that have not run yet. */
  get count(): number {
    return this.#timers.size;
  }

  /** Lets time pass: runs what becomes due, in order. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { dueMs }]) => dueMs <= endMs)
        .sort(([, a], [, b]) => a.dueMs - b.dueMs)[0];
      if (due === undefined) break;
      const [id, timer] = due;
      this.nowMs = Math.max(this.nowMs, timer.dueMs);
      if (timer.repeats) timer.dueMs += timer.delayMs;
      else this.#timers.delete(id);
      timer.run();
    }
    this.nowMs = endMs;
  }

  [Symbol.dispose](): void {
    Object.assign(globalThis, this.#real);
  }
}
