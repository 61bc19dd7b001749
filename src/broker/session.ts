/**
 * One client's session: what outlives its network connection (MQTT 5 section 4.1).
 *
 * Owns subscriptions, queue, in-flight messages, inbound QoS 2 identifiers and the Will; who the
 * client is and how it is connected is in `session_client.ts`. Invariants: while a QoS 0 message
 * waits in the queue, no later one overtakes it; `sendQuota` never exceeds the client's Receive
 * Maximum; what has waited is sent only if the rules of now allow it.
 */

import { PacketType, type QoS } from "../protocol/packet.ts";
import { enqueue } from "./enqueue.ts";
import type { DropReason } from "./events.ts";
import { InboundQoS2 } from "./inbound_qos2.ts";
import { Inflight } from "./inflight.ts";
import type { Link } from "./link.ts";
import type { Message } from "./message.ts";
import { Outgoing, OutgoingQueue } from "./outgoing.ts";
import { type Replay, ReplayList } from "./replay.ts";
import { sendOutgoing, sendPublish } from "./send_publish.ts";
import { SessionClient } from "./session_client.ts";
import type { SharedChunk } from "./shared_chunk.ts";
import type { SharedGroup, Subscription } from "./subscription.ts";
import type { WillMessage } from "./will.ts";

export class Session extends SessionClient {
  will: WillMessage | undefined = undefined;
  ended = false;
  readonly inbound = new InboundQoS2(this);

  // The collections exist from first use: ten thousand idle clients own none of them.
  #subscriptions: Map<string, Subscription> | undefined;
  #inflight: Inflight | undefined;
  #queue: OutgoingQueue | undefined;
  #replays: ReplayList | undefined;
  /** In flight, but not yet sent again on this connection. */
  #unsent: Outgoing[] | undefined;
  #sendQuota = 0;

  /** Online, with room for another message at once. */
  get isKeepingUp(): boolean {
    return this.link !== undefined && !this.link.isCongested && this.#sendQuota > 0 &&
      this.queuedCount === 0 && this.#unsent === undefined;
  }

  /** QoS 0 waits too: behind other messages of QoS 0, or for a client that is away. */
  get mustQueueQoS0(): boolean {
    if (this.link === undefined) return this.context.limits.queueQoS0Messages;
    return (this.#queue?.qos0Count ?? 0) > 0;
  }

  get subscriptions(): ReadonlyMap<string, Subscription> {
    return this.#subscriptions ??= new Map();
  }
  get subscriptionCount(): number {
    return this.#subscriptions?.size ?? 0;
  }
  get queuedCount(): number {
    return this.#queue?.length ?? 0;
  }
  get queuedBytes(): number {
    return this.#queue?.bytes ?? 0;
  }
  get inflightCount(): number {
    return this.#inflight?.size ?? 0;
  }

  setSubscription(subscription: Subscription): void {
    (this.#subscriptions ??= new Map()).set(subscription.topicFilter, subscription);
    this.#replays?.remove(subscription.topicFilter);
  }
  deleteSubscription(topicFilter: string): void {
    this.#subscriptions?.delete(topicFilter);
    this.#replays?.remove(topicFilter);
  }

  // Delivery.

  /**
   * Sends or queues one message. `message` may be transient at QoS 0 while the client is online;
   * everything that must wait is kept. `qos` is what this session gets, not what was published.
   */
  deliver(
    message: Message,
    qos: QoS,
    retain: boolean,
    subscriptionIdentifiers: readonly number[],
    group?: SharedGroup,
  ): void {
    if (qos === 0) {
      this.#deliverQoS0(message, retain, subscriptionIdentifiers);
      return;
    }
    const outgoing = new Outgoing(message, qos, retain, subscriptionIdentifiers, group);
    if (this.isKeepingUp && this.#mayStart(qos, message)) {
      this.journal.addOutgoing(this, outgoing);
      this.#start(outgoing);
    } else this.#enqueue(outgoing);
  }

  #deliverQoS0(
    message: Message,
    retain: boolean,
    subscriptionIdentifiers: readonly number[],
  ): void {
    const link = this.link;
    if (this.mustQueueQoS0) {
      this.#enqueue(new Outgoing(message.keep(), 0, retain, subscriptionIdentifiers, undefined));
    } else if (link !== undefined) {
      const fits = !link.isCongested && link.hasRoomFor(message.sizeBytes);
      if (!fits) this.drop(message.topic.name, "slow_reader");
      else this.#sendQoS0(link, message, retain, subscriptionIdentifiers);
    }
  }

  /** Starts sending the retained messages of a new subscription, within the call that made it. */
  startReplay(replay: Replay): void {
    this.restoreReplay(replay);
    this.pump();
    this.#replays?.noteUnfinished(replay);
  }
  /** The same of a subscription whose client is away: it is noted already. */
  restoreReplay(replay: Replay): void {
    (this.#replays ??= new ReplayList(this)).add(replay);
  }
  /** Retained messages of this subscription are still to be sent. */
  isReplaying(topicFilter: string): boolean {
    return this.#replays?.has(topicFilter) === true;
  }

  /** QoS 0 messages that were encoded once for many sessions of this protocol version. */
  deliverEncoded(chunk: SharedChunk, count: number): void {
    const link = this.link;
    if (link === undefined) return;
    if (link.isCongested) this.drop("", "slow_reader", count);
    else link.publishEncoded(chunk, count);
  }

  /** Gives `outgoing` a Packet Identifier and sends it for the first time. */
  #start(outgoing: Outgoing): void {
    const link = this.link as Link;
    const inflight = this.#inflight ??= new Inflight();
    inflight.add(outgoing);
    this.#sendInflight(link, outgoing, false);
  }

  #sendQoS0(
    link: Link,
    message: Message,
    retain: boolean,
    subscriptionIdentifiers: readonly number[],
  ): void {
    const sent = sendPublish(link, this.context, message, 0, retain, subscriptionIdentifiers);
    if (!sent) this.drop(message.topic.name, "packet_too_large"); // [MQTT-3.1.2-25]
  }

