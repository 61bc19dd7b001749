import assert from "node:assert/strict";
import { fishCompletion } from "../../../src/cli/manual/fish_completion.ts";
import { SAMPLE } from "./sample_manuals.ts";
import { hasProgram, runShell } from "./shell.ts";

const hasFish = await hasProgram("fish");

/** What fish offers for a line that is typed so far. */
async function complete(line: string): Promise<readonly string[]> {
  const script = `${fishCompletion(SAMPLE)}\ncomplete -C '${line}'`;
  const out = await runShell("fish", ["--no-config", "-c", script]);
  return out.split("\n").filter((line) => line !== "").map((line) => line.replace("\t", ": "));
}

Deno.test("the completion of fish names options with their values", () => {
  const lines = fishCompletion(SAMPLE).split("\n");
  assert.ok(lines.includes(
    "complete -c broker -n '__broker_at \\'passwd\\'' -l 'format' -x -a 'argon2id pbkdf2' -d 'about --format'",
  ));
  assert.ok(lines.includes(
    "complete -c broker -n '__broker_at \\'retained clear\\'' -l 'yes' -d 'about --yes'",
  ));
});

Deno.test({ name: "fish completes", ignore: !hasFish }, async () => {
  assert.deepEqual(await complete("broker r"), ["retained: retained messages"]);
  assert.deepEqual(await complete("broker retained "), ["clear: clear them", "list: list them"]);
  assert.deepEqual(await complete("broker retained list --"), ["--json: about --json"]);
  assert.deepEqual(await complete("broker passwd --format "), [
    "argon2id: about --format",
    "pbkdf2: about --format",
  ]);
});
