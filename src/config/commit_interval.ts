/**
 * How often the broker's data is written.
 *
 * Owns what `commit_interval: 0s` means where nobody waits for the disk.
 */

import type { Settings } from "./settings.ts";

/** `relaxed` without an interval of its own. */
const RELAXED_INTERVAL_MS = 1000;

/** Least time from one commit to the next; 0: as soon as the disk is ready, never with `relaxed`. */
export function commitIntervalMs(
  { durability, commitIntervalMs }: Settings["persistence"],
): number {
  return durability === "relaxed" && commitIntervalMs === 0
    ? RELAXED_INTERVAL_MS
    : commitIntervalMs;
}