  /** Sends a message that is in flight; one that is too large is done with this. */
  #sendInflight(link: Link, outgoing: Outgoing, duplicate: boolean): void {
    outgoing.charged = true;
    this.#sendQuota--;
    this.journal.updateOutgoing(this, outgoing);
    // Sent twice under two identifiers, with a crash between, a QoS 2 message would come twice.
    if (outgoing.qos === 2) this.gate();
    if (sendOutgoing(link, this.context, outgoing, duplicate)) return;
    this.#forget(outgoing);
    this.#sendQuota++;
    this.drop(outgoing.message.topic.name, "packet_too_large"); // [MQTT-3.1.2-25]
  }

  #enqueue(outgoing: Outgoing): void {
    enqueue(this, this.#queueOf(), outgoing, this.context);
  }

  #queueOf(): OutgoingQueue {
    return this.#queue ??= new OutgoingQueue(this.context.statistics);
  }

  /** Counts and reports messages that this session does not get. */
  drop(topicName: string, reason: DropReason, count = 1): void {
    this.context.statistics.countDropped(reason, count);
    this.context.events.messagesDropped(this, topicName, reason, count);
  }

  /**
   * Sends what waits, as far as the link and the client's Receive Maximum allow [MQTT-4.9.0-2]:
   * first what was sent before, then the queue, then retained messages of new subscriptions.
   */
  pump(): void {
    while (this.link !== undefined && !this.link.isCongested) {
      const unsent = this.#unsent?.[0];
      if (unsent !== undefined && this.#sendQuota > 0) {
        if (!this.link.hasRoomFor(unsent.message.sizeBytes)) return;
        this.#resendNext(this.link, unsent);
      } else if (!this.#sendQueued(this.link) && !this.#replayNext(this.link)) return;
    }
  }

  #mayStart(qos: QoS, message: Message): boolean {
    return (qos === 0 || (this.#sendQuota > 0 && !this.#inflight?.isFull)) &&
      this.link?.hasRoomFor(message.sizeBytes) === true;
  }

  /** False when nothing is queued, or the next message has to wait. */
  #sendQueued(link: Link): boolean {
    const next = this.#queue?.peek();
    if (next === undefined || !this.#mayStart(next.qos, next.message)) return false;
    this.#queue?.shift();
    if (next.message.hasExpired(this.context)) { // [MQTT-3.3.2-5]
      this.#unrecord(next);
      this.drop(next.message.topic.name, "expired");
    } else if (!this.#mayReceive(next)) {
      this.#unrecord(next);
      this.#refuse(next);
    } else if (next.qos > 0) {
      this.#start(next);
    } else {
      this.#sendQoS0(link, next.message, next.retain, next.subscriptionIdentifiers);
    }
    return true;
  }

  /** False when no retained message is to be sent, or the next one has to wait. */
  #replayNext(link: Link): boolean {
    const replay = this.#replays?.current();
    const message = replay?.peek();
    if (replay === undefined || message === undefined) return false;
    const qos = replay.qosOf(message);
    // A small one would overtake a large one that waits for room.
    if (qos > 0 && this.queuedCount > 0 || !this.#mayStart(qos, message)) return false;
    replay.advance();
    const identifiers = replay.subscriptionIdentifiers;
    if (qos === 0) this.#sendQoS0(link, message, true, identifiers);
    else {
      const outgoing = new Outgoing(message, qos, true, identifiers, undefined);
      this.journal.addOutgoing(this, outgoing);
      this.#start(outgoing);
    }
    return true;
  }

  // What a journal keeps, and puts back without recording it again.

  /** What waits or is in flight, in the order in which the client is to get it. */
  *outgoing(): Generator<Outgoing> {
    yield* this.#inflight?.values() ?? [];
    yield* this.#queue ?? [];
  }

  /** `packetIdentifier` is 0 for a message that was queued; one that is taken counts as that. */
  restoreOutgoing(outgoing: Outgoing, packetIdentifier: number): void {
    const isInflight = packetIdentifier > 0 &&
      (this.#inflight ??= new Inflight()).restore(outgoing, packetIdentifier);
    if (!isInflight) this.#queueOf().push(outgoing);
  }

  // Connection and reconnection.

  /** Starts on a new link: the unacknowledged first, in order, then the queue [MQTT-4.4.0-1]. */
  resume(link: Link): void {
    this.#sendQuota = this.receiveMaximum;
    this.#unsent = undefined;
    const unsent: Outgoing[] = [];
    for (const outgoing of this.#inflight?.values() ?? []) {
      outgoing.charged = false;
      if (outgoing.released) link.acknowledge(PacketType.Pubrel, outgoing.packetIdentifier);
      else unsent.push(outgoing);
    }
    if (unsent.length > 0) this.#unsent = unsent;
    this.pump();
  }

  #resendNext(link: Link, outgoing: Outgoing): void {
    this.#unsent?.shift();
    if (this.#unsent?.length === 0) this.#unsent = undefined;
    // The client may have acknowledged it meanwhile: it had it from an earlier connection.
    const isDone = this.inflightMessage(outgoing.packetIdentifier) !== outgoing;
    if (isDone || outgoing.released) return; // [MQTT-4.3.3-6]
    if (this.#mayReceive(outgoing)) this.#sendInflight(link, outgoing, true); // [MQTT-3.3.1-1]
    else this.#withdraw(link, outgoing);
  }

  #mayReceive({ message }: Outgoing): boolean {
    return this.access.mayReceive(message.topic.name);
  }

  /** It waited, and by the rules of now it may not be sent any more; it is recorded no longer. */
  #refuse(outgoing: Outgoing): void {
    const isPassedOn = this.context.passOn(outgoing);
    if (!isPassedOn) this.drop(outgoing.message.topic.name, "not_authorized");
  }

  /**
   * The same for one that was sent on an earlier connection. If the client has a message of QoS 2, it
   * would take the next one of this Packet Identifier for a repetition: so it is told to release it.
   */
  #withdraw(link: Link, outgoing: Outgoing): void {
    if (outgoing.qos === 2) {
      this.releaseDelivery(outgoing);
      this.gate();
      link.acknowledge(PacketType.Pubrel, outgoing.packetIdentifier);
      this.drop(outgoing.message.topic.name, "not_authorized");
    } else {
      this.#forget(outgoing);
      this.#refuse(outgoing);
    }
  }

  /** The message in flight under `packetIdentifier`. */
  inflightMessage(packetIdentifier: number): Outgoing | undefined {
    return this.#inflight?.get(packetIdentifier);
  }

  /** The client is done with a message: PUBACK, PUBCOMP, or PUBREC with an error. */
  completeDelivery(outgoing: Outgoing): void {
    this.#forget(outgoing);
    if (outgoing.charged) this.#sendQuota++;
    this.pump();
  }

  /** The client has a QoS 2 message: from now on it is released, not sent again. */
  releaseDelivery(outgoing: Outgoing): void {
    outgoing.released = true;
    this.journal.updateOutgoing(this, outgoing);
  }

  #forget(outgoing: Outgoing): void {
    this.#inflight?.delete(outgoing.packetIdentifier);
    this.journal.removeOutgoing(this, outgoing);
  }

  #unrecord(outgoing: Outgoing): void {
    if (outgoing.qos > 0) this.journal.removeOutgoing(this, outgoing);
  }

  /**
   * Empties the session. Returns the messages of shared subscriptions that another member may get
   * instead: those never sent, and those of QoS 1 that were not acknowledged [MQTT-4.8.2-5].
   */
  end(): Outgoing[] {
    const orphans: Outgoing[] = [];
    for (const outgoing of this.#inflight?.values() ?? []) {
      if (outgoing.group !== undefined && outgoing.qos === 1) orphans.push(outgoing);
    }
    for (let next = this.#queue?.shift(); next !== undefined; next = this.#queue?.shift()) {
      if (next.group !== undefined) orphans.push(next);
    }
    this.ended = true;
    this.#inflight = undefined;
    this.#unsent = undefined;
    this.#replays = undefined;
    this.inbound.clear();
    this.#subscriptions = undefined;
    this.will = undefined;
    return orphans;
  }
}
