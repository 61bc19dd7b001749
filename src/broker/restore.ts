/**
 * Puts back what a journal kept: sessions, their subscriptions and messages, retained messages.
 *
 * Runs once, before the first client connects. Nothing is recorded again, nothing is published but
 * Wills that were due when the broker was not there. Clients are all away.
 */

import { parseSharedFilter } from "../protocol/topic.ts";
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
import { newReplay } from "./replay.ts";
import type { Session } from "./session.ts";
import { SharedGroup, type Subscription } from "./subscription.ts";

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
  const sessions: Session[] = [];
  for (const stored of state.sessions) {
    const session = restoreSession(broker, stored);
    adopter.adoptSession(session, stored);
    for (const each of stored.outgoing) {
      const outgoing = toOutgoing(broker, messages, each);
      session.restoreOutgoing(outgoing, each.packetIdentifier);
      adopter.adoptOutgoing(session, outgoing, each);
    }
    sessions.push(session);
    counts.subscriptions += stored.subscriptions.length;
    counts.messages += stored.outgoing.length;
  }
  counts.sessions = sessions.length;
  for (const stored of state.retained) {
    const message = messages.retained(stored);
    adopter.adoptRetained(message);
    if (broker.restoreRetained(message)) counts.retained++;
  }
  // Wills are published, and sessions end, when everybody is there to hear of it and no stored
  // retained message can take the place of a newer one.
  for (const session of sessions) broker.watchRestored(session);
  broker.settle();
  return counts;
}

function restoreSession(broker: Broker, stored: StoredSession): Session {
  const { clientIdentifier, username, groups, listener, address } = stored;
  const session = broker.createSession(clientIdentifier, { username, groups, listener, address });
  session.protocolVersion = stored.protocolVersion;
  session.bridge = stored.bridge;
  session.expiryIntervalMs = stored.expiryIntervalMs;
  session.disconnectedAtMs = stored.disconnectedAtMs;
  session.expiresAtMs = stored.disconnectedAtMs + stored.expiryIntervalMs;
  session.will = stored.will;
  for (const subscription of stored.subscriptions) {
    const restored: Subscription = { ...subscription, session };
    session.setSubscription(restored);
    broker.router.subscribe(restored);
    // It goes on from the beginning when the client is back.
    if (restored.replayPending) session.restoreReplay(newReplay(broker, restored));
  }
  for (const packetIdentifier of stored.inboundPacketIdentifiers) {
    session.inbound.restore(packetIdentifier);
  }
  return session;
}

function toOutgoing(broker: Broker, messages: Messages, stored: StoredOutgoing): Outgoing {
  const { qos, retain, subscriptionIdentifiers, released, sharedFilter } = stored;
  const message = messages.of(stored.message);
  const group = sharedFilter === undefined ? undefined : toGroup(broker, sharedFilter);
  const outgoing = new Outgoing(message, qos, retain, subscriptionIdentifiers, group);
  outgoing.released = released;
  return outgoing;
}

/**
 * The shared group that a message was for. Its members may follow with sessions that are not back
 * yet, or have all left: an empty group stands for it then, since it is looked up by its names when
 * another member is wanted.
 */
function toGroup({ router }: Broker, sharedFilter: string): SharedGroup | undefined {
  const known = router.tree.findGroup(sharedFilter);
  if (known !== undefined) return known;
  const names = parseSharedFilter(sharedFilter);
  return names && new SharedGroup(names.shareName, names.topicFilter);
}

/** One message for all sessions that wait for the same. */
class Messages {
  readonly #broker: Broker;
  readonly #known = new Map<StoredMessage, Message>();
  /** One text for all messages of the same publisher. */
  readonly #publishers = new Map<string, string>();

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  /**
   * One that came before this start, whatever the wall's clock says: a machine without one of its own
   * may start in the past.
   */
  retained(stored: StoredMessage): Message {
    const message = this.of(stored);
    const { retainedAtMs, publisher } = stored;
    if (retainedAtMs !== undefined) {
      const startedSeconds = Math.floor(this.#broker.nowMs() / 1000);
      message.retainedAtSeconds = Math.min(Math.floor(retainedAtMs / 1000), startedSeconds - 1);
    }
    if (publisher !== undefined) message.publisher = this.#same(publisher);
    return message;
  }

  #same(publisher: string): string {
    const known = this.#publishers.get(publisher);
    if (known === undefined) this.#publishers.set(publisher, publisher);
    return known ?? publisher;
  }

  of(stored: StoredMessage): Message {
    let message = this.#known.get(stored);
    if (message === undefined) {
      message = new Message(
        this.#broker.topics.findByName(stored.topicName),
        stored.payloadBytes,
        stored.qos,
        stored.retain,
        stored.encodedProperties,
        stored.expiresAtMs,
      );
      message.payloadStart = stored.payloadStart;
      message.payloadEnd = stored.payloadEnd;
      this.#known.set(stored, message);
    }
    return message;
  }
}
