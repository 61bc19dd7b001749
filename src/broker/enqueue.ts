/**
 * What a session's queue takes, and what gives way when it is full (`BrokerLimits.queueOverflow`).
 *
 * Owns the limits of queues: of one session, and of all together. The queue itself is the session's.
 */

import { ReasonCode } from "../protocol/reason_code.ts";
import type { BrokerContext } from "./context.ts";
import type { Outgoing, OutgoingQueue } from "./outgoing.ts";
import type { Session } from "./session.ts";

/** Appends `outgoing` to `queue`, which is that of `session`, and records it; or drops it. */
export function enqueue(
  session: Session,
  queue: OutgoingQueue,
  outgoing: Outgoing,
  { limits, statistics }: BrokerContext,
): void {
  const bytes = outgoing.message.sizeBytes;
  const isFull = () =>
    queue.length >= limits.maximumQueuedMessages ||
    queue.bytes + bytes > limits.maximumQueuedBytes ||
    statistics.queuedBytes + bytes > limits.maximumTotalQueuedBytes;
  if (isFull() && limits.queueOverflow === "disconnect" && session.link !== undefined) {
    session.link.close(ReasonCode.QuotaExceeded, "Cannot queue more messages for this client");
  }
  // A session ends while a route still lists it when its client is disconnected on the way.
  if (session.ended) return session.drop(outgoing.message.topic.name, "session_ended");
  const mayReplace = limits.queueOverflow === "drop_oldest" && bytes <= limits.maximumQueuedBytes;
  while (isFull()) {
    const dropped = mayReplace ? queue.shift() : undefined;
    if (dropped !== undefined && dropped.qos > 0) session.journal.removeOutgoing(session, dropped);
    session.drop((dropped ?? outgoing).message.topic.name, "queue_full");
    if (dropped === undefined) return;
  }
  queue.push(outgoing);
  if (outgoing.qos > 0) session.journal.addOutgoing(session, outgoing);
}
