import assert from "node:assert/strict";
import { machineUsage } from "../../src/load/machine_usage.ts";

Deno.test("what this process used is told, and never less than before", () => {
  const before = machineUsage();
  const after = machineUsage();
  assert.ok(before.ownSeconds > 0 && after.ownSeconds >= before.ownSeconds);
  assert.ok(before.processors >= 1);
  assert.ok((after.busySeconds ?? 0) >= (before.busySeconds ?? 0));
});
