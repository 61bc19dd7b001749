import assert from "node:assert/strict";
import { Pacer, type PacerOptions } from "../../src/load/pacer.ts";

/** A publisher that writes down when what was due. */
function recorder(name: string, log: string[], now: () => number) {
  return { release: (count: number) => void log.push(`${now()} ${name} ${count}`) };
}

/** Paces with a clock that a wait turns on by `late` microseconds more than was asked for. */
async function pace(
  options: Pick<PacerOptions, "rate" | "publishers"> & { readonly own: readonly number[] },
  run: { readonly endUs: number; readonly messages: number; readonly late?: number },
): Promise<string[]> {
  let clock = 5000;
  const log: string[] = [];
  const now = (): number => clock;
  const pacer = new Pacer({
    ...options,
    own: options.own.map((index) => ({
      index,
      publisher: recorder(String(index), log, () => clock - 5000),
    })),
    now,
    wait: (us) => {
      clock += us + (run.late ?? 0);
      return Promise.resolve();
    },
  });
  await pacer.run(5000, run.endUs, run.messages, new AbortController().signal);
  return log;
}

Deno.test("every publisher in turn sends when it is due", async () => {
  const log = await pace({ rate: 1000, publishers: 2, own: [0, 1] }, {
    endUs: 4000,
    messages: Infinity,
  });
  assert.deepEqual(log, ["0 0 1", "1000 1 1", "2000 0 1", "3000 1 1"]);
});

Deno.test("a thread sends what is due of its own publishers only", async () => {
  const log = await pace({ rate: 1000, publishers: 3, own: [1] }, {
    endUs: 8000,
    messages: Infinity,
  });
  assert.deepEqual(log, ["1000 1 1", "4000 1 1", "7000 1 1"]);
});

Deno.test("what a late wait has missed is due at once", async () => {
  const log = await pace({ rate: 1000, publishers: 1, own: [0] }, {
    endUs: 10_000,
    messages: Infinity,
    late: 3500,
  });
  assert.deepEqual(log, ["0 0 1", "4500 0 4", "8500 0 4", "12500 0 1"]);
});

Deno.test("a number of messages ends the schedule", async () => {
  const log = await pace({ rate: 1000, publishers: 2, own: [0, 1] }, {
    endUs: 1e9,
    messages: 3,
  });
  assert.deepEqual(log, ["0 0 1", "1000 1 1", "2000 0 1"]);
});

Deno.test("a signal ends the schedule", async () => {
  const stop = new AbortController();
  let released = 0;
  const publisher = {
    release(): void {
      if (++released === 5) stop.abort();
    },
  };
  const pacer = new Pacer({
    rate: 1e6,
    publishers: 1,
    own: [{ index: 0, publisher }],
    now: count(),
  });
  await pacer.run(0, 1e12, Infinity, stop.signal);
  assert.equal(released, 5);
});

/** A clock that goes on by a microsecond with every look. */
function count(): () => number {
  let us = 0;
  return () => us++;
}

Deno.test("stamps follow from the rate: when a publisher begins, and its step", () => {
  const pacer = new Pacer({ rate: 2000, publishers: 4, own: [] });
  assert.deepEqual([pacer.firstUs(0), pacer.firstUs(3), pacer.stepUs], [0, 1500, 2000]);
});
