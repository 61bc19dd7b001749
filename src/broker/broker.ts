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
import type {
  AccessControl,
  ClientAccess,
  ClientIdentity,
  ListenerTerms,
  Refusal,
} from "./access.ts";
import type { BrokerContext } from "./context.ts";
import { BufferPool } from "./buffer_pool.ts";
import { type Deadline, Deadlines } from "./deadlines.ts";
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
import type { Outgoing } from "./outgoing.ts";
import { ReplayBudget } from "./replay_budget.ts";
import { RetainedMessages } from "./retained_messages.ts";
import { Router } from "./router.ts";
import { Session } from "./session.ts";
import { SessionEnds } from "./session_ends.ts";
import { Statistics } from "./statistics.ts";
import { type Topic, TopicTable } from "./topic_table.ts";
import { type WillMessage, willToMessage } from "./will.ts";

const SYSTEM_TOPIC_REFUSAL: Refusal = {
  reasonCode: ReasonCode.NotAuthorized,
  reasonString: "$SYS topics are the broker's own",
  rule: "only the broker publishes to $SYS topics",
};

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
  readonly events: BrokerEvents;
  readonly statistics = new Statistics();
  readonly topics: TopicTable;
  readonly router: Router;
  readonly journal: Journal;
  /** Sessions whose end is not on the disk yet. */
  readonly sessionEnds: SessionEnds;
  /** Buffers that the core and the connections share. */
  readonly pool = new BufferPool();
  readonly retained: RetainedMessages;
  readonly replayBudget = new ReplayBudget(this);
  readonly nowMs: () => number;
  /** The PUBLISH that is being handled; filled again for each. */
  readonly transient: Message;
  readonly #sessions = new Map<string, Session>();
  readonly #deadlines = new Deadlines<() => void>();
  /** Ends of retained messages that expire, by Topic Name. */
  readonly #retainedExpiry = new Map<string, Deadline<() => void>>();
  readonly #seed: number;
  #limits: BrokerLimits;
  #access: AccessControl;
  #assignedIdentifiers = 0;

  constructor(options: BrokerOptions) {
    this.#limits = options.limits;
    this.#access = options.access;
    this.events = options.events;
    this.nowMs = () => options.nowMs();
    this.#seed = options.seed;
    this.journal = options.journal ?? NO_JOURNAL;
    this.sessionEnds = new SessionEnds(this.journal);
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
   * Acts on CONNECT of a client that has proven to be `identity`: answers with CONNACK and returns
   * the session, or throws `ProtocolError` with the Reason Code of the refusal.
   */
  connect(
    link: Link,
    packet: ConnectPacket,
    identity: ClientIdentity,
    terms: ListenerTerms,
  ): Session {
    return handleConnect(this, link, packet, identity, terms);
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
    this.#watchExpiry(session);
    if (will !== undefined) this.#publishWillAt(this.nowMs() + will.delayMs, session, will);
    this.journal.saveSession(session);
  }

  // What a reload changes.

  get limits(): BrokerLimits {
    return this.#limits;
  }

  /**
   * Other limits hold from now on. What is over them already stays, and the size of the topic table
   * is what it was.
   */
  setLimits(limits: BrokerLimits): void {
    this.#limits = this.topics.limits = this.retained.limits = limits;
  }

  get access(): AccessControl {
    return this.#access;
  }

  /** Other rules hold from now on, for what is connected, stored and queued as well. */
  setAccess(access: AccessControl): void {
    // What waits to be handed over was allowed to those who get it when it came.
    this.settle();
    this.#access = access;
    for (const session of this.#sessions.values()) session.judgeAnew();
    this.router.accessChanged();
  }

  /** Does what has become due. Called about once a second. */
  tick(): void {
    const nowMs = this.nowMs();
    for (let due = this.#deadlines.takeDue(nowMs); due; due = this.#deadlines.takeDue(nowMs)) due();
    this.settle();
    this.replayBudget.proceed();
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
  createSession(clientIdentifier: string, identity: ClientIdentity): Session {
    const session = new Session(clientIdentifier, identity, this);
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

  /** What the journal has of a session goes: it has ended, or ends with its connection now. */
  forgetStored(session: Session): void {
    this.journal.deleteSession(session);
    this.sessionEnds.add(session.clientIdentifier);
  }

  /** Ends a session that has no link: publishes its Will, removes everything it had. */
  endSession(session: Session, reason: string): void {
    if (session.ended) return;
    this.cancelDeadlines(session);
    if (session.isDurable) this.forgetStored(session);
    const will = session.will;
    const subscriptions = [...session.subscriptions.values()];
    const orphans = session.end();
    this.#sessions.delete(session.clientIdentifier);
    for (const subscription of subscriptions) this.router.unsubscribe(subscription);
    if (will !== undefined) this.#publishWill(session, will); // [MQTT-3.1.2-8]
    for (const orphan of orphans) {
      const { message } = orphan;
      if (message.hasExpired(this)) session.drop(message.topic.name, "expired"); // [MQTT-3.3.2-5]
      else this.passOn(orphan);
    }
    this.events.sessionEnded(session, reason);
  }

  passOn({ group, message }: Outgoing): boolean {
    const current = group && this.router.tree.currentGroup(group);
    return current !== undefined && this.router.deliverToGroup(current, message);
  }

  /** Retains `message` if it says so, and routes it. Returns how many recipients matched. */
  publishMessage(message: Message, publisher: Session | undefined): number {
    if (!message.retain) return this.router.route(message, publisher);
    const kept = message.keep();
    this.#retain(kept, publisher);
    return this.router.route(kept, publisher);
  }

  #retain(message: Message, publisher: Session | undefined): void {
    const topicName = message.topic.name;
    if (message.payloadLength === 0) return this.#clearRetained(topicName); // [MQTT-3.3.1-6]
    message.noteRetained(publisher?.clientIdentifier, this);
    const hadOne = this.retained.get(topicName) !== undefined;
    const limit = this.retained.set(message);
    if (limit !== undefined) {
      // The old message is gone with that: better none than one that is out of date.
      if (hadOne) this.#forgetRetained(topicName);
      return this.events.retainedRefused(topicName, limit);
    }
    if (!message.topic.isSystem) this.journal.saveRetained(message);
    this.#watchRetained(topicName, message.expiresAtMs);
  }

  // What a journal kept (`restore.ts`).

  /** False when it has expired meanwhile. */
  restoreRetained(message: Message): boolean {
    const topicName = message.topic.name;
    if (message.hasExpired(this)) {
      this.journal.deleteRetained(topicName);
      return false;
    }
    this.retained.restore(message);
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
    if (this.retained.delete(topicName)) this.#forgetRetained(topicName);
  }

  #forgetRetained(topicName: string): void {
    this.#watchRetained(topicName, NEVER_MS);
    this.journal.deleteRetained(topicName);
  }

  #watchRetained(topicName: string, dueMs: number): void {
    this.#deadlines.cancel(this.#retainedExpiry.get(topicName));
    if (dueMs === NEVER_MS) {
      this.#retainedExpiry.delete(topicName);
      return;
    }
    const deadline = this.#deadlines.add(dueMs, () => this.#clearRetained(topicName));
    this.#retainedExpiry.set(topicName, deadline);
  }

  /** Publishes it at once when that time has passed. */
  #publishWillAt(dueMs: number, session: Session, will: WillMessage): void {
    const publish = () => {
      session.will = undefined;
      this.#publishWill(session, will);
      if (session.isDurable) this.journal.saveSession(session);
    };
    if (dueMs <= this.nowMs()) publish();
    else session.willDeadline = this.#deadlines.add(dueMs, publish);
  }

  #publishWill(session: Session, will: WillMessage): void {
    const message = willToMessage(will, this);
    const refusal = this.publishRefusal(session.access, message.topic);
    if (refusal !== undefined) this.refusePublish(session, will.topicName, refusal);
    else this.publishMessage(message, session);
  }

  /** Why a client with this access may not publish to `topic`; undefined when it may. */
  publishRefusal(access: ClientAccess, topic: Topic): Refusal | undefined {
    return topic.isSystem ? SYSTEM_TOPIC_REFUSAL : access.mayPublish(topic.name);
  }

  /** Counts and reports a PUBLISH or a Will that goes no further. */
  refusePublish(session: Session, topicName: string, refusal: Refusal): void {
    this.statistics.publishRefused++;
    this.events.publishRefused(session, topicName, refusal);
  }

  #watchExpiry(session: Session): void {
    if (session.expiresAtMs === Infinity) return;
    session.expiryDeadline = this.#deadlines.add(
      session.expiresAtMs,
      () => this.#expire(session),
    );
  }

  /** The client is back, or the session is over: nothing is due any more [MQTT-3.1.3-9]. */
  cancelDeadlines(session: Session): void {
    this.#deadlines.cancel(session.expiryDeadline);
    this.#deadlines.cancel(session.willDeadline);
    session.expiryDeadline = session.willDeadline = undefined;
  }

  #expire(session: Session): void {
    this.statistics.sessionsExpired++;
    this.endSession(session, "Session Expiry Interval is over");
  }
}
