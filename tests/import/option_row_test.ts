/** Rows of the table of options: names, and the weight of what is missing. */

import assert from "node:assert/strict";
import { BOOLEAN, integer, lacking, missing, needless, row } from "../../src/import/option_row.ts";

Deno.test("row() takes several names, the one of today first", () => {
  const option = row("broker", "new old", BOOLEAN, needless("it is so"));
  assert.deepEqual(option.names, ["new", "old"]);
  assert.equal(option.isSecret, false);
});

Deno.test("lacking() says what matters, missing() what does not", () => {
  assert.deepEqual(lacking("a", "false"), {
    kind: "missing",
    text: "a",
    matters: true,
    harmless: "false",
  });
  assert.deepEqual(missing("b"), {
    kind: "missing",
    text: "b",
    matters: false,
    harmless: undefined,
  });
});

Deno.test("integer() has the range of a C int unless it is told", () => {
  assert.deepEqual(integer(), { kind: "integer", from: -2_147_483_648, to: 2_147_483_647 });
  assert.deepEqual(integer(0, 2), { kind: "integer", from: 0, to: 2 });
});
