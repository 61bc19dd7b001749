/**
 * Copies on disks that give trouble: real file systems, in a mount namespace of a child process.
 */
import assert from "node:assert/strict";
import { fromFileUrl } from "../../build/paths.ts";
import { linesInNamespace, testWithMounts } from "../support/mount_namespace.ts";
import { temporaryFolder } from "./fixture.ts";

/** The lines that a scenario of `copy_disk_scenarios.ts` prints. */
async function run(scenario: string): Promise<string[]> {
  using disk = temporaryFolder();
  using ordinary = temporaryFolder();
  const program = fromFileUrl(new URL("./copy_disk_scenarios.ts", import.meta.url));
  return await linesInNamespace(program, [scenario, disk.path, ordinary.path]);
}

testWithMounts(
  "on a full disk a copy leaves nothing, and what was there before stays",
  async () => {
    assert.deepEqual(await run("full"), [
      "database or disk is full",
      "left: ",
      "database or disk is full",
      "left: broker.db,broker.db.lock",
    ]);
  },
);

testWithMounts("a copy on a read-only disk can be read and put back", async () => {
  const whole = "20 sessions, 1000 messages";
  assert.deepEqual(await run("readOnly"), [
    ...[whole, whole],
    "Read-only file system (os error 30): open '/new.db.partial'",
  ]);
});
