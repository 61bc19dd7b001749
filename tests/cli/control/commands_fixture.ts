/**
 * What all commands that ask a broker have in common, to be tested of each.
 */

import assert from "node:assert/strict";
import type { CommandContext } from "../../../src/cli/command_context.ts";
import { runCommand } from "./fixture.ts";

/** `words`: the command with what it needs. */
export async function checkCommand(
  add: (context: CommandContext) => void,
  command: string,
  ...words: string[]
): Promise<void> {
  const names = command.split(" ");
  const help = await runCommand(add, ...names, "--help");
  assert.deepEqual([help.exitCode, help.err], [0, ""]);
  assert.match(help.out, new RegExp(`^Usage: broker ${command} [^]*Examples?:\n( {2}.*\n)+$`));
  for (const option of ["--config <file>", "--socket <path>", "--json"]) {
    assert.ok(help.out.includes(option), `${option} in the help of ${command}`);
  }
  const nobody = await runCommand(add, ...names, ...words, "--socket", "/nonexistent/control");
  assert.deepEqual([nobody.exitCode, nobody.out], [1, ""]);
  assert.match(nobody.err, /^Cannot ask the broker: none listens at '\/nonexistent\/control'/);
  const wrong = await runCommand(add, ...names, ...words, "--jsn");
  assert.equal(wrong.exitCode, 2);
  assert.match(wrong.err, /unknown option '--jsn'\n\(Did you mean --json\?\)/);
}
