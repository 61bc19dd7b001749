/**
 * The first word of the command line: which part of the program reads the rest.
 */

import assert from "node:assert/strict";
import { runCommandLine } from "../../src/cli/command_line.ts";

async function run(...args: string[]) {
  let out = "";
  let err = "";
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
  };
  const exitCode = await runCommandLine(args, terminal, () => Promise.resolve(7));
  return { exitCode, out, err };
}

Deno.test("without a word the broker is started", async () => {
  assert.equal((await run("-q")).exitCode, 7);
});

Deno.test("the client tools are in the list of commands", async () => {
  const { exitCode, out } = await run("--help");
  assert.equal(exitCode, 0);
  for (const tool of ["pub", "sub", "rr"]) {
    assert.match(out, new RegExp(`^ {2}${tool} {2,}\\w`, "m"));
  }
});

Deno.test("a client tool after an option of the broker is not taken for one", async () => {
  const { exitCode, err } = await run("-v", "pub", "-t", "a");
  assert.equal(exitCode, 2);
  assert.match(err, /'pub' must be the first word/);
});
