/**
 * Numbers against the C library's printf: decimal_vectors.json has the bits of doubles with what
 * "%.0f %.1f %.6f %.12f" and "%.3g %.15g %.17g" print.
 */

import assert from "node:assert/strict";
import { fixedDecimal, generalDecimal } from "../../../src/cli/client/exact_decimal.ts";
import vectors from "./decimal_vectors.json" with { type: "json" };

const rows = (vectors as [string, string, string][]).map(([bits, fixed, general]) => {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return { value: view.getFloat64(0), fixed, general };
});

Deno.test("fixedDecimal() prints what printf's %f prints, halves rounded to even", () => {
  for (const { value, fixed } of rows) {
    assert.equal([0, 1, 6, 12].map((decimals) => fixedDecimal(value, decimals)).join(" "), fixed);
  }
});

Deno.test("generalDecimal() prints what printf's %g prints", () => {
  for (const { value, general } of rows) {
    assert.equal([3, 15, 17].map((digits) => generalDecimal(value, digits)).join(" "), general);
  }
});

Deno.test("fixedDecimal() names what is not finite", () => {
  assert.deepEqual([NaN, Infinity, -Infinity].map((value) => fixedDecimal(value, 2)), [
    "nan",
    "inf",
    "-inf",
  ]);
});
