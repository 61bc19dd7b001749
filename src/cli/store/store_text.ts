/**
 * What a store holds, in words.
 *
 * Owns the wording of counts, sizes and times that `backup`, `restore` and `inspect` share.
 */

import { isoLocal } from "../../log/time.ts";

/** What is counted of a store. */
interface Counts {
  readonly sessions: number;
  readonly subscriptions: number;
  readonly outgoing: number;
  readonly inbound: number;
  readonly retained: number;
}

/** "1 session", "12 sessions": `noun` is the singular, and its plural has an "s" more. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** "12 sessions, 40 subscriptions, 1204 waiting messages, 56 retained messages". */
export function describeCounts(counts: Counts): string {
  const parts = [
    counted(counts.sessions, "session"),
    counted(counts.subscriptions, "subscription"),
    counted(counts.outgoing, "waiting message"),
    counted(counts.retained, "retained message"),
  ];
  if (counts.inbound > 0) parts.push(describeInbound(counts.inbound));
  return parts.join(", ");
}

/** QoS 2 messages of clients whose PUBREL has not come. */
export function describeInbound(count: number): string {
  return `${counted(count, "QoS 2 message")} being received`;
}

/** A number of bytes with at most one decimal: "1.2 MiB". */
export function roughSize(bytes: number): string {
  if (bytes < 1024) return counted(bytes, "byte");
  let size = bytes / 1024;
  for (const unit of ["KiB", "MiB"]) {
    if (size < 1023.95) return `${rounded(size)} ${unit}`;
    size /= 1024;
  }
  return `${rounded(size)} GiB`;
}

function rounded(size: number): string {
  return size.toFixed(1).replace(/\.0$/, "");
}

/** "2026-11-23T08:00:00+01:00": local time, to the second. */
export function isoSeconds(ms: number): string {
  return isoLocal(ms).replace(/\.\d{3}/, "");
}
