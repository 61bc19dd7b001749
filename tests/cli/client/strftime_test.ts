/**
 * strftime against the GNU C library's: strftime_vectors.json has its output in the C locale for each
 * of CONVERSIONS, by time zone and second.
 */

import assert from "node:assert/strict";
import { isoTime, strftime } from "../../../src/cli/client/strftime.ts";
import { inTimeZone } from "../../support/time_zone.ts";
import vectors from "./strftime_vectors.json" with { type: "json" };

const CONVERSIONS = [..."aAbBcCdDeFgGhHIjklmMpPrRsSTuUVwWxXyYzZ%vfEOQ:19"];

/** Names of zones come from the system's files; without them Intl's are printed. */
const hasZoneFiles = Deno.build.os === "linux";

const zones = Map.groupBy(vectors as [string, number, string][], ([zone]) => zone);

for (const [zone, rows] of zones) {
  Deno.test(`strftime() prints every conversion as the C library does in ${zone}`, () => {
    inTimeZone(zone, () => {
      for (const [, seconds, expected] of rows) {
        const compared = CONVERSIONS.map((conversion, index) => ({
          conversion,
          ours: strftime(conversion, seconds * 1000 + 999),
          theirs: expected.split("~")[index],
        })).filter(({ conversion }) => conversion !== "Z" || hasZoneFiles);
        const differing = compared.filter(({ ours, theirs }) => ours !== theirs);
        assert.deepEqual(differing, [], `at ${seconds}`);
      }
    });
  });
}

Deno.test("strftime() prints newline and tab, and other characters with their percent sign", () => {
  assert.deepEqual(["n", "t", "\u00e9", "~"].map((conversion) => strftime(conversion, 0)), [
    "\n",
    "\t",
    "%\u00e9",
    "%~",
  ]);
});

Deno.test("isoTime() puts the fraction between seconds and offset", () => {
  inTimeZone("America/New_York", () => {
    assert.equal(isoTime(1_795_454_357_000, ".000001"), "2026-11-23T12:19:17.000001-0500");
  });
});
