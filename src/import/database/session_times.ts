/**
 * When an imported session ends.
 *
 * Owns the arithmetic: Mosquitto saves when a session ends, our store when its client left and how
 * long it lives on then. All results are Unix milliseconds.
 */

import { NEVER_EXPIRES_SECONDS, type PersistedClient } from "./records.ts";

const MS_PER_SECOND = 1000;

export interface ImportClock {
  readonly nowMs: number;
  /** Mosquitto's `persistent_client_expiration`; `Infinity`: not set. */
  readonly persistentClientExpirationMs: number;
}

export interface SessionTimes {
  /** `Infinity`: for ever. */
  readonly expiryIntervalMs: number;
  readonly disconnectedAtMs: number;
  /** It has ended meanwhile. */
  readonly isOver: boolean;
}

export function sessionTimes(client: PersistedClient, clock: ImportClock): SessionTimes {
  const { nowMs, persistentClientExpirationMs } = clock;
  const { sessionExpiryInterval, sessionExpiryTime, disconnectedTime } = client;
  const ownMs = sessionExpiryInterval === NEVER_EXPIRES_SECONDS
    ? Infinity
    : sessionExpiryInterval * MS_PER_SECOND;
  const intervalMs = Math.min(ownMs, persistentClientExpirationMs);
  if (sessionExpiryTime > 0) return endingAt(sessionExpiryTime * MS_PER_SECOND, intervalMs, nowMs);
  // Until now, if that is not known: ending it early would lose what it holds.
  const leftMs = disconnectedTime === undefined ? nowMs : disconnectedTime * MS_PER_SECOND;
  const disconnectedAtMs = Math.min(leftMs, nowMs);
  return {
    expiryIntervalMs: intervalMs,
    disconnectedAtMs,
    isOver: disconnectedAtMs + intervalMs <= nowMs,
  };
}

/** `intervalMs` may be `Infinity`: then a limit has decided that is not known any more. */
function endingAt(endMs: number, intervalMs: number, nowMs: number): SessionTimes {
  const disconnectedAtMs = intervalMs === Infinity ? nowMs : Math.min(endMs - intervalMs, nowMs);
  return {
    expiryIntervalMs: Math.max(0, endMs - disconnectedAtMs),
    disconnectedAtMs,
    isOver: endMs <= nowMs,
  };
}
