import assert from "node:assert/strict";
import { collectTwice, exposedCollect } from "../src/collection.ts";

type Global = { gc?: (options: Record<string, string>) => void };

/** Runs `body` where V8 offers `gc`, or does not. */
function withGc(gc: Global["gc"], body: () => void): void {
  const scope = globalThis as Global;
  const before = scope.gc;
  if (gc === undefined) delete scope.gc;
  else scope.gc = gc;
  try {
    body();
  } finally {
    if (before === undefined) delete scope.gc;
    else scope.gc = before;
  }
}

Deno.test("collectTwice() makes two full collections", () => {
  const asked: Record<string, string>[] = [];
  withGc((options) => asked.push(options), collectTwice);
  const full = { type: "major", execution: "sync", flavor: "last-resort" };
  assert.deepEqual(asked, [full, full]);
});

Deno.test("without --expose-gc nothing is collected", () => {
  withGc(undefined, () => {
    assert.equal(exposedCollect(), undefined);
    collectTwice();
  });
});
