import assert from "node:assert/strict";
import {
  connectionText,
  expiryText,
  messageExpiryText,
} from "../../../src/cli/store/inspect_times.ts";
import type { InspectedMessage, InspectedSession } from "../../../src/storage/offline.ts";
import { inTimeZone } from "../../support/time_zone.ts";
import { HOUR_MS, LEFT_AT_MS } from "../store_fixture.ts";

const moment = { isInUse: false, nowMs: LEFT_AT_MS + 1000 };
const running = { ...moment, isInUse: true };

function session(disconnectedAtMs: number | undefined, expiryIntervalMs: number): InspectedSession {
  return { disconnectedAtMs, expiryIntervalMs } as InspectedSession;
}

Deno.test("a session is connected, or was at the end, or away since", () => {
  inTimeZone("UTC", () => {
    assert.deepEqual([
      connectionText(session(undefined, 0), running),
      connectionText(session(undefined, 0), moment),
      connectionText(session(LEFT_AT_MS, 0), running),
    ], ["connected", "connected at the end", "away since 2026-01-02T03:04:05+00:00"]);
  });
});

Deno.test("a session expires never, at a time, or some time after its client has left", () => {
  inTimeZone("UTC", () => {
    assert.deepEqual([
      expiryText(session(LEFT_AT_MS, Infinity), moment),
      expiryText(session(LEFT_AT_MS, HOUR_MS), moment),
      expiryText(session(LEFT_AT_MS, 1000), moment),
      expiryText(session(undefined, HOUR_MS), running),
      expiryText(session(undefined, HOUR_MS), moment),
    ], [
      "never",
      "2026-01-02T04:04:05+00:00",
      "2026-01-02T03:04:06+00:00 (over)",
      "1h after it leaves",
      "1h after the next start",
    ]);
  });
});

Deno.test("a message expires never or at a time", () => {
  inTimeZone("UTC", () => {
    const texts = [Infinity, LEFT_AT_MS].map((expiresAtMs) =>
      messageExpiryText({ expiresAtMs } as InspectedMessage, moment.nowMs)
    );
    assert.deepEqual(texts, ["never", "2026-01-02T03:04:05+00:00 (over)"]);
  });
});
