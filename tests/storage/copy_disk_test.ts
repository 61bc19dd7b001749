/**
 * Copies on disks that give trouble: real file systems, in a mount namespace of a child process.
 */
import assert from "node:assert/strict";
import { fromFileUrl } from "../../build/paths.ts";
import { temporaryFolder } from "./fixture.ts";

/** The lines that a scenario of `copy_disk_scenarios.ts` prints. */
async function run(scenario: string): Promise<string[]> {
  using disk = temporaryFolder();
  using ordinary = temporaryFolder();
  const program = fromFileUrl(new URL("./copy_disk_scenarios.ts", import.meta.url));
  const { code, stdout, stderr } = await new Deno.Command("unshare", {
    args: [
      ...(Deno.uid() === 0 ? ["--mount"] : ["--map-root-user", "--mount"]),
      Deno.execPath(),
      ...["run", "--no-check", "--quiet", "--allow-read", "--allow-write", "--allow-run=mount"],
      program,
      scenario,
      disk.path,
      ordinary.path,
    ],
    stdin: "null",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split("\n");
}

Deno.test("on a full disk a copy leaves nothing, and what was there before stays", async () => {
  assert.deepEqual(await run("full"), [
    "database or disk is full",
    "left: ",
    "database or disk is full",
    "left: broker.db,broker.db.lock",
  ]);
});

Deno.test("a copy on a read-only disk can be read and put back", async () => {
  const whole = "20 sessions, 1000 messages";
  assert.deepEqual(await run("readOnly"), [
    ...[whole, whole],
    "Read-only file system (os error 30): open '/new.db.partial'",
  ]);
});
