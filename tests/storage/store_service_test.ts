import { messageOf } from "../../src/error_text.ts";
import assert from "node:assert/strict";
import type { FromWorker } from "../../src/storage/messages.ts";
import { StoreGoneError } from "../../src/storage/errors.ts";
import type { StoreFile } from "../../src/storage/store_file.ts";
import { StoreService } from "../../src/storage/store_service.ts";
import { noCounts } from "../../src/storage/counts.ts";

const BATCH = new Uint8Array([1]);
const NO_DAMAGE = { rows: 0, gaps: 0, reason: "" };
const EVERYTHING = new Uint8Array([7]);

/** A service on a file that fails as the test says, with time that the test lets pass. */
class Bench {
  /** What each attempt to write, open or replace meets; none: it works. */
  faults: Error[] = [];
  /** What an opened file is: the one that was there, or a new one. */
  isNew = false;
  canLoadOnly = false;
  done: string[] = [];
  posted: FromWorker[] = [];
  timers: { delayMs: number; action: () => void }[] = [];
  tidyUps = 0;
  readonly service: StoreService;

  constructor() {
    this.service = new StoreService({
      open: (load) => {
        this.#attempt(load === undefined ? "opened again" : "opened");
        load?.(new Uint8Array([9]));
        const report = { isNew: this.isNew, repair: undefined };
        return { file: this.#file(), report };
      },
      loadOnly: (load) => {
        if (this.canLoadOnly) load(new Uint8Array([9]));
        return this.canLoadOnly ? NO_DAMAGE : undefined;
      },
      replace: ({ reason, isForeign }, batch) => {
        this.#attempt(
          `${isForeign ? "replaced the gone one" : "replaced the damaged one"} ${batch}`,
        );
        const kept = { setAsideAs: undefined, recovered: noCounts() };
        const repair = { reason, ...kept, damage: NO_DAMAGE };
        return { file: this.#file(), repair };
      },
      describe: messageOf,
      post: (message) => this.posted.push(message),
      after: (delayMs, action) => {
        const timer = { delayMs, action };
        this.timers.push(timer);
        return () => this.timers = this.timers.filter((each) => each !== timer);
      },
    });
  }

  #attempt(what: string): void {
    const fault = this.faults.shift();
    if (fault !== undefined) throw fault;
    this.done.push(what);
  }

  #file(): StoreFile {
    return {
      counters: { commits: 1, bytesWritten: 10, fileBytes: 7 },
      apply: () => this.#attempt("written"),
      tidyUp: () => --this.tidyUps >= 0,
      close: () => void this.done.push("closed"),
    };
  }

  /** The kinds of what was posted since the last call. */
  takeKinds(): string[] {
    return this.posted.splice(0).map(({ kind }) => kind);
  }

  /** Lets time pass until the next timer. Returns how long that took. */
  pass(): number | undefined {
    const timer = this.timers.shift();
    timer?.action();
    return timer?.delayMs;
  }
}

function opened(): Bench {
  const bench = new Bench();
  bench.service.open();
  assert.deepEqual(bench.takeKinds(), ["chunk", "opened"]);
  bench.done = [];
  return bench;
}

Deno.test("a batch is written and reported", () => {
  const bench = opened();
  bench.service.commit(BATCH);
  assert.deepEqual(bench.posted, [
    { kind: "committed", counters: { commits: 1, bytesWritten: 10, fileBytes: 7 } },
  ]);
  bench.service.close();
  assert.deepEqual(bench.done, ["written", "closed"]);
  assert.equal(bench.posted.at(-1)?.kind, "closed");
});

