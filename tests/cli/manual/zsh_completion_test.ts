import assert from "node:assert/strict";
import { zshCompletion } from "../../../src/cli/manual/zsh_completion.ts";
import { SAMPLE } from "./sample_manuals.ts";
import { hasProgram, runShell } from "./shell.ts";

const hasZsh = await hasProgram("zsh");

Deno.test("the completion of zsh describes options, values and commands", () => {
  const script = zshCompletion(SAMPLE);
  assert.ok(script.includes("'*--format[about --format]:format:(argon2id pbkdf2)'"));
  assert.ok(script.includes("'*-c[the file\\: \\[any\\]; it'\\''s read]:file:_files'"));
  assert.ok(script.includes("'*--topic[about --topic]:topic: '"));
  assert.ok(script.includes("'passwd:change the users of a file: it'\\''s [safe]'"));
  assert.ok(script.includes("'clear') _broker_retained_clear ;;"));
});

Deno.test({ name: "zsh reads its completion", ignore: !hasZsh }, async () => {
  const script = zshCompletion(SAMPLE);
  const out = await runShell("zsh", [
    "-f",
    "-c",
    "autoload -Uz compinit; compinit -u -D; " +
    "source /dev/stdin; print -l ${(ok)functions[(I)_broker*]}",
  ], script);
  assert.deepEqual(out.trim().split("\n"), [
    "_broker",
    "_broker_passwd",
    "_broker_retained",
    "_broker_retained_clear",
    "_broker_retained_list",
  ]);
});
