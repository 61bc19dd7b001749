/**
 * Whether the clock can be right.
 */

import assert from "node:assert/strict";
import { EARLIEST_MS, probeClock } from "../../src/check/probe_clock.ts";
import {
  CONFIG,
  examinationOf,
  type FakeFiles,
  fakeMachine,
  NOW_MS,
  shown,
} from "./fake_machine.ts";

const END = "; certificates, tokens and expiry go by it | timedatectl shows what sets the clock; " +
  "sudo timedatectl set-ntp true";

function found(files: FakeFiles, nowMs = NOW_MS): string[] {
  return shown(probeClock(examinationOf("", fakeMachine(files, { nowMs: () => nowMs }))));
}

Deno.test("probeClock() believes a clock that nothing speaks against", () => {
  assert.deepEqual(found({}), []);
  const synchronized: FakeFiles = { "/run/systemd/timesync/synchronized": {} };
  assert.deepEqual(found(synchronized), []);
});

Deno.test("probeClock() knows years that cannot be", () => {
  assert.deepEqual(found({}, 0), [
    `error: The clock says 1970-01-01 00:00 UTC, which is before this program was made${END}`,
  ]);
  assert.deepEqual(found({}, EARLIEST_MS + 200 * 365 * 86_400_000).length, 1);
});

Deno.test("probeClock() compares it with what was written later", () => {
  const files: FakeFiles = { [CONFIG]: { changedAtMs: NOW_MS + 3 * 86_400_000, mode: 0o644 } };
  assert.deepEqual(found(files), [
    `error: The clock says 2026-06-01 12:00 UTC, and '${CONFIG}' was changed after that${END}`,
  ]);
  const known: FakeFiles = {
    "/var/lib/systemd/timesync/clock": { changedAtMs: NOW_MS + 3 * 86_400_000 },
  };
  assert.match(
    found(known).join(),
    /'\/var\/lib\/systemd\/timesync\/clock' was changed after that/,
  );
});

Deno.test("probeClock() warns while systemd-timesyncd has not set it", () => {
  const waiting: FakeFiles = { "/run/systemd/timesync": { kind: "folder" } };
  assert.deepEqual(found(waiting), [
    "warning: The clock says 2026-06-01 12:00 UTC, and systemd-timesyncd has not been able to set " +
    `it since the start${END}`,
  ]);
});
