/**
 * Puts back what a journal kept: sessions, their subscriptions and messages, retained messages.
 *
 * Runs once, before the first client connects. Nothing is recorded again, nothing is published but
 * Wills that were due when the broker was not there. Clients are all away.
 */

import type { Broker } from "./broker.ts";
import type {
  Adopter,
  StoredMessage,
  StoredOutgoing,
  StoredSession,
  StoredState,
} from "./journal.ts";
import { Message } from "./message.ts";
import { Outgoing } from "./outgoing.ts";
import type { Session } from "./session.ts";
import type { SharedGroup } from "./subscription.ts";

/** What was put back, for the log. */
export interface Restored {
  readonly sessions: number;
  readonly subscriptions: number;
  /** Messages that wait for or are in flight to a client. */
  readonly messages: number;
  readonly retained: number;
}

export function restore(broker: Broker, state: StoredState, adopter: Adopter): Restored {
  const messages = new Messages(broker);
  const counts = { sessions: 0, subscriptions: 0, messages: 0, retained: 0 };
  for (const stored of state.retained) {
    const message = messages.of(stored);
    adopter.adoptRetained(message);
    if (broker.restoreRetained(message)) counts.retained++;
  }
  const restored: Session[] = [];
  for (const stored of state.sessions) {
    const session = restoreSession(broker, stored);
    adopter.adoptSession(session, stored);
    restored.push(session);
    counts.sessions++;
    counts.subscriptions += stored.subscriptions.length;
    // Groups are looked up in the tree, which this session's own subscriptions are part of now.
    for (const outgoing of stored.outgoing) {
      const restoredOutgoing = toOutgoing(broker, messages, outgoing);
      session.restoreOutgoing(restoredOutgoing, outgoing.packetIdentifier);
      adopter.adoptOutgoing(session, restoredOutgoing, outgoing);
      counts.messages++;
    }
  }
  // Wills are published and sessions expire when everybody is there to hear of it.
  for (const session of restored) broker.watchRestored(session);
  broker.settle();
  return counts;
}

function restoreSession(broker: Broker, stored: StoredSession): Session {
  const session = broker.createSession(stored.clientIdentifier);
  session.username = stored.username;
  session.protocolVersion = stored.protocolVersion;
  session.bridge = stored.bridge;
  session.expiryIntervalMs = stored.expiryIntervalMs;
  session.disconnectedAtMs = stored.disconnectedAtMs;
  session.expiresAtMs = stored.disconnectedAtMs + stored.expiryIntervalMs;
  session.will = stored.will;
  for (const subscription of stored.subscriptions) {
    const restored = { ...subscription, session };
    session.setSubscription(restored);
    broker.router.subscribe(restored);
  }
  for (const packetIdentifier of stored.inboundPacketIdentifiers) {
    session.inbound.restore(packetIdentifier);
  }
  return session;
}

function toOutgoing(broker: Broker, messages: Messages, stored: StoredOutgoing): Outgoing {
  const { qos, retain, subscriptionIdentifiers, released, sharedFilter } = stored;
  const group: SharedGroup | undefined = sharedFilter === undefined
    ? undefined
    : broker.router.tree.findGroup(sharedFilter);
  const message = messages.of(stored.message);
  const outgoing = new Outgoing(message, qos, retain, subscriptionIdentifiers, group);
  outgoing.released = released;
  return outgoing;
}

/** One message for all sessions that wait for the same. */
class Messages {
  readonly #broker: Broker;
  readonly #known = new Map<StoredMessage, Message>();

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  of(stored: StoredMessage): Message {
    let message = this.#known.get(stored);
    if (message === undefined) {
      message = new Message(
        this.#broker.topics.findByName(stored.topicName),
        stored.payload,
        stored.qos,
        stored.retain,
        stored.encodedProperties,
        stored.expiresAtMs,
      );
      this.#known.set(stored, message);
    }
    return message;
  }
}
