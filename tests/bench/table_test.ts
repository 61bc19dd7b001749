import assert from "node:assert/strict";
import { figure, formatTable, median } from "./table.ts";

Deno.test("median() takes the value in the middle, whatever the order", () => {
  assert.equal(median([3, 1, 20]), 3);
  assert.equal(median([4, 2]), 2);
  assert.equal(median([7]), 7);
  assert.equal(median([]), NaN);
});

Deno.test("figure() keeps three digits that count", () => {
  assert.deepEqual(
    [0, 0.07312, 0.5, 4.6, 16.02, 123.4, 0.00001, undefined, NaN].map(figure),
    ["0", "0.0731", "0.500", "4.60", "16.0", "123", "0.0000", "-", "-"],
  );
});

Deno.test("formatTable() aligns text to the left and figures to the right", () => {
  const table = formatTable(["shape", "us"], [["a", "1.00"], ["longer", "12"]], false);
  assert.equal(table, "shape     us\na       1.00\nlonger    12");
});

Deno.test("formatTable() writes Markdown", () => {
  const table = formatTable(["shape", "us"], [["a", "1.00"]], true);
  assert.equal(table, "| shape | us |\n| --- | ---: |\n| a | 1.00 |");
});
