import assert from "node:assert/strict";
import { runCli } from "../store_fixture.ts";

Deno.test("backup needs one file, and knows its options", async () => {
  const cases: [string[], RegExp][] = [
    [["backup"], /^error: 'backup' needs a file to write, as in 'broker backup \/mnt\//],
    [["backup", ""], /^error: 'backup' needs a file to write/],
    [["backup", "a", "b"], /^error: too many arguments for 'backup'/],
    [["backup", "a", "--froce"], /^error: unknown option '--froce'\n\(Did you mean --force\?\)/],
    [["bakup", "a"], /^error: unknown command 'bakup'\n\(Did you mean backup\?\)/],
  ];
  for (const [args, message] of cases) {
    const { exitCode, out, err } = await runCli(...args);
    assert.deepEqual([exitCode, out], [2, ""]);
    assert.match(err, message);
  }
});

Deno.test("the help of backup does not call its file optional", async () => {
  const { out } = await runCli("backup", "--help");
  assert.match(out, /^Usage: broker backup \[options\] <file>\n/);
});
