import assert from "node:assert/strict";
import { TableLines, textTable } from "../../src/cli/text_table.ts";

const COLUMNS = [{ title: "NAME" }, { title: "N", isNumber: true }, { title: "MORE" }];

Deno.test("textTable() aligns columns and leaves nothing at the end of lines", () => {
  assert.deepEqual([...textTable(COLUMNS, [["a", "1", "x"], ["longer", "100", ""]])], [
    "NAME      N  MORE",
    "a         1  x",
    "longer  100",
  ]);
});

Deno.test("textTable() without rows has its titles", () => {
  assert.deepEqual([...textTable(COLUMNS, [])], ["NAME  N  MORE"]);
});

Deno.test("textTable() makes control characters visible before it measures", () => {
  assert.deepEqual([...textTable(COLUMNS, [["\x1b", "1", "\n"]])], [
    "NAME  N  MORE",
    "\\x1b  1  \\n",
  ]);
});

Deno.test("textTable() hands out the first rows before it has asked for all of them", () => {
  let asked = 0;
  function* rows(): Generator<string[]> {
    for (; asked < 5000; asked++) yield [`r${asked}`, "1", "x"];
  }
  const lines = textTable(COLUMNS, rows());
  assert.deepEqual([lines.next().value, lines.next().value], ["NAME  N  MORE", "r0    1  x"]);
  assert.ok(asked < 2000, `${asked} rows`);
  const rest = [...lines];
  assert.equal(rest.length, 4999);
  assert.equal(rest[4998], "r4999  1  x");
});

Deno.test("textTable() does not let one wide cell push all others away", () => {
  const [, wide, narrow] = textTable(COLUMNS, [["w".repeat(100), "1", "x"], ["n", "1", "x"]]);
  assert.equal(wide, `${"w".repeat(100)}  1  x`);
  assert.equal(narrow, `${"n".padEnd(48)}  1  x`);
});

Deno.test("TableLines holds back the first rows only, and then gives each as it comes", () => {
  const table = new TableLines([{ title: "A" }, { title: "B", isNumber: true }]);
  const lines: string[] = [];
  for (let row = 0; row < 1000; row++) lines.push(...table.add([`row ${row}`, "7"]));
  const atOnce = table.add(["x", "8"]);
  assert.equal(lines.length + atOnce.length, 1002);
  assert.equal(table.add(["y", "9"]).length, 1);
  assert.deepEqual(table.end(), []);
});
