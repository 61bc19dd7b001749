/** The table accounts for each option once. */

import assert from "node:assert/strict";
import type { ConfEntry } from "../../src/import/conf_reader.ts";
import { Findings } from "../../src/import/findings.ts";
import { findOption } from "../../src/import/option_table.ts";

function entry(name: string, text: string, line: number, file = "a.conf"): ConfEntry {
  return {
    option: findOption(name),
    name,
    value: { text, words: [text], flag: false, number: NaN },
    place: { file, line },
    file: { path: file, source: "" },
    range: { start: 0, end: 0 },
  };
}

Deno.test("findings are in the order of the files, defaults last, secrets hidden", () => {
  const findings = new Findings();
  const entries = [
    entry("include_dir", "d", 1),
    entry("bridge_psk", "abc", 1, "d/b.conf"),
    entry("user", "u", 2),
  ];
  const [dir, psk, user] = entries as [ConfEntry, ConfEntry, ConfEntry];
  findings.default("persistence", "false", "changed", "now it is");
  findings.changed(user, "2");
  findings.lost(psk, "3");
  findings.carried(dir, "1");
  findings.account(entries);
  assert.deepEqual(findings.list.map(({ option, value, matters }) => [option, value, matters]), [
    ["include_dir", "d", false],
    ["user", "u", false],
    ["bridge_psk", "(not shown)", true],
    ["persistence", "false", false],
  ]);
});

Deno.test("an option that is forgotten, or decided about twice, is a mistake of this program", () => {
  const findings = new Findings();
  const user = entry("user", "u", 1);
  assert.throws(() => findings.account([user]), /Cannot account for 'user'/);
  findings.dropped(user, "x");
  assert.equal(findings.has(user), true);
  assert.throws(() => findings.carried(user, "y"), /Cannot decide about 'user' twice/);
});
