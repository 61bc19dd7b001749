/**
 * What the tables of clients and sessions say of a client, in words.
 */

import type { ClientItem } from "../../control/items.ts";
import { roughDuration, timeText } from "./control_text.ts";

/** A name that nobody has proven is called so. */
export function userText({ username, unprovenUsername }: ClientItem): string {
  if (username !== null) return username;
  return unprovenUsername === null ? "-" : `${unprovenUsername} (unproven)`;
}

/** "since 2026-11-23T08:00:00+01:00", "away since ...". */
export function connectionText({ connected, connectedAt, disconnectedAt }: ClientItem): string {
  return connected ? `since ${timeText(connectedAt)}` : `away since ${timeText(disconnectedAt)}`;
}

export function keepAliveText({ keepAlive }: ClientItem): string {
  if (keepAlive === null) return "-";
  return keepAlive === 0 ? "none" : roughDuration(keepAlive);
}

/** When its session ends, or how long after its client has left: "1h after it leaves". */
export function expiryText({ connected, sessionExpiryInterval, expiresAt }: ClientItem): string {
  if (sessionExpiryInterval === null) return "never";
  if (!connected) return timeText(expiresAt);
  if (sessionExpiryInterval === 0) return "when it leaves";
  return `${roughDuration(sessionExpiryInterval)} after it leaves`;
}
