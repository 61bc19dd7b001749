import assert from "node:assert/strict";
import { commitIntervalMs } from "../../src/config/commit_interval.ts";
import { defaultSettings } from "../../src/config/read.ts";

const { persistence } = defaultSettings();

Deno.test("commitIntervalMs() is what is configured, and a second where relaxed names none", () => {
  const intervals = (["full", "relaxed"] as const).flatMap((durability) =>
    [0, 300].map((given) =>
      commitIntervalMs({ ...persistence, durability, commitIntervalMs: given })
    )
  );
  assert.deepEqual(intervals, [0, 300, 1000, 300]);
});
