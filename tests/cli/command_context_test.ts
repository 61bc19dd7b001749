/**
 * What holds for every command, seen from the command line.
 */

import assert from "node:assert/strict";
import { runCli } from "./store_fixture.ts";

/** The commands, each with what it needs. */
const COMMANDS = [["check", "x"], ["schema"], ["inspect"], ["backup", "x"], ["restore", "x"]];

Deno.test("options for starting the broker are refused before a command", async () => {
  const options: [string, string[]][] = [
    ["-p, --port <port>", ["-p", "1884"]],
    ["-v, --verbose", ["--verbose"]],
    ["-q, --quiet", ["-q"]],
  ];
  for (const command of COMMANDS) {
    for (const [flags, args] of options) {
      const { exitCode, out, err } = await runCli(...args, ...command);
      assert.deepEqual([exitCode, out], [2, ""]);
      assert.equal(
        err,
        `error: option '${flags}' is for starting the broker, not for '${command[0]}'\n` +
          "(see 'broker --help')\n",
      );
    }
  }
});

Deno.test("every command ends with 0 after its help, which has an example", async () => {
  for (const [command = ""] of COMMANDS) {
    const { exitCode, out, err } = await runCli(command, "--help");
    assert.deepEqual([exitCode, err], [0, ""]);
    assert.match(out, new RegExp(`^Usage: broker ${command} [^]*Examples?:\n( {2}.*\n)+$`));
  }
});

Deno.test("an option that is given twice or is empty is refused", async () => {
  for (
    const [args, message] of [
      [["inspect", "--db", "a", "--db", "b"], /'--db <file>' argument 'b' is invalid.*twice/],
      [["inspect", "--db", ""], /'--db <file>' argument '' is invalid.*empty/],
      [["backup", "x", "-c", "a", "-c", "b"], /'-c, --config <file>' argument 'b' is.*twice/],
    ] as const
  ) {
    const { exitCode, out, err } = await runCli(...args);
    assert.deepEqual([exitCode, out], [2, ""]);
    assert.match(err, message);
  }
});
