import assert from "node:assert/strict";
import {
  CommitTimer,
  LAZY_MS,
  LONGEST_HOPE_MS,
  SHORTEST_HOPE_MS,
  Urgency,
} from "../../src/storage/commit_timer.ts";

/** A timer on a clock that the test moves, with the times at which it flushed. */
class Clock {
  nowMs = 1000;
  flushes: number[] = [];
  #waiting: { dueMs: number; action: () => void }[] = [];
  readonly timer: CommitTimer;

  constructor(commitIntervalMs = 0) {
    this.timer = new CommitTimer({
      nowMs: () => this.nowMs,
      schedule: (action, delayMs) => {
        const entry = { dueMs: this.nowMs + delayMs, action };
        this.#waiting.push(entry);
        return () => this.#waiting = this.#waiting.filter((each) => each !== entry);
      },
      commitIntervalMs,
      flush: () => {
        this.flushes.push(this.nowMs - 1000);
        this.timer.started();
      },
    });
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Time goes on, and timers go off on the way. */
  advance(milliseconds: number): void {
    const endMs = this.nowMs + milliseconds;
    for (;;) {
      const next = this.#waiting.filter(({ dueMs }) => dueMs <= endMs)
        .sort((one, other) => one.dueMs - other.dueMs)[0];
      if (next === undefined) break;
      this.#waiting = this.#waiting.filter((each) => each !== next);
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      next.action();
    }
    this.nowMs = endMs;
  }
}

Deno.test("each urgency has its patience", () => {
  for (
    const [urgency, patienceMs] of [
      [Urgency.Urgent, 0],
      [Urgency.Hopeful, SHORTEST_HOPE_MS],
      [Urgency.Lazy, LAZY_MS],
    ] as const
  ) {
    const clock = new Clock();
    clock.timer.request(urgency);
    clock.advance(10_000);
    assert.deepEqual(clock.flushes, [patienceMs]);
  }
});

Deno.test("what is urgent does not wait for what is not, and takes it along", () => {
  const clock = new Clock();
  clock.timer.request(Urgency.Lazy);
  clock.advance(100);
  clock.timer.request(Urgency.Urgent);
  clock.timer.request(Urgency.Lazy);
  clock.advance(10_000);
  assert.deepEqual(clock.flushes, [100]);
});

Deno.test("hope lasts as long as the last commit took, within bounds", () => {
  for (
    const [tookMs, hopeMs] of [[0.1, SHORTEST_HOPE_MS], [7, 7], [500, LONGEST_HOPE_MS]] as const
  ) {
    const clock = new Clock();
    clock.timer.started();
    clock.nowMs += tookMs;
    clock.timer.finished();
    const startMs = clock.nowMs - 1000;
    clock.timer.request(Urgency.Hopeful);
    clock.advance(10_000);
    assert.deepEqual(clock.flushes, [startMs + hopeMs]);
  }
});

Deno.test("commits keep their distance, however urgent", () => {
  const clock = new Clock(300);
  clock.timer.request(Urgency.Urgent);
  clock.advance(100);
  clock.timer.request(Urgency.Urgent);
  clock.advance(10_000);
  assert.deepEqual(clock.flushes, [0, 300]);
});

Deno.test("what was withdrawn is not flushed, and what comes then has its full time", () => {
  const clock = new Clock();
  clock.timer.request(Urgency.Hopeful);
  clock.advance(SHORTEST_HOPE_MS * 0.75);
  clock.timer.withdraw();
  clock.timer.request(Urgency.Hopeful);
  assert.equal(clock.waiting, 1, "one timer does for both");
  clock.advance(10_000);
  assert.deepEqual(clock.flushes, [SHORTEST_HOPE_MS * 1.75]);
});

Deno.test("a timer that is stopped leaves nothing behind", () => {
  const clock = new Clock();
  clock.timer.request(Urgency.Lazy);
  clock.timer.stop();
  assert.equal(clock.waiting, 0);
  clock.timer.request(Urgency.Lazy);
  clock.advance(LAZY_MS);
  assert.deepEqual(clock.flushes, [LAZY_MS]);
});
