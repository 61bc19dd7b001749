import assert from "node:assert/strict";
import { parseZoneRule, ruleName, timeZoneName } from "../../../src/cli/client/time_zone_name.ts";
import { inTimeZone } from "../../support/time_zone.ts";

Deno.test("parseZoneRule() reads names and offsets", () => {
  const rows = [
    ["UTC0", { name: "UTC", offset: 0, daylight: undefined }],
    ["CET-1CEST,M3.5.0,M10.5.0/3", {
      name: "CET",
      offset: 60,
      daylight: { name: "CEST", offset: 120 },
    }],
    ["IST-1GMT0,M10.5.0,M3.5.0/1", {
      name: "IST",
      offset: 60,
      daylight: { name: "GMT", offset: 0 },
    }],
    ["<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", {
      name: "+1030",
      offset: 630,
      daylight: { name: "+11", offset: 660 },
    }],
    ["EST5EDT", { name: "EST", offset: -300, daylight: { name: "EDT", offset: -240 } }],
  ] as const;
  assert.deepEqual(rows.map(([text]) => [text, parseZoneRule(text)]), rows);
  for (const text of ["", "CET", "TZif", "Europe/Berlin"]) {
    assert.equal(parseZoneRule(text), undefined);
  }
});

Deno.test("ruleName() names only the offsets of the rule", () => {
  const rule = parseZoneRule("CET-1CEST,M3.5.0,M10.5.0/3");
  assert.ok(rule);
  assert.deepEqual([0, 60, 120].map((offset) => ruleName(rule, offset)), [
    undefined,
    "CET",
    "CEST",
  ]);
});

Deno.test("timeZoneName() follows daylight saving time and the zone", () => {
  const winter = Date.UTC(2026, 0, 1);
  const summer = Date.UTC(2026, 6, 1);
  inTimeZone("Europe/Berlin", () => {
    assert.deepEqual([timeZoneName(winter), timeZoneName(summer)], ["CET", "CEST"]);
  });
  inTimeZone("UTC", () => assert.equal(timeZoneName(winter), "UTC"));
});
