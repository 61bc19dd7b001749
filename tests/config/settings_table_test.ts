/**
 * The table of settings in the README.
 */

import assert from "node:assert/strict";
import { everyRow } from "../../src/config/path.ts";
import {
  settingsTable,
  TABLE_END,
  TABLE_START,
  withSettingsTable,
} from "../../src/config/settings_table.ts";

Deno.test("README.md has the table of settings as build/settings_table.ts writes it", async () => {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  assert.equal(readme, withSettingsTable(readme), "run build/settings_table.ts");
});

Deno.test("settingsTable() has a line for every setting that is not a heading", () => {
  const lines = settingsTable().trimEnd().split("\n").slice(2);
  const keys = everyRow().filter(({ row }) => row.kind !== "section").map(({ path }) => path);
  assert.deepEqual(
    lines.map((line) => /^\| `([^`]+)` \|/.exec(line)?.[1]),
    keys.map((path) => path.join(".")),
  );
  assert.deepEqual(
    lines.filter((line) => line.split(" | ").length !== 4 || !line.endsWith(" |")),
    [],
  );
});

Deno.test("settingsTable() shows default, range and meaning", () => {
  const lines = settingsTable().split("\n");
  const starts = [
    "| `limits.max_connect_packet_size` | `64 KiB` | bytes, from ",
    "| `users.name` | required | user name | ",
    "| `roles.users` |  | list: user name | ",
    "| `listeners.protocol_versions` | `[3.1, 3.1.1, 5]` | list: 3.1, 3.1.1, 5 | ",
    "| `listeners.websocket.origins` | `[]` | list: origin | ",
    "| `listeners.mount_point` |  | topic prefix | ",
  ];
  assert.deepEqual(starts.filter((start) => !lines.some((line) => line.startsWith(start))), []);
});

Deno.test("withSettingsTable() replaces what stands between the markers and leaves the rest", () => {
  const renewed = withSettingsTable(`# A\n${TABLE_START}\nold\n${TABLE_END}\nB\n`);
  assert.equal(renewed, `# A\n${TABLE_START}\n\n${settingsTable()}\n${TABLE_END}\nB\n`);
  assert.equal(withSettingsTable(renewed), renewed);
});

Deno.test("withSettingsTable() refuses a README without both markers in their order", () => {
  for (const readme of ["", TABLE_START, TABLE_END, `${TABLE_END} ${TABLE_START}`]) {
    assert.throws(() => withSettingsTable(readme), /Cannot find <!-- settings -->/);
  }
});
