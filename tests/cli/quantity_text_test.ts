import assert from "node:assert/strict";
import { counted, isoSeconds, roughSize } from "../../src/cli/quantity_text.ts";
import { inTimeZone } from "../support/time_zone.ts";

Deno.test("counted() has a plural", () => {
  assert.deepEqual([0, 1, 2].map((count) => counted(count, "session")), [
    "0 sessions",
    "1 session",
    "2 sessions",
  ]);
});

Deno.test("roughSize() has at most one decimal, and never 1024 of a unit", () => {
  const sizes = [0, 1, 1023, 1024, 1536, 1024 ** 2 - 1, 1024 ** 2, 1_300_000, 5 * 1024 ** 4];
  assert.deepEqual(sizes.map(roughSize), [
    "0 bytes",
    "1 byte",
    "1023 bytes",
    "1 KiB",
    "1.5 KiB",
    "1 MiB",
    "1 MiB",
    "1.2 MiB",
    "5120 GiB",
  ]);
});

Deno.test("isoSeconds() is local time with its offset, without a fraction", () => {
  inTimeZone("Europe/Berlin", () => {
    assert.equal(isoSeconds(Date.UTC(2026, 0, 2, 3, 4, 5, 678)), "2026-01-02T04:04:05+01:00");
  });
});
