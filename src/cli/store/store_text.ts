/**
 * What a store holds, in words.
 *
 * Owns the wording of counts, sizes and times that `backup`, `restore` and `inspect` share.
 */

import { counted } from "../quantity_text.ts";

/** What is counted of a store. */
interface Counts {
  readonly sessions: number;
  readonly subscriptions: number;
  readonly outgoing: number;
  readonly inbound: number;
  readonly retained: number;
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
