import assert from "node:assert/strict";
import { decimalNumber, notAmong, wholeNumber } from "../../../src/cli/client/usage_error.ts";

Deno.test("wholeNumber() takes decimal and hexadecimal numbers within the limits", () => {
  const values = ["0", "+5", "-1", "0x10", "255"].map((text) => wholeNumber("-x", text, -1, 255));
  assert.deepEqual(values, [0, 5, -1, 16, 255]);
  for (const text of ["", "1.5", "1a", "256", "-2", "0x", "1e2", " 1"]) {
    assert.throws(() => wholeNumber("-x", text, -1, 255), {
      name: "UsageError",
      message: `'-x' does not take '${text}': allowed is a whole number from -1 to 255`,
    });
  }
});

Deno.test("decimalNumber() takes fractions within the limits", () => {
  const values = ["0.1", ".5", "100", "1e-1", "2."].map((text) =>
    decimalNumber("-r", text, 0.1, 100)
  );
  assert.deepEqual(values, [0.1, 0.5, 100, 0.1, 2]);
  for (const text of ["", "0", "100.1", "-1", "x", "."]) {
    assert.throws(() => decimalNumber("-r", text, 0.1, 100), {
      message: `'-r' does not take '${text}': allowed is a number from 0.1 to 100`,
    });
  }
});

Deno.test("notAmong() names the nearest of the words that are allowed", () => {
  assert.equal(
    notAmong("the value of '-V'", "312", ["5", "311", "31"]).message,
    "the value of '-V' '312' is not known (did you mean '311'?): allowed are 5, 311, 31",
  );
  assert.equal(
    notAmong("x", "far away", ["near"]).message,
    "x 'far away' is not known: allowed are near",
  );
});
