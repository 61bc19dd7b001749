import assert from "node:assert/strict";
import { runProgram } from "../../src/cli/program.ts";

async function run(...args: string[]) {
  let out = "";
  let err = "";
  const exitCode = await runProgram(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  });
  return { exitCode, out, err };
}

Deno.test("completions prints the script of the shell", async () => {
  const { exitCode, out, err } = await run("completions", "fish");
  assert.deepEqual([exitCode, err], [0, ""]);
  assert.ok(out.startsWith("# fish completion of broker"));
});

Deno.test("completions for another shell ends with 2 and says which there are", async () => {
  const { exitCode, out, err } = await run("completions", "tcsh");
  assert.deepEqual([exitCode, out], [2, ""]);
  assert.match(err, /bash, zsh, fish/);
});
