import assert from "node:assert/strict";
import { printCompletions } from "../../../src/cli/manual/completions.ts";
import { SHELLS } from "../../../src/cli/manual/shells.ts";
import { createProgram } from "../../../src/cli/program.ts";
import { hasProgram, runShell } from "./shell.ts";

function scriptFor(shell: typeof SHELLS[number]): string {
  let out = "";
  const terminal = { out: (text: string) => void (out += text), err: assert.fail };
  assert.equal(printCompletions(shell, createProgram(terminal, () => {}, undefined), terminal), 0);
  return out;
}

const READ_ONLY: Readonly<Record<typeof SHELLS[number], string>> = {
  bash: "-n",
  zsh: "-n",
  fish: "--no-execute",
};

for (const shell of SHELLS) {
  Deno.test(`the completion of ${shell} knows every command`, () => {
    const script = scriptFor(shell);
    for (const name of ["pub", "sub", "rr", "check", "passwd", "completions", "man"]) {
      assert.ok(script.includes(name), name);
    }
  });

  const ignore = !await hasProgram(shell);
  Deno.test({ name: `${shell} can read its completion`, ignore }, async () => {
    const path = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(path, scriptFor(shell));
      assert.equal(await runShell(shell, [READ_ONLY[shell], path]), "");
    } finally {
      await Deno.remove(path);
    }
  });
}
