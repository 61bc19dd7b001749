import assert from "node:assert/strict";
import { DAY_MS, isDue } from "../../src/certificates/renewal_time.ts";

Deno.test("a certificate is due 30 days before its end", () => {
  const end = 1000 * DAY_MS;
  assert.deepEqual(
    [31, 30, 29, 0, -1].map((left) => isDue(end, 825, end - left * DAY_MS)),
    [false, true, true, true, true],
  );
});

Deno.test("a short certificate is due when a third of it is left", () => {
  const end = 1000 * DAY_MS;
  assert.deepEqual([3, 2, 1].map((left) => isDue(end, 6, end - left * DAY_MS)), [
    false,
    true,
    true,
  ]);
});