Deno.test("on a full disk a batch is tried again, at longer and longer intervals", () => {
  const bench = opened();
  bench.faults = new Array(8).fill(new Error("database or disk is full"));
  bench.service.commit(BATCH);
  const delays: (number | undefined)[] = [];
  while (bench.faults.length > 0) delays.push(bench.pass());
  delays.push(bench.pass());
  assert.deepEqual(delays, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  assert.deepEqual(bench.takeKinds(), [...new Array(8).fill("writeFailed"), "committed"]);
  // The connection is kept: nothing is wrong with it.
  assert.deepEqual(bench.done, ["written"]);
});

Deno.test("after another error the file is opened again, without reading it", () => {
  const bench = opened();
  bench.faults = [new Error("disk I/O error"), new Error("unable to open database file")];
  bench.service.commit(BATCH);
  bench.pass();
  bench.pass();
  assert.deepEqual(bench.done, ["closed", "opened again", "written"]);
  assert.deepEqual(bench.takeKinds(), ["writeFailed", "writeFailed", "committed"]);
  // What was counted before is counted still.
  bench.service.commit(BATCH);
  const [message] = bench.posted;
  assert.equal(message?.kind === "committed" && message.counters.bytesWritten, 20);
});

Deno.test("a file that is gone or damaged is replaced when everything has come again", () => {
  for (
    const [error, replaced] of [
      [new StoreGoneError("deleted"), "replaced the gone one 7"],
      [new Error("database disk image is malformed"), "replaced the damaged one 7"],
    ] as const
  ) {
    const bench = opened();
    bench.faults = [error];
    bench.service.commit(BATCH);
    assert.deepEqual([bench.takeKinds(), bench.done], [["lost"], ["closed"]]);
    assert.deepEqual(bench.timers, [], "nothing is tried until then");
    bench.service.commit(EVERYTHING);
    assert.deepEqual(bench.done, ["closed", replaced]);
    const [message] = bench.posted;
    assert.equal(message?.kind === "replaced" && message.repair.reason, error.message);
    assert.deepEqual(bench.takeKinds(), ["replaced", "committed"]);
    bench.service.commit(BATCH);
    assert.deepEqual(bench.takeKinds(), ["committed"]);
  }
});

Deno.test("replacing a file is tried again with the same batch until it works", () => {
  const bench = opened();
  bench.faults = [
    new StoreGoneError("deleted"),
    new Error("Permission denied"),
    new StoreGoneError("deleted again"),
  ];
  bench.service.commit(BATCH);
  assert.deepEqual(bench.takeKinds(), ["lost"]);
  bench.service.commit(EVERYTHING);
  bench.pass();
  assert.deepEqual(bench.takeKinds(), ["writeFailed", "writeFailed"]);
  bench.pass();
  assert.deepEqual(bench.takeKinds(), ["replaced", "committed"]);
  assert.equal(bench.done.at(-1), "replaced the gone one 7");
});

Deno.test("a file that vanished while it could not be written is taken for gone", () => {
  const bench = opened();
  bench.faults = [new Error("disk I/O error")];
  bench.service.commit(BATCH);
  bench.isNew = true;
  bench.pass();
  assert.deepEqual(bench.takeKinds(), ["writeFailed", "lost"]);
});

Deno.test("a file that can only be read is loaded, and written to when that is possible", () => {
  const bench = new Bench();
  bench.canLoadOnly = true;
  bench.faults = [new Error("unable to open database file")];
  bench.service.open();
  assert.deepEqual(bench.takeKinds(), ["startAgain", "chunk", "unopened"]);
  bench.service.commit(BATCH);
  assert.deepEqual(bench.takeKinds(), ["committed"]);
});

Deno.test("a file that could not be read at the start is left alone until the next", () => {
  const bench = new Bench();
  bench.faults = [new Error("unable to open database file")];
  bench.service.open();
  assert.deepEqual(bench.posted.at(-1), {
    kind: "unopened",
    reason: "unable to open database file",
    damage: undefined,
  });
  bench.takeKinds();
  bench.service.commit(BATCH);
  assert.deepEqual(bench.takeKinds(), ["writeFailed"]);
  assert.deepEqual(bench.done, ["opened again", "closed"]);
  // Unless it is out of the way.
  bench.isNew = true;
  bench.pass();
  assert.deepEqual(bench.takeKinds(), ["committed"]);
});

Deno.test("when there was no file it is made with the first batch", () => {
  const bench = new Bench();
  bench.isNew = true;
  bench.service.commit(BATCH);
  assert.deepEqual(bench.takeKinds(), ["committed"]);
  assert.deepEqual(bench.done, ["opened again", "written"]);
});

Deno.test("tidying up goes on while there is something to do, then rests", () => {
  const bench = opened();
  bench.tidyUps = 2;
  bench.service.commit(BATCH);
  bench.service.commit(BATCH);
  assert.deepEqual([bench.pass(), bench.pass(), bench.pass(), bench.pass()], [
    1000,
    50,
    50,
    undefined,
  ]);
});

Deno.test("close() gives up a batch that could not be written", () => {
  const bench = opened();
  bench.faults = [new Error("database or disk is full")];
  bench.service.commit(BATCH);
  bench.service.close();
  assert.deepEqual(bench.takeKinds(), ["writeFailed", "closed"]);
  assert.deepEqual(bench.timers, []);
});
