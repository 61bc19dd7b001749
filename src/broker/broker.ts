/**
 * The broker: every session and retained message, and one switch over packet types.
 *
 * Owns the map of sessions, their expiry, delayed Wills and retained messages. Synchronous: every
 * call runs to completion, so no call ever sees a half-made change. Behaviour of each packet is in
 * `handle_*.ts`; sockets are in `net/`, which calls in here and is called back through `Link`.
 */

import {
  type AcknowledgementPacket,
  type ConnectPacket,
  type Packet,
  PacketType,
} from "../protocol/packet.ts";
import type { PublishFrame } from "../protocol/publish_frame.ts";
import { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import type { AccessControl, ClientOrigin } from "./access.ts";
import type { BrokerContext } from "./context.ts";
import { BufferPool } from "./buffer_pool.ts";
import { Deadlines } from "./deadlines.ts";
import type { BrokerEvents } from "./events.ts";
import { handleAcknowledgement } from "./handle_ack.ts";
import { handleConnect } from "./handle_connect.ts";
import { handleDisconnect } from "./handle_disconnect.ts";
import { handlePublish } from "./handle_publish.ts";
import { handleSubscribe, handleUnsubscribe } from "./handle_subscribe.ts";
import { type Journal, NO_JOURNAL } from "./journal.ts";
import type { BrokerLimits } from "./limits.ts";
import type { Link } from "./link.ts";
import { Message, NEVER_MS } from "./message.ts";
import { RetainedMessages } from "./retained_messages.ts";
import { Router } from "./router.ts";
import { Session } from "./session.ts";
import { Statistics } from "./statistics.ts";
import { TopicTable } from "./topic_table.ts";
import { type WillMessage, willToMessage } from "./will.ts";

export interface BrokerOptions {
  readonly limits: BrokerLimits;
  readonly access: AccessControl;
  readonly events: BrokerEvents;
  /** Milliseconds that never go back. */
  nowMs(): number;
  /** Where what must survive is recorded; by default nowhere. */
  readonly journal?: Journal;
  /** A random 32-bit integer: it seeds hashes and assigned Client Identifiers. */
  readonly seed: number;
}

export class Broker implements BrokerContext {
  readonly limits: BrokerLimits;
  readonly access: AccessControl;
  readonly events: BrokerEvents;
  readonly statistics = new Statistics();
  readonly topics: TopicTable;
  readonly router: Router;
  readonly journal: Journal;
  /** Buffers that the core and the connections share. */
  readonly pool = new BufferPool();
  readonly retained: RetainedMessages;
  readonly nowMs: () => number;
  /** The PUBLISH that is being handled; filled again for each. */
  readonly transient: Message;
  readonly #sessions = new Map<string, Session>();
  /** Each looks for itself whether what it was to do still holds. */
  readonly #deadlines = new Deadlines<() => void>();
  /** When to look whether the retained message of a topic has expired. */
  readonly #retainedChecksMs = new Map<string, number>();
  readonly #seed: number;
  #assignedIdentifiers = 0;

  constructor(options: BrokerOptions) {
    this.limits = options.limits;
    this.access = options.access;
    this.events = options.events;
    this.nowMs = () => options.nowMs();
    this.#seed = options.seed;
    this.journal = options.journal ?? NO_JOURNAL;
    this.topics = new TopicTable(options.limits.topicTableCapacity, options.seed, options.limits);
    this.router = new Router(this, this.pool);
    this.retained = new RetainedMessages(options.limits);
    this.transient = new Message(this.topics.findByName("-"), new Uint8Array(0), 0, false);
  }

  get sessions(): ReadonlyMap<string, Session> {
    return this.#sessions;
  }

  // What a connection calls.

  /**
   * Acts on CONNECT: answers with CONNACK and returns the session, or throws `ProtocolError` with
   * the Reason Code of the refusal.
   */
  connect(link: Link, packet: ConnectPacket, origin: ClientOrigin): Session {
    return handleConnect(this, link, packet, origin);
  }

  /** Acts on a PUBLISH that still lies in the read buffer. */
  publish(session: Session, frame: PublishFrame): void {
    handlePublish(this, session, frame);
  }

  /** Acts on PUBACK, PUBREC, PUBREL or PUBCOMP, without an object for it. */
  acknowledge(
    session: Session,
    type: AcknowledgementPacket["type"],
    packetIdentifier: number,
    reasonCode: ReasonCode,
  ): void {
    handleAcknowledgement(session, type, packetIdentifier, reasonCode);
  }

  /** Acts on any packet but CONNECT and PUBLISH. Throws `ProtocolError`. */
  receive(session: Session, packet: Packet): void {
    switch (packet.type) {
      case PacketType.Puback:
      case PacketType.Pubrec:
      case PacketType.Pubrel:
      case PacketType.Pubcomp:
        return this.acknowledge(session, packet.type, packet.packetIdentifier, packet.reasonCode);
      case PacketType.Subscribe:
        return handleSubscribe(this, session, packet);
      case PacketType.Unsubscribe:
        return handleUnsubscribe(this, session, packet);
      case PacketType.Pingreq:
        return session.link?.send({ type: PacketType.Pingresp }); // [MQTT-3.12.4-1]
      case PacketType.Disconnect:
        return handleDisconnect(this, session, packet);
      case PacketType.Auth:
        throw new ProtocolError(
          ReasonCode.ProtocolError,
          "Cannot accept AUTH: the connection was made without an Authentication Method",
        );
      default:
        throw new ProtocolError(
          ReasonCode.ProtocolError,
          "Cannot accept this packet from a client here",
        );
    }
  }

  /** Hands over what the batch of input produced and several sessions share. */
  settle(): void {
    this.router.settle();
  }

  /**
   * The network connection is gone or is being closed by us. Nothing happens when `session` has
   * another link by now. `reason` is for the log.
   */
  connectionLost(session: Session, link: Link, reason: string): void {
    if (session.link !== link) return;
    this.settle();
    this.detach(session, reason);
    const will = session.will;
    if (session.expiryIntervalMs === 0) {
      this.endSession(session, "the client left");
      return;
    }
    session.expiresAtMs = this.nowMs() + session.expiryIntervalMs; // [MQTT-3.1.2-23]
    if (will !== undefined) this.#publishWillAt(this.nowMs() + will.delayMs, session, will);
    this.journal.saveSession(session);
    this.#watchExpiry(session);
  }

  /** Does what has become due. Called about once a second. */
  tick(): void {
    const nowMs = this.nowMs();
    for (let due = this.#deadlines.takeDue(nowMs); due; due = this.#deadlines.takeDue(nowMs)) due();
    this.settle();
  }

  // What the handlers share.

  /** Takes the link away and says so; Will and expiry are the caller's. */
  detach(session: Session, reason: string): void {
    session.link = undefined;
    session.disconnectedAtMs = this.nowMs();
    this.statistics.clientsConnected--;
    this.events.sessionDisconnected(session, reason);
  }

  /** A session that did not exist before, not connected yet. */
  createSession(clientIdentifier: string): Session {
    const session = new Session(clientIdentifier, this);
    this.#sessions.set(clientIdentifier, session);
    return session;
  }

  /** A Client Identifier that no session has [MQTT-3.1.3-6]. */
  assignClientIdentifier(): string {
    for (;;) {
      const unique = (this.#seed >>> 0).toString(36) + "-" + (++this.#assignedIdentifiers);
      const clientIdentifier = `auto-${unique}`;
      if (!this.#sessions.has(clientIdentifier)) return clientIdentifier;
    }
  }

  /** Ends a session that has no link: publishes its Will, removes everything it had. */
  endSession(session: Session, reason: string): void {
    if (session.ended) return;
    if (session.isDurable) this.journal.deleteSession(session);
    const will = session.will;
    const subscriptions = [...session.subscriptions.values()];
    const orphans = session.end();
    this.#sessions.delete(session.clientIdentifier);
    for (const subscription of subscriptions) this.router.unsubscribe(subscription);
    if (will !== undefined) this.#publishWill(session, will); // [MQTT-3.1.2-8]
    for (const { group, message } of orphans) {
      const current = group && this.router.tree.currentGroup(group);
      if (message.hasExpired(this)) session.drop(message.topic.name, "expired"); // [MQTT-3.3.2-5]
      else if (current !== undefined) this.router.deliverToGroup(current, message);
    }
    this.events.sessionEnded(session, reason);
  }

  /** Retains `message` if it says so, and routes it. Returns how many recipients matched. */
  publishMessage(message: Message, publisher: Session | undefined): number {
    if (!message.retain) return this.router.route(message, publisher);
    const kept = message.keep();
    this.#retain(kept);
    return this.router.route(kept, publisher);
  }

  #retain(message: Message): void {
    const topicName = message.topic.name;
    if (message.payloadLength === 0) return this.#clearRetained(topicName); // [MQTT-3.3.1-6]
    const limit = this.retained.set(message);
    if (limit !== undefined) return this.events.retainedRefused(topicName, limit);
    if (!message.topic.isSystem) this.journal.saveRetained(message);
    this.#watchRetained(topicName, message.expiresAtMs);
  }

  // What a journal kept (`restore.ts`).

  /** False when it has expired meanwhile. */
  restoreRetained(message: Message): boolean {
    const topicName = message.topic.name;
    if (message.hasExpired(this) || this.retained.set(message) !== undefined) {
      this.journal.deleteRetained(topicName);
      return false;
    }
    this.#watchRetained(topicName, message.expiresAtMs);
    return true;
  }

  /** A session is back whose client is not: its Will and its end may be due already. */
  watchRestored(session: Session): void {
    const { will, disconnectedAtMs = this.nowMs() } = session;
    if (will !== undefined) this.#publishWillAt(disconnectedAtMs + will.delayMs, session, will);
    this.#watchExpiry(session);
  }

  #clearRetained(topicName: string): void {
    if (this.retained.delete(topicName)) this.journal.deleteRetained(topicName);
  }

  /** As for sessions: topics are published to again and again. */
  #watchRetained(topicName: string, dueMs: number): void {
    if ((this.#retainedChecksMs.get(topicName) ?? NEVER_MS) <= dueMs) return;
    this.#retainedChecksMs.set(topicName, dueMs);
    this.#deadlines.add(dueMs, () => {
      if (this.#retainedChecksMs.get(topicName) !== dueMs) return;
      this.#retainedChecksMs.delete(topicName);
      const message = this.retained.get(topicName);
      if (message?.hasExpired(this)) this.#clearRetained(topicName);
      else if (message !== undefined) this.#watchRetained(topicName, message.expiresAtMs);
    });
  }

  #publishWillAt(dueMs: number, session: Session, will: WillMessage): void {
    const publish = () => {
      // Another Will object, or none, means that the client came back [MQTT-3.1.3-9].
      if (session.will !== will || session.isOnline) return;
      session.will = undefined;
      if (!session.ended && session.isDurable) this.journal.saveSession(session);
      this.#publishWill(session, will);
    };
    if (dueMs <= this.nowMs()) publish();
    else this.#deadlines.add(dueMs, publish);
  }

  #publishWill(session: Session, will: WillMessage): void {
    const refusal = this.access.mayPublish(session, will.topicName);
    if (refusal !== undefined) this.events.publishRefused(session, will.topicName, refusal);
    else this.publishMessage(willToMessage(will, this), session);
  }

  /** Notes down when to look, unless that is noted for an earlier time: clients come and go. */
  #watchExpiry(session: Session): void {
    const dueMs = session.expiresAtMs;
    if (session.expiryCheckMs <= dueMs) return;
    session.expiryCheckMs = dueMs;
    this.#deadlines.add(dueMs, () => {
      if (session.expiryCheckMs !== dueMs) return;
      session.expiryCheckMs = Infinity;
      if (session.expiresAtMs === dueMs) this.#expire(session);
      else if (!session.isOnline && !session.ended) this.#watchExpiry(session);
    });
  }

  #expire(session: Session): void {
    if (session.ended) return;
    this.statistics.sessionsExpired++;
    this.endSession(session, "Session Expiry Interval is over");
  }
}
