import assert from "node:assert/strict";
import { runCli } from "../store_fixture.ts";

Deno.test("restore needs one file, and knows its options", async () => {
  const cases: [string[], RegExp][] = [
    [["restore"], /^error: 'restore' needs the backup, as in 'broker restore \/mnt\//],
    [["restore", ""], /^error: 'restore' needs the backup/],
    [["restore", "a", "b"], /^error: too many arguments for 'restore'/],
    [["restore", "a", "--force"], /^error: unknown option '--force'\n/],
    [["restor", "a"], /^error: unknown command 'restor'\n\(Did you mean restore\?\)/],
  ];
  for (const [args, message] of cases) {
    const { exitCode, out, err } = await runCli(...args);
    assert.deepEqual([exitCode, out], [2, ""]);
    assert.match(err, message);
  }
});

Deno.test("the help of restore does not call its file optional", async () => {
  const { out } = await runCli("restore", "--help");
  assert.match(out, /^Usage: broker restore \[options\] <file>\n/);
});
