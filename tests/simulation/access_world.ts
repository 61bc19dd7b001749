/**
 * A broker with rules, clients of several users, and what they may do by the plain reference of the
 * rule semantics: every message that is published or received is held against it.
 *
 * Owns what is owed: messages that a session has to get because it was allowed when they came and
 * was never online while they were forbidden. Invariant: the reference, not the broker, says what is
 * allowed; of the broker only subscriptions, and whether a client keeps up, are believed.
 */

import assert from "node:assert/strict";
import type { Layer } from "../../src/access/rule.ts";
import { RuleAccess } from "../../src/access/rule_access.ts";
import { RuleEngine } from "../../src/access/rules.ts";
import type { AccessControl } from "../../src/broker/access.ts";
import type { Broker } from "../../src/broker/broker.ts";
import type { Message } from "../../src/broker/message.ts";
import { restore } from "../../src/broker/restore.ts";
import type { Session } from "../../src/broker/session.ts";
import { filterOf } from "../../src/broker/subscription_tree.ts";
import { type Packet, PacketType, type PublishPacket } from "../../src/protocol/packet.ts";
import { isError } from "../../src/protocol/reason_code.ts";
import { topicMatches } from "../../src/protocol/topic.ts";
import { client as ruleClient, isAllowed } from "../access/rule_reference.ts";
import { Core } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { MemoryJournal } from "../support/memory_journal.ts";
import { asText } from "../support/packet_text.ts";
import { acknowledgement } from "../support/packets.ts";

/** Mistakes on purpose, to show that they are found. */
export interface AccessSabotage {
  readonly access?: (access: AccessControl) => AccessControl;
  readonly broker?: (broker: Broker) => void;
}

/** A client with its network connection of the moment. */
export interface Peer {
  readonly connection: FakeClient;
  readonly acknowledges: boolean;
  nextIdentifier: number;
}

export class AccessWorld {
  core: Core;
  #journal = new MemoryJournal();
  #layers: readonly Layer[] = [];
  readonly #sabotage: AccessSabotage;
  /** By Client Identifier: those that are connected. */
  readonly peers = new Map<string, Peer>();
  /** Topic Names by payload, for each session. */
  #owed = new Map<Session, Map<string, string>>();
  /** Payloads that the broker has routed. */
  readonly published = new Set<string>();
  /** Retained payloads by Topic Name. */
  readonly retained = new Map<string, string>();
  /** What has to come within this step: "client payload". */
  #due = new Set<string>();
  /** Payloads of which a shared group has to give one to somebody within this step. */
  readonly #dueShared: string[] = [];
  /** "client payload" of this step, without what is sent again. */
  #received: string[] = [];

  constructor(sabotage: AccessSabotage = {}) {
    this.#sabotage = sabotage;
    this.core = this.#newCore();
  }

  #newCore(): Core {
    const core = new Core({}, this.#journal);
    const { broker } = core;
    const publishMessage = broker.publishMessage.bind(broker);
    broker.publishMessage = (message, publisher) => {
      this.#watch(message, publisher);
      return publishMessage(message, publisher);
    };
    this.#sabotage.broker?.(broker);
    broker.setAccess(this.#access());
    return core;
  }

  #access(): AccessControl {
    const access = new RuleAccess({
      engine: new RuleEngine(this.#layers),
      groups: new Map(),
      partialSubscriptions: "filter",
    });
    return this.#sabotage.access?.(access) ?? access;
  }

  /** By the reference and the rules of now. */
  isAllowed(
    action: "publish" | "subscribe",
    { clientIdentifier, username }: Pick<Session, "clientIdentifier" | "username">,
    topicName: string,
  ): boolean {
    const who = ruleClient({ clientIdentifier, username });
    return isAllowed(this.#layers, who, action, topicName);
  }

  /** Somebody publishes: by PUBLISH, or its Will has become due. */
  #watch(message: Message, publisher: Session | undefined): void {
    const topicName = message.topic.name;
    assert.ok(publisher !== undefined, "nobody publishes");
    assert.ok(this.isAllowed("publish", publisher, topicName), `'${topicName}' is published`);
    const payload = asText(message.payload);
    this.published.add(payload);
    if (message.retain && payload === "") this.retained.delete(topicName);
    else if (message.retain) this.retained.set(topicName, payload);
    for (const session of this.core.broker.sessions.values()) {
      this.#watchRecipient(session, message, payload, publisher);
    }
    this.#watchShared(topicName, payload);
  }

  #watchRecipient(session: Session, message: Message, payload: string, publisher: Session): void {
    const topicName = message.topic.name;
    const matching = [...session.subscriptions.values()].filter((subscription) =>
      subscription.shareName === undefined && topicMatches(subscription.topicFilter, topicName) &&
      !(subscription.noLocal && session === publisher)
    );
    if (matching.length === 0 || !this.isAllowed("subscribe", session, topicName)) return;
    const qos = Math.min(message.qos, Math.max(...matching.map((one) => one.qos)));
    const due = `${session.clientIdentifier} ${payload}`;
    if (qos > 0) this.#owedTo(session).set(payload, topicName);
    else if (session.link?.isCongested === false) this.#due.add(due);
  }

