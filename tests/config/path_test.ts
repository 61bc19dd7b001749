/**
 * Walking along paths of the file and of the table.
 */

import assert from "node:assert/strict";
import { everyRow, pathText, rawAt, rowAt } from "../../src/config/path.ts";
import { settingsTable } from "../../src/config/settings.ts";

Deno.test("pathText() writes a path as people do", () => {
  assert.deepEqual(
    [[], ["limits"], ["limits", "max_qos"], ["listeners", 0], ["listeners", 12, "port"]].map(
      pathText,
    ),
    ["", "limits", "limits.max_qos", "listeners[0]", "listeners[12].port"],
  );
});

Deno.test("rowAt() follows sections by their keys and lists by any index", () => {
  const { listeners, limits } = settingsTable.rows;
  assert.equal(rowAt([]), settingsTable);
  assert.equal(rowAt(["limits", "max_packet_size"]), limits.rows.max_packet_size);
  assert.equal(rowAt(["listeners"]), listeners);
  assert.equal(rowAt(["listeners", 7]), listeners.item);
  assert.equal(rowAt(["listeners", 7, "port"]), listeners.item.rows.port);
});

Deno.test("rowAt() has no row for other keys, inherited ones, or below a single value", () => {
  const paths = [
    ["nowhere"],
    ["limits", "port"],
    ["limits", "max_packet_size", "x"],
    ["constructor"],
    ["__proto__"],
    ["limits", "toString"],
    ["nowhere", "x", "y"],
  ];
  assert.deepEqual(paths.map((path) => rowAt(path)), paths.map(() => undefined));
});

Deno.test("rawAt() finds what stands in the file, and nothing of what every object has", () => {
  const root = { a: [{ b: 5 }, null, "text"], c: { toString: 1 } };
  assert.equal(rawAt(root, []), root);
  assert.equal(rawAt(root, ["a", 0, "b"]), 5);
  assert.equal(rawAt(root, ["a", 1]), null);
  assert.equal(rawAt(root, ["c", "toString"]), 1);
  const nowhere = [
    ["a", 3],
    ["a", 1, "b"],
    ["a", 2, "length"],
    ["x", "y"],
    ["toString"],
    ["c", "constructor"],
  ];
  assert.deepEqual(nowhere.map((path) => rawAt(root, path)), nowhere.map(() => undefined));
});

Deno.test("everyRow() lists each row once, parents first, with the path that rowAt() finds it by", () => {
  const rows = everyRow();
  const texts = rows.map(({ path }) => path.join("."));
  assert.equal(new Set(texts).size, texts.length);
  for (const { path, row } of rows) {
    // An item of a list has an index in a path, which everyRow() leaves out.
    const steps = path.flatMap((step, index) =>
      rowAt(path.slice(0, index))?.kind === "list" ? [0, step] : [step]
    );
    assert.equal(rowAt(steps), row, path.join("."));
    const parent = path.slice(0, -1).join(".");
    assert.ok(parent === "" || texts.indexOf(parent) < texts.indexOf(path.join(".")), parent);
  }
  const expected = ["listeners", "listeners.port", "limits.max_packet_size", "sys_interval"];
  assert.deepEqual(expected.filter((path) => !texts.includes(path)), []);
});
