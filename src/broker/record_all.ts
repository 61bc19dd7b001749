/**
 * Records everything durable of a running broker once more: for a journal whose file had to be
 * replaced by an empty one, and which knows nothing of what was recorded before.
 *
 * Reads the broker and changes nothing in it. `$SYS` messages are made anew at every start and are
 * not recorded. In the order in which `restore.ts` puts it back.
 */

import type { Broker } from "./broker.ts";
import type { Journal } from "./journal.ts";
import type { Session } from "./session.ts";

/** Into the broker's own journal, where none of it may be recorded already. */
export function recordAll(broker: Broker): void {
  const { journal } = broker;
  for (const session of broker.sessions.values()) {
    if (session.isDurable) recordSession(journal, session);
  }
  for (const message of broker.retained.values()) {
    if (!message.topic.isSystem) journal.saveRetained(message);
  }
}

function recordSession(journal: Journal, session: Session): void {
  journal.saveSession(session);
  for (const subscription of session.subscriptions.values()) {
    journal.saveSubscription(subscription);
  }
  for (const outgoing of session.outgoing()) {
    if (outgoing.qos > 0) journal.addOutgoing(session, outgoing);
  }
  for (const packetIdentifier of session.inbound.values()) {
    journal.addInbound(session, packetIdentifier);
  }
}
