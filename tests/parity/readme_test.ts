/**
 * The parity table is complete, gives its reasons, and stands in README.md as it is.
 */

import assert from "node:assert/strict";
import { repositoryPath } from "../../build/paths.ts";
import { CLIENT_OPTIONS } from "../../src/cli/client/options.ts";
import { testWithPrograms } from "../support/programs.ts";
import { parityReadme, REGENERATE } from "./readme.ts";
import type { Tool } from "./row.ts";
import { PARITY_ROWS } from "./rows.ts";

const TOOLS: readonly Tool[] = ["pub", "sub", "rr", "passwd"];

/** The flags that have a row of the tool. */
function triedFlags(tool: Tool): Set<string> {
  const rows = PARITY_ROWS.filter((row) => row.tool === tool);
  return new Set(rows.flatMap(({ flag, args }) => [...flag.split(", "), ...args]));
}

Deno.test("tests/parity/README.md is made of the rows as they are", async () => {
  const written = await Deno.readTextFile(repositoryPath("tests/parity/README.md"));
  assert.equal(written, parityReadme(PARITY_ROWS), `README.md is stale: run ${REGENERATE}`);
});

Deno.test("every option of ours that Mosquitto has is tried with each tool", () => {
  const missing = CLIENT_OPTIONS.filter(({ since }) => since !== "here").flatMap((option) =>
    option.tools.filter((tool) => !option.flags.some((flag) => triedFlags(tool).has(flag)))
      .map((tool) => `${tool} ${option.flags.join(", ")}`)
  );
  assert.deepEqual(missing, []);
});

for (const tool of TOOLS) {
  const program = `mosquitto_${tool}`;
  testWithPrograms([program], `every flag in the help of ${program} is tried`, () => {
    const { stdout } = new Deno.Command(program, { args: ["--help"] }).outputSync();
    const help = new TextDecoder().decode(stdout);
    const flags = [...help.matchAll(/^ (--?[\w-]+) :/gm)].map(([, flag]) => flag as string);
    const tried = triedFlags(tool);
    assert.notEqual(flags.length, 0);
    assert.deepEqual(flags.filter((flag) => !tried.has(flag)), []);
    return Promise.resolve();
  });
}

Deno.test("every difference has its reason, and every reason a difference", () => {
  const odd = PARITY_ROWS.filter(({ ours, why }) => (ours === undefined) !== (why === undefined));
  assert.deepEqual(odd, []);
});

Deno.test("no two rows are the same test", () => {
  const names = PARITY_ROWS.map(({ tool, flag, what }) => `${tool} ${flag} ${what}`);
  assert.deepEqual(names.filter((name, index) => names.indexOf(name) !== index), []);
});
