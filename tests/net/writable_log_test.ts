import assert from "node:assert/strict";
import { WritableLog } from "../../src/net/writable_log.ts";

/** A log whose intervals end when the test says so. */
class Bench {
  told: string[] = [];
  /** Ends the interval. */
  end: (() => void) | undefined;
  readonly log = new WritableLog({
    write: (isWritable, reason, more) => this.told.push(`${isWritable} ${reason} ${more}`),
    after: (_delayMs, action) => {
      assert.equal(this.end, undefined, "one interval at a time");
      this.end = () => {
        this.end = undefined;
        action();
      };
      return () => this.end = undefined;
    },
  });
}

Deno.test("the first change is told at once, the next when the interval is over", () => {
  const { log, told } = new Bench();
  log.changed(false, "full");
  log.changed(true, "");
  assert.deepEqual(told, ["false full 0"]);
});

Deno.test("what was told last is how it is, once an interval is over", () => {
  const bench = new Bench();
  const { log, told } = bench;
  log.changed(false, "full");
  log.changed(true, "");
  bench.end?.();
  assert.deepEqual(told.splice(0), ["false full 0", "true  0"]);
  log.changed(false, "full");
  log.changed(true, "");
  bench.end?.();
  assert.deepEqual(told, [], "it is as it was told");
  log.changed(false, "read-only");
  assert.deepEqual(
    told,
    ["false read-only 2"],
    "and an interval in which nothing was told is over",
  );
});

Deno.test("nothing is told after stop()", () => {
  const bench = new Bench();
  bench.log.changed(false, "full");
  bench.log.stop();
  assert.equal(bench.end, undefined);
});