  #watchShared(topicName: string, payload: string): void {
    const groups = new Set<string>();
    for (const session of this.core.broker.sessions.values()) {
      if (!session.isKeepingUp || !this.isAllowed("subscribe", session, topicName)) continue;
      for (const subscription of session.subscriptions.values()) {
        const isMember = subscription.shareName !== undefined &&
          topicMatches(filterOf(subscription), topicName);
        if (isMember) groups.add(subscription.topicFilter);
      }
    }
    this.#dueShared.push(...[...groups].map(() => payload));
  }

  #owedTo(session: Session): Map<string, string> {
    let owed = this.#owed.get(session);
    if (owed === undefined) this.#owed.set(session, owed = new Map());
    return owed;
  }

  /** A new subscription of a client that reads and acknowledges: what is retained has to come. */
  subscribed({ connection, acknowledges }: Peer, topicFilter: string): void {
    const { session, link } = connection;
    if (link.isCongested || !acknowledges) return;
    for (const [topicName, payload] of this.retained) {
      const isWanted = topicMatches(topicFilter, topicName) &&
        this.isAllowed("subscribe", session, topicName);
      if (isWanted) this.#due.add(`${session.clientIdentifier} ${payload}`);
    }
  }

  setRules(layers: readonly Layer[]): void {
    this.#layers = layers;
    this.core.broker.setAccess(this.#access());
  }

  /** The broker is killed and started again; nobody is connected then. */
  restart(): void {
    const owed = [...this.#owed].filter(([session]) => session.isDurable);
    const state = this.#journal.state(this.core.nowMs);
    const { nowMs } = this.core;
    this.peers.clear();
    this.#journal = new MemoryJournal();
    this.core = this.#newCore();
    this.core.nowMs = nowMs;
    restore(this.core.broker, state, this.#journal);
    this.#owed = new Map();
    for (const [{ clientIdentifier }, messages] of owed) {
      const session = this.core.broker.sessions.get(clientIdentifier);
      if (session !== undefined) this.#owed.set(session, messages);
    }
  }

  // The end of a step.

  /** Clients take what came and answer, until nothing comes any more; then everything is checked. */
  settle(): void {
    for (let isBusy = true; isBusy;) {
      isBusy = false;
      for (const [clientIdentifier, peer] of this.peers) {
        const packets = peer.connection.received();
        if (!peer.connection.isOpen) this.peers.delete(clientIdentifier);
        const answers = packets.flatMap((packet) => this.#take(clientIdentifier, peer, packet));
        if (answers.length > 0 && peer.connection.isOpen) peer.connection.input(...answers);
        isBusy ||= answers.length > 0;
      }
    }
    this.#checkDue();
    this.#forgetLost();
    this.#journal.check(this.core.broker);
  }

  #take(clientIdentifier: string, peer: Peer, packet: Packet): Packet[] {
    const { connection, acknowledges } = peer;
    switch (packet.type) {
      case PacketType.Publish:
        this.#arrived(clientIdentifier, connection.session, packet);
        if (packet.qos === 0 || !acknowledges) return [];
        return [acknowledgement(
          packet.qos === 1 ? PacketType.Puback : PacketType.Pubrec,
          packet.packetIdentifier,
        )];
      case PacketType.Pubrec:
        if (isError(packet.reasonCode)) return [];
        return [acknowledgement(PacketType.Pubrel, packet.packetIdentifier)];
      case PacketType.Pubrel:
        return [acknowledgement(PacketType.Pubcomp, packet.packetIdentifier)];
      default:
        return [];
    }
  }

  #arrived(clientIdentifier: string, session: Session, packet: PublishPacket): void {
    const { topicName, duplicate } = packet;
    const payload = asText(packet.payload);
    assert.ok(
      this.isAllowed("subscribe", session, topicName),
      `${clientIdentifier} of ${session.username} gets '${topicName}'`,
    );
    assert.ok(this.published.has(payload), `'${payload}' was not published`);
    this.#owed.get(session)?.delete(payload);
    if (!duplicate) this.#received.push(`${clientIdentifier} ${payload}`);
  }

  #checkDue(): void {
    const received = this.#received.splice(0);
    const due = [...this.#due];
    this.#due = new Set();
    for (const one of due) assert.ok(received.includes(one), `'${one}' does not come`);
    for (const payload of new Set(this.#dueShared)) {
      const copies = received.filter((one) => one.endsWith(` ${payload}`)).length;
      const expected = due.filter((one) => one.endsWith(` ${payload}`)).length +
        this.#dueShared.filter((one) => one === payload).length;
      assert.ok(copies >= expected, `${copies} of ${expected} copies of '${payload}' come`);
    }
    this.#dueShared.length = 0;
  }

  /** What is forbidden to a client that is connected may be dropped at any time. */
  #forgetLost(): void {
    for (const [session, owed] of this.#owed) {
      if (session.ended) this.#owed.delete(session);
      if (!session.isOnline) continue;
      for (const [payload, topicName] of owed) {
        if (!this.isAllowed("subscribe", session, topicName)) owed.delete(payload);
      }
    }
  }

  /** What nobody has got who reads, acknowledges and is allowed to: "client payload". */
  get unpaid(): string[] {
    return [...this.#owed].flatMap(([session, owed]) => {
      const peer = this.peers.get(session.clientIdentifier);
      if (peer?.acknowledges !== true || peer.connection.link.isCongested) return [];
      return [...owed.keys()].map((payload) => `${session.clientIdentifier} ${payload}`);
    });
  }
}
