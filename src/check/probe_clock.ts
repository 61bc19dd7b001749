/**
 * Whether the clock can be right: certificates, tokens and everything that expires go by it, and a
 * Raspberry Pi has none that runs without power.
 *
 * Owns the signs of a wrong one. Asks no time server.
 */

import type { Examination, Finding } from "./finding.ts";
import type { FileFacts, Machine } from "./machine.ts";

const DAY_MS = 86_400_000;

/** This program did not exist before. */
export const EARLIEST_MS = Date.UTC(2026, 0, 1);
/** Longer than it will be used. */
const LATEST_MS = Date.UTC(2100, 0, 1);

/** systemd-timesyncd's own folder, and the file that it makes when it has the time. */
const TIMESYNC_FOLDER = "/run/systemd/timesync";
const SYNCHRONIZED = `${TIMESYNC_FOLDER}/synchronized`;
/** Its modification time is the last time that was known. */
const LAST_KNOWN = "/var/lib/systemd/timesync/clock";

const CURE = "timedatectl shows what sets the clock; sudo timedatectl set-ntp true";
const WHY = "certificates, tokens and expiry go by it";

export function probeClock({ machine, loaded, service }: Examination): Finding[] {
  const nowMs = machine.nowMs();
  const today = new Date(nowMs).toISOString().slice(0, 16).replace("T", " ");
  const found = (severity: Finding["severity"], reason: string): Finding[] => [{
    severity,
    place: undefined,
    problem: `The clock says ${today} UTC, ${reason}; ${WHY}`,
    cure: CURE,
  }];
  if (nowMs < EARLIEST_MS) return found("error", "which is before this program was made");
  if (nowMs > LATEST_MS) return found("error", "which cannot be");
  const newest = newestChange(machine, [loaded.file, service.storePath, LAST_KNOWN]);
  if (newest !== undefined && newest.changedAtMs > nowMs + DAY_MS) {
    return found("error", `and '${newest.path}' was changed after that`);
  }
  const isWaiting = machine.look(TIMESYNC_FOLDER) !== "missing" &&
    machine.look(SYNCHRONIZED) === "missing";
  return isWaiting
    ? found("warning", "and systemd-timesyncd has not been able to set it since the start")
    : [];
}

function newestChange(
  machine: Machine,
  paths: readonly string[],
): { readonly path: string; readonly changedAtMs: number } | undefined {
  return paths.map((path) => ({ path, facts: machine.look(path) }))
    .filter((entry): entry is { path: string; facts: FileFacts } => typeof entry.facts !== "string")
    .map(({ path, facts }) => ({ path, changedAtMs: facts.changedAtMs }))
    .sort((a, b) => b.changedAtMs - a.changedAtMs)[0];
}
