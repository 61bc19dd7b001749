/**
 * A journal that keeps everything in memory, as it would be on disk after the commit of now, and
 * refuses what makes no sense: additions that are there, removals of what is not.
 */

import assert from "node:assert/strict";
import type { Broker } from "../../src/broker/broker.ts";
import type {
  Adopter,
  Journal,
  StoredMessage,
  StoredSession,
  StoredState,
} from "../../src/broker/journal.ts";
import { type Message, UNKNOWN_SECONDS } from "../../src/broker/message.ts";
import type { Outgoing } from "../../src/broker/outgoing.ts";
import type { Session } from "../../src/broker/session.ts";
import type { Subscription } from "../../src/broker/subscription.ts";

type SavedSubscription = Omit<Subscription, "session">;

function saved({ session: _, ...rest }: Subscription): SavedSubscription {
  return { ...rest };
}

interface Kept {
  /** As they were saved last. */
  readonly subscriptions: Map<string, SavedSubscription>;
  /** With the Packet Identifier and `released` as they were recorded last. */
  readonly outgoing: Map<Outgoing, { packetIdentifier: number; released: boolean }>;
  readonly inbound: Set<number>;
}

export class MemoryJournal implements Journal, Adopter {
  pendingCommit = 0;
  recordings = 0;
  isWritable = true;
  readonly sessions = new Map<Session, Kept>();
  readonly retained = new Map<string, Message>();

