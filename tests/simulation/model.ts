/**
 * The broker as the specification describes it: maps, lists and the reference matcher, no cache, no
 * tree, no shared bytes.
 *
 * Two choices are the broker's own and are taken over from it: which member of a shared
 * subscription gets a message, which is checked to be a good choice, and the order of retained
 * messages for a new subscription, whose set is checked.
 */

import assert from "node:assert/strict";
import {
  type ConnectPacket,
  PacketType,
  type Properties,
  type PublishPacket,
  type QoS,
  type SubscribePacket,
  type Will,
} from "../../src/protocol/packet.ts";
import { parseSharedFilter, topicFilterFault, topicMatches } from "../../src/protocol/topic.ts";
import { asText } from "../support/packet_text.ts";
import { type Delivery, ModelSession } from "./model_session.ts";
import type { ModelLimits, ModelMessage, ModelSubscription, Pick } from "./model_types.ts";

/** The client broke the protocol; its connection is closed with this Reason Code. */
export class ModelProtocolError {
  readonly reasonCode: number;
  constructor(reasonCode: number) {
    this.reasonCode = reasonCode;
  }
}

function forwarded(properties: Properties): Properties {
  const { messageExpiryInterval: _expiry, willDelayInterval: _delay, ...rest } = properties;
  return rest;
}

export class Model {
  readonly limits: ModelLimits;
  readonly sessions = new Map<string, ModelSession>();
  /** Sessions that ended in this step: what they dropped counts still. */
  ended: ModelSession[] = [];
  readonly retained = new Map<string, ModelMessage>();
  nowMs: number;
  /** What the broker chose in this step, in order. */
  picks: Pick[] = [];
  /** The broker's order of retained messages for a Topic Filter. */
  retainedOrder: (topicFilter: string) => string[] = () => [];

  constructor(limits: ModelLimits, nowMs: number) {
    this.limits = limits;
    this.nowMs = nowMs;
  }

  connect(packet: ConnectPacket): ModelSession {
    const { clientIdentifier } = packet;
    const online = this.sessions.get(clientIdentifier);
    if (online?.isOnline) this.close(online, 0x8e);
    const previous = this.sessions.get(clientIdentifier);
    const resumed = previous !== undefined && !packet.cleanStart;
    if (previous !== undefined && !resumed) this.#end(previous);
    const session = resumed ? previous : this.#newSession(clientIdentifier);
    session.version = packet.protocolVersion;
    session.isOnline = true;
    session.isCongested = false;
    session.expiresAtMs = Infinity;
    session.expiryMs = this.#expiryMs(packet);
    session.receiveMaximum = Math.min(
      packet.properties.receiveMaximum ?? 65_535,
      this.limits.maximumInflightMessages,
    );
    session.maximumPacketSize = packet.properties.maximumPacketSize ?? Infinity;
    session.will = packet.will && this.#toWill(packet.will);
    session.expectedControl.push(`CONNACK ${resumed && session.version !== 3}`);
    session.resume();
    return session;
  }

