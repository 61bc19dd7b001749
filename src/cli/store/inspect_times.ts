/**
 * When sessions and messages end, in words.
 *
 * Owns the wording. A time that is over says so: what has expired stays in the file until the broker
 * removes it.
 */

import { formatDuration } from "../../config/units.ts";
import type { InspectedMessage, InspectedSession } from "../../storage/offline.ts";
import { isoSeconds } from "../quantity_text.ts";

/** What the wording depends on besides the session. */
interface Moment {
  readonly isInUse: boolean | undefined;
  readonly nowMs: number;
}

/** "connected", "away since 2026-11-23T08:00:00+01:00". */
export function connectionText(session: InspectedSession, { isInUse }: Moment): string {
  const { disconnectedAtMs } = session;
  if (disconnectedAtMs !== undefined) return `away since ${isoSeconds(disconnectedAtMs)}`;
  return isInUse ? "connected" : "connected at the end";
}

/** "never", a point in time, or how long after its client has left: "1h after it leaves". */
export function expiryText(session: InspectedSession, { isInUse, nowMs }: Moment): string {
  const { expiryIntervalMs, disconnectedAtMs } = session;
  if (expiryIntervalMs === Infinity) return "never";
  if (disconnectedAtMs !== undefined) return pointText(disconnectedAtMs + expiryIntervalMs, nowMs);
  return `${formatDuration(expiryIntervalMs)} after ${isInUse ? "it leaves" : "the next start"}`;
}

/** "never", or a point in time. */
export function messageExpiryText({ expiresAtMs }: InspectedMessage, nowMs: number): string {
  return expiresAtMs === Infinity ? "never" : pointText(expiresAtMs, nowMs);
}

function pointText(ms: number, nowMs: number): string {
  return ms <= nowMs ? `${isoSeconds(ms)} (over)` : isoSeconds(ms);
}