  #kept(session: Session): Kept {
    const kept = this.sessions.get(session);
    assert(kept !== undefined, `'${session.clientIdentifier}' was not saved`);
    return kept;
  }

  saveSession(session: Session): void {
    this.recordings++;
    const other = [...this.sessions.keys()].find((one) =>
      one !== session && one.clientIdentifier === session.clientIdentifier
    );
    assert.equal(other, undefined, "two sessions of one Client Identifier");
    if (this.sessions.has(session)) return;
    this.sessions.set(session, {
      subscriptions: new Map(),
      outgoing: new Map(),
      inbound: new Set(),
    });
  }

  deleteSession(session: Session): void {
    this.recordings++;
    assert(this.sessions.delete(session), `'${session.clientIdentifier}' was not saved`);
  }

  saveSubscription(subscription: Subscription): void {
    this.recordings++;
    const { session, topicFilter } = subscription;
    this.#kept(session).subscriptions.set(topicFilter, saved(subscription));
  }

  deleteSubscription(subscription: Subscription): void {
    this.recordings++;
    const { subscriptions } = this.#kept(subscription.session);
    assert(subscriptions.delete(subscription.topicFilter), "it was not saved");
  }

  addOutgoing(session: Session, outgoing: Outgoing): void {
    this.recordings++;
    const kept = this.#kept(session).outgoing;
    assert(!kept.has(outgoing), "it was added before");
    const { packetIdentifier, released } = outgoing;
    kept.set(outgoing, { packetIdentifier, released });
  }

  updateOutgoing(session: Session, outgoing: Outgoing): void {
    this.recordings++;
    const entry = this.#kept(session).outgoing.get(outgoing);
    assert(entry !== undefined, "it was not added");
    entry.packetIdentifier = outgoing.packetIdentifier;
    entry.released = outgoing.released;
  }

  removeOutgoing(session: Session, outgoing: Outgoing): void {
    this.recordings++;
    assert(this.#kept(session).outgoing.delete(outgoing), "it was not added");
  }

  addInbound(session: Session, packetIdentifier: number): void {
    this.recordings++;
    this.#kept(session).inbound.add(packetIdentifier);
  }

  removeInbound(session: Session, packetIdentifier: number): void {
    this.recordings++;
    assert(this.#kept(session).inbound.delete(packetIdentifier), "it was not added");
  }

  saveRetained(message: Message): void {
    this.recordings++;
    this.retained.set(message.topic.name, message);
  }

  deleteRetained(topicName: string): void {
    this.recordings++;
    assert(this.retained.delete(topicName), `'${topicName}' was not saved`);
  }

  adoptSession(session: Session, stored: StoredSession): void {
    this.sessions.set(session, {
      subscriptions: new Map([...session.subscriptions].map(([name, one]) => [name, saved(one)])),
      outgoing: new Map(),
      inbound: new Set(stored.inboundPacketIdentifiers),
    });
  }

  adoptOutgoing(session: Session, outgoing: Outgoing): void {
    const { packetIdentifier, released } = outgoing;
    this.#kept(session).outgoing.set(outgoing, { packetIdentifier, released });
  }

  adoptRetained(message: Message): void {
    this.retained.set(message.topic.name, message);
  }

  /** Throws where it differs from what the broker would lose. */
  check(broker: Broker): void {
    const durable = [...broker.sessions.values()].filter(({ isDurable }) => isDurable);
    assert.deepEqual(new Set(this.sessions.keys()), new Set(durable), "durable sessions");
    for (const session of durable) {
      const kept = this.#kept(session);
      const name = session.clientIdentifier;
      const subscriptions = [...session.subscriptions].map(([filter, one]) =>
        [filter, saved(one)] as const
      );
      assert.deepEqual(kept.subscriptions, new Map(subscriptions), `subscriptions of ${name}`);
      const outgoing = [...session.outgoing()].filter(({ qos }) => qos > 0);
      assert.deepEqual([...kept.outgoing.keys()], outgoing, `messages of ${name}`);
      for (const [{ packetIdentifier, released }, entry] of kept.outgoing) {
        assert.deepEqual(entry, { packetIdentifier, released }, `a message of ${name}`);
      }
      assert.deepEqual(
        kept.inbound,
        new Set(session.inbound.values()),
        `inbound of ${name}`,
      );
    }
    const retained = [...broker.retained.values()].filter(({ topic }) => !topic.isSystem);
    assert.deepEqual(
      this.retained,
      new Map(retained.map((message) => [message.topic.name, message])),
      "retained messages",
    );
  }

  /** What the next start would find. */
  state(nowMs: number): StoredState {
    const messages = new Map<Message, StoredMessage>();
    const stored = (message: Message) => {
      let one = messages.get(message);
      if (one === undefined) messages.set(message, one = toStored(message));
      return one;
    };
    return {
      retained: [...this.retained.values()].map(toStoredRetained),
      sessions: [...this.sessions].map(([session, kept]) => ({
        clientIdentifier: session.clientIdentifier,
        ...session.identity,
        protocolVersion: session.protocolVersion,
        bridge: session.bridge,
        expiryIntervalMs: session.expiryIntervalMs,
        disconnectedAtMs: session.disconnectedAtMs ?? nowMs,
        will: session.will,
        subscriptions: [...kept.subscriptions.values()].map((each) => ({ ...each })),
        outgoing: [...kept.outgoing].map(([outgoing, entry]) => ({
          message: stored(outgoing.message),
          qos: outgoing.qos,
          retain: outgoing.retain,
          subscriptionIdentifiers: outgoing.subscriptionIdentifiers,
          ...entry,
          sharedFilter: outgoing.group &&
            `$share/${outgoing.group.shareName}/${outgoing.group.topicFilter}`,
        })),
        inboundPacketIdentifiers: [...kept.inbound],
      })),
    };
  }
}

function toStored(message: Message): StoredMessage {
  return {
    topicName: message.topic.name,
    payloadBytes: message.payloadBytes,
    payloadStart: message.payloadStart,
    payloadEnd: message.payloadEnd,
    qos: message.qos,
    retain: message.retain,
    encodedProperties: message.encodedProperties,
    expiresAtMs: message.expiresAtMs,
  };
}

function toStoredRetained(message: Message): StoredMessage {
  const { retainedAtSeconds, publisher } = message;
  const retainedAtMs = retainedAtSeconds === UNKNOWN_SECONDS ? undefined : retainedAtSeconds * 1000;
  return { ...toStored(message), retainedAtMs, publisher };
}