  #newSession(clientIdentifier: string): ModelSession {
    const session = new ModelSession(clientIdentifier, this.limits, () => this.nowMs);
    session.onOverflow = () => this.close(session, 0x97);
    this.sessions.set(clientIdentifier, session);
    return session;
  }

  #expiryMs(packet: ConnectPacket): number {
    if (packet.protocolVersion === 5) return (packet.properties.sessionExpiryInterval ?? 0) * 1000;
    return packet.cleanStart ? 0 : this.limits.persistentClientExpirationMs;
  }

  #toWill(will: Will): ModelSession["will"] {
    const { topicName, qos, retain, properties } = will;
    return {
      message: {
        topicName,
        payload: asText(will.payload),
        qos,
        retain,
        properties: forwarded(properties),
      },
      expirySeconds: properties.messageExpiryInterval,
      delayMs: (properties.willDelayInterval ?? 0) * 1000,
      dueAtMs: Infinity,
    };
  }

  /** The broker closes the connection. */
  close(session: ModelSession, reasonCode: number): void {
    if (session.version === 5) session.expectedControl.push(`DISCONNECT ${reasonCode}`);
    this.connectionLost(session);
  }

  connectionLost(session: ModelSession): void {
    session.isOnline = false;
    if (session.expiryMs === 0) return this.#end(session);
    session.expiresAtMs = this.nowMs + session.expiryMs;
    if (session.will !== undefined) session.will.dueAtMs = this.nowMs + session.will.delayMs;
    if (session.will?.delayMs === 0) this.#publishWill(session);
  }

  #publishWill(session: ModelSession): void {
    const will = session.will;
    session.will = undefined;
    if (will === undefined) return;
    const { expirySeconds } = will;
    const expiresAtMs = expirySeconds === undefined ? Infinity : this.nowMs + expirySeconds * 1000;
    this.publish({ ...will.message, expiresAtMs }, session);
  }

  #end(session: ModelSession): void {
    this.sessions.delete(session.clientIdentifier);
    this.ended.push(session);
    session.hasEnded = true;
    // What another member of a shared subscription may get: never QoS 2 once it was sent, and
    // QoS 0 that waited is gone.
    const waiting = session.queue.filter(({ qos }) => qos > 0);
    const orphans = [...session.inflight.filter(({ qos }) => qos === 1), ...waiting]
      .filter(({ shareName }) => shareName !== undefined);
    session.inflight = session.queue = session.unsent = [];
    session.subscriptions.clear();
    this.#publishWill(session);
    for (const { message, shareName } of orphans) {
      if (message.expiresAtMs <= this.nowMs) session.drops.push("expired");
      else this.#deliverToGroup(shareName as string, message);
    }
  }

  /** Time has gone by and what is due is done. */
  tick(): void {
    for (;;) {
      const due = [...this.sessions.values()].filter(({ isOnline }) => !isOnline)
        .flatMap((session) => [
          { session, atMs: session.expiresAtMs, act: () => this.#end(session) },
          {
            session,
            atMs: session.will?.dueAtMs ?? Infinity,
            act: () => this.#publishWill(session),
          },
        ])
        .filter(({ atMs }) => atMs <= this.nowMs)
        .sort((one, other) => one.atMs - other.atMs);
      if (due[0] === undefined) break;
      due[0].act();
    }
    for (const [topicName, { expiresAtMs }] of this.retained) {
      if (expiresAtMs <= this.nowMs) this.retained.delete(topicName);
    }
  }

  // Publishing.

  /** How many sessions and shared groups matched. */
  publish(message: ModelMessage, publisher: ModelSession | undefined): number {
    if (message.retain && message.payload === "") this.retained.delete(message.topicName);
    else if (message.retain) this.retained.set(message.topicName, message);
    let matched = 0;
    const shareNames = new Set<string>();
    for (const session of [...this.sessions.values()]) {
      const matching = [...session.subscriptions.values()]
        .filter((each) => topicMatches(each.matched, message.topicName));
      const own = matching.filter(({ shareName }) => shareName === undefined);
      for (const { shareName } of matching) if (shareName !== undefined) shareNames.add(shareName);
      if (own.length === 0) continue;
      matched++;
      const wanted = own.filter(({ noLocal }) => !noLocal || session !== publisher);
      if (wanted.length > 0) session.deliver(makeDelivery(message, wanted));
    }
    // Several groups may match; which is served first is open, so it is the broker's order.
    const firstPick = (shareName: string) =>
      this.picks.findIndex((pick) => pick.shareName === shareName);
    const inOrder = [...shareNames].sort((one, other) => firstPick(one) - firstPick(other));
    for (const shareName of inOrder) this.#deliverToGroup(shareName, message);
    return matched + shareNames.size;
  }

  #deliverToGroup(shareName: string, message: ModelMessage): void {
    const members = [...this.sessions.values()].filter((session) =>
      [...session.subscriptions.values()].some((each) => each.shareName === shareName)
    );
    if (members.length === 0) return;
    const at = this.picks.findIndex((pick) => pick.shareName === shareName);
    assert.ok(at >= 0, `no member of ${shareName} got '${message.payload}'`);
    const [pick] = this.picks.splice(at, 1) as [Pick];
    const chosen = members.find((each) => each.clientIdentifier === pick.clientIdentifier);
    assert.ok(chosen, `${pick.clientIdentifier} is no member of ${shareName}`);
    const better = members.some(({ isReady }) => isReady) ? "isReady" : "isOnline";
    if (members.some((each) => each[better])) {
      assert.ok(
        chosen[better],
        `${pick.clientIdentifier} is chosen of ${shareName}, not ${better}`,
      );
    }
    const subscription = [...chosen.subscriptions.values()]
      .filter((each) => each.shareName === shareName);
    chosen.deliver(makeDelivery(message, subscription));
  }

  /** PUBLISH from a client. */
  receivePublish(session: ModelSession, packet: PublishPacket): void {
    const { qos, packetIdentifier, properties } = packet;
    const isFive = session.version === 5;
    const isKnown = session.inbound.has(packetIdentifier);
    if (qos === 2 && isFive && session.inbound.size >= this.limits.receiveMaximum && !isKnown) {
      throw new ModelProtocolError(0x93);
    }
    let reasonCode = 0;
    if (qos < 2 || !isKnown) {
      if (qos === 2) session.inbound.add(packetIdentifier);
      const interval = isFive ? properties.messageExpiryInterval : undefined;
      const matched = this.publish({
        topicName: packet.topicName,
        payload: asText(packet.payload),
        qos,
        retain: packet.retain,
        properties: isFive ? forwarded(properties) : {},
        expiresAtMs: interval === undefined ? Infinity : this.nowMs + interval * 1000,
      }, session);
      if (matched === 0 && isFive) reasonCode = 0x10;
    }
    if (!session.isOnline) return;
    if (qos === 1) session.expectedControl.push(`PUBACK ${packetIdentifier} ${reasonCode}`);
    if (qos === 2) session.expectedControl.push(`PUBREC ${packetIdentifier} ${reasonCode}`);
  }

  // Acknowledgements.

  acknowledge(session: ModelSession, type: number, packetIdentifier: number, code: number): void {
    const unknown = session.version === 5 ? 0x92 : 0;
    const control = (name: string, reasonCode: number) =>
      session.expectedControl.push(`${name} ${packetIdentifier} ${reasonCode}`);
    if (type === PacketType.Pubrel) {
      control("PUBCOMP", session.inbound.delete(packetIdentifier) ? 0 : unknown);
      return;
    }
    const delivery = session.byIdentifier(packetIdentifier);
    const qos = type === PacketType.Puback ? 1 : 2;
    if (delivery !== undefined && delivery.qos !== qos) throw new ModelProtocolError(0x82);
    if (type === PacketType.Pubrec && code < 0x80) {
      if (delivery !== undefined) session.release(delivery);
      control("PUBREL", delivery === undefined ? unknown : 0);
    } else if (delivery !== undefined) {
      if (type === PacketType.Pubcomp && !delivery.released) throw new ModelProtocolError(0x82);
      session.complete(delivery);
    }
  }

  // Subscribing.

  subscribe(session: ModelSession, packet: SubscribePacket): void {
    const bad = packet.subscriptions.some(({ topicFilter }) => topicFilterFault(topicFilter));
    if (bad) throw new ModelProtocolError(0x8f);
    const identifier = packet.properties.subscriptionIdentifiers?.[0] ?? 0;
    const replays: ModelSubscription[] = [];
    const codes = packet.subscriptions.map((request) => {
      const { topicFilter, qos, noLocal, retainAsPublished, retainHandling } = request;
      const isNew = !session.subscriptions.has(topicFilter);
      const shared = parseSharedFilter(topicFilter);
      const subscription: ModelSubscription = {
        topicFilter,
        matched: shared?.topicFilter ?? topicFilter,
        shareName: shared?.shareName,
        qos,
        noLocal,
        retainAsPublished,
        identifier,
      };
      session.subscriptions.set(topicFilter, subscription);
      const wanted = retainHandling === 0 || (retainHandling === 1 && isNew);
      if (wanted && shared === undefined) replays.push(subscription);
      return qos;
    });
    session.expectedControl.push(`SUBACK ${packet.packetIdentifier} ${codes.join(" ")}`);
    for (const subscription of replays) this.#replay(session, subscription);
  }

  #replay(session: ModelSession, subscription: ModelSubscription): void {
    const { topicFilter, qos, identifier } = subscription;
    const matching = [...this.retained.keys()].filter((each) => topicMatches(topicFilter, each));
    const order = this.retainedOrder(topicFilter);
    assert.deepEqual(order.toSorted(), matching.toSorted(), `retained for ${topicFilter}`);
    for (const topicName of order) {
      const message = this.retained.get(topicName) as ModelMessage;
      if (message.expiresAtMs <= this.nowMs) continue;
      session.replay({
        ...makeDelivery(message, [subscription]),
        qos: Math.min(message.qos, qos) as QoS,
        retain: true,
        identifiers: identifier > 0 ? [identifier] : [],
      });
    }
  }

  unsubscribe(session: ModelSession, packetIdentifier: number, filters: string[]): void {
    const codes = filters.map((each) => session.subscriptions.delete(each) ? 0 : 0x11);
    const told = session.version === 5 ? codes.join(" ") : "";
    session.expectedControl.push(`UNSUBACK ${packetIdentifier} ${told}`);
  }
}

function makeDelivery(
  message: ModelMessage,
  subscriptions: readonly ModelSubscription[],
): Delivery {
  return {
    message,
    qos: Math.min(message.qos, Math.max(...subscriptions.map(({ qos }) => qos))) as QoS,
    retain: message.retain && subscriptions.some(({ retainAsPublished }) => retainAsPublished),
    identifiers: subscriptions.map(({ identifier }) => identifier).filter((each) => each > 0),
    shareName: subscriptions[0]?.shareName,
    packetIdentifier: 0,
    charged: false,
    released: false,
  };
}
