/** What `broker import` may be asked for, and what excludes what. */

import assert from "node:assert/strict";
import { runImport } from "./import_fixture.ts";

const COMPLAINTS: Record<string, RegExp> = {
  "": /^error: 'import' needs a file to read and one to write, as in 'broker import \/etc/,
  "a.conf": /^error: 'import' needs a file to read and one to write/,
  "a.conf -o - --json": /^error: option '--json' cannot be used with '-o -'/,
  "a.conf -o b --store s --no-database":
    /^error: option '--store' cannot be used with option '--no/,
  "a.conf -o b -o c": /The option is given twice/,
  "a.conf -o b --path x": /Allowed: two paths, as in \/mosquitto=\.\/mosquitto-data/,
  "a.conf b.conf -o c": /too many arguments/,
  "a.conf -o b --forse": /unknown option '--forse'\n\(Did you mean --force\?\)/,
};

for (const [args, complaint] of Object.entries(COMPLAINTS)) {
  Deno.test(`'import ${args}' ends with 2 and says what is wrong`, async () => {
    const { exitCode, out, err } = await runImport(...args.split(" ").filter((arg) => arg !== ""));
    assert.deepEqual([exitCode, out], [2, ""]);
    assert.match(err, complaint);
  });
}

Deno.test("the help of import has an example, and names every option", async () => {
  const { exitCode, out } = await runImport("--help");
  assert.equal(exitCode, 0);
  assert.match(out, /\nExamples:\n.*\n {2}sudo broker import \/etc\/mosquitto\/mosquitto\.conf -o/);
  const options = [...out.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option]) => option);
  assert.deepEqual(options, [
    "--output",
    "--store",
    "--no-database",
    "--path",
    "--dry-run",
    "--json",
    "--force",
    "--allow-unsupported",
    "--help",
  ]);
});
