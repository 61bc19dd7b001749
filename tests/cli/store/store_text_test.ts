import assert from "node:assert/strict";
import {
  counted,
  describeCounts,
  isoSeconds,
  roughSize,
} from "../../../src/cli/store/store_text.ts";
import { inTimeZone } from "../../support/time_zone.ts";

Deno.test("counted() has a plural", () => {
  assert.deepEqual([0, 1, 2].map((count) => counted(count, "session")), [
    "0 sessions",
    "1 session",
    "2 sessions",
  ]);
});

Deno.test("describeCounts() names what there always is, and receptions where there are some", () => {
  const counts = { sessions: 12, subscriptions: 1, outgoing: 1204, inbound: 0, retained: 0 };
  const text = "12 sessions, 1 subscription, 1204 waiting messages, 0 retained messages";
  assert.equal(describeCounts(counts), text);
  assert.equal(
    describeCounts({ ...counts, inbound: 1 }),
    `${text}, 1 QoS 2 message being received`,
  );
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
