/**
 * Points in time as text: they say the moment that they were made of. That local time is right is
 * also shown in format_test.ts.
 */

import assert from "node:assert/strict";
import { isoLocal, isoUtc } from "../../src/log/time.ts";
import { inTimeZone } from "../support/time_zone.ts";

const YEAR_END = Date.UTC(2026, 11, 31, 23, 30, 5, 42);

Deno.test("isoUtc() writes milliseconds and Z", () => {
  assert.equal(isoUtc(YEAR_END), "2026-12-31T23:30:05.042Z");
  assert.equal(isoUtc(0), "1970-01-01T00:00:00.000Z");
});

Deno.test("isoLocal() writes the day of the place, and its offset with both digits", () => {
  const expected: [string, string][] = [
    ["UTC", "2026-12-31T23:30:05.042+00:00"],
    ["Asia/Kathmandu", "2027-01-01T05:15:05.042+05:45"],
    ["Pacific/Kiritimati", "2027-01-01T13:30:05.042+14:00"],
    ["Pacific/Marquesas", "2026-12-31T14:00:05.042-09:30"],
    ["Pacific/Pago_Pago", "2026-12-31T12:30:05.042-11:00"],
  ];
  for (const [zone, text] of expected) {
    inTimeZone(zone, () => assert.equal(isoLocal(YEAR_END), text, zone));
  }
});

Deno.test("isoLocal() tells apart the hour that comes twice when summer time ends", () => {
  inTimeZone("Europe/Berlin", () => {
    const first = Date.UTC(2026, 9, 25, 0, 30);
    assert.equal(isoLocal(first), "2026-10-25T02:30:00.000+02:00");
    assert.equal(isoLocal(first + 3_600_000), "2026-10-25T02:30:00.000+01:00");
  });
});

Deno.test("isoLocal() is read as the same moment again, in every hour of a year", () => {
  for (const zone of ["America/St_Johns", "Australia/Lord_Howe", "Europe/Berlin", "UTC"]) {
    inTimeZone(zone, () => {
      const start = Date.UTC(2026, 0, 1, 0, 0, 0, 7);
      for (let hour = 0; hour < 365 * 24; hour++) {
        const ms = start + hour * 3_600_000;
        if (Date.parse(isoLocal(ms)) !== ms) assert.fail(`${zone}: ${isoLocal(ms)}`);
      }
    });
  }
});
