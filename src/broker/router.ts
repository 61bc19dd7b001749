/**
 * Takes one Application Message to every session that wants it (MQTT 5 section 3.3.4).
 *
 * Owns the subscription tree and the QoS 0 bytes that several sessions share and that were not
 * handed to them yet. Messages of one batch of input that go to the same sessions are encoded into
 * one chunk, which all of them get at the end of the batch (`settle`), or as soon as a message for
 * others follows: so every session sees its messages in order.
 */

import type { QoS } from "../protocol/packet.ts";
import { newEnvelope, writePublish } from "../protocol/publish_frame.ts";
import { Writer } from "../protocol/writer.ts";
import { type BufferPool, FULL_BUFFER_BYTES } from "./buffer_pool.ts";
import type { BrokerContext } from "./context.ts";
import type { Message } from "./message.ts";
import { buildRoute, NO_IDENTIFIERS, type Plan, Route, type SharedBytes } from "./route.ts";
import type { Session } from "./session.ts";
import { SharedChunk } from "./shared_chunk.ts";
import type { SharedGroup, Subscription } from "./subscription.ts";
import { filterOf, hasWildcard, SubscriptionTree } from "./subscription_tree.ts";
import type { Topic } from "./topic_table.ts";

export class Router {
  /** How often it was worked out who gets a topic: what may take long shows in this number. */
  routesBuilt = 0;
  readonly tree = new SubscriptionTree();
  readonly #context: BrokerContext;
  readonly #pool: BufferPool;
  /** The plan whose shared bytes wait to be handed over. */
  #pending: Plan | undefined;
  #emptyRoute = new Route([], [], 0);
  readonly #envelope = newEnvelope();

  constructor(context: BrokerContext, pool: BufferPool) {
    this.#context = context;
    this.#pool = pool;
  }

  subscribe(subscription: Subscription): void {
    this.tree.add(subscription);
    this.#touch(subscription);
  }

  unsubscribe(subscription: Subscription): void {
    this.tree.remove(subscription);
    this.#touch(subscription);
  }

  /** How a session is served has changed: its protocol version, or what it may receive. */
  sessionChanged(session: Session): void {
    if (session.subscriptionCount > 0) this.#invalidate();
  }

  /** What sessions may receive has changed. */
  accessChanged(): void {
    this.#invalidate();
  }

  /** A change to one exact topic drops its route alone, any other makes all routes stale. */
  #touch(subscription: Subscription): void {
    const topicFilter = filterOf(subscription);
    if (subscription.shareName !== undefined || hasWildcard(topicFilter)) this.#invalidate();
    else {
      this.settle();
      this.#context.topics.dropRoute(topicFilter);
    }
  }

  #invalidate(): void {
    this.settle();
    this.tree.generation++;
  }

  /**
   * Delivers `message`, which may be transient, to all whose subscriptions match. `publisher` is
   * the session that sent it, for No Local. Returns how many recipients and shared groups matched,
   * without those who may not receive it.
   */
  route(message: Message, publisher: Session | undefined): number {
    const route = this.#routeOf(message.topic);
    if (route.isEmpty) return 0;
    const plan = route.plan(message.qos);
    if (this.#pending !== undefined && this.#pending !== plan) this.#leavePending(plan);
    if (plan.shared.length > 0) this.#deliverShared(this.#pending ??= plan, message);
    if (plan.individual.length > 0) this.#deliverIndividual(plan, message, publisher);
    for (const group of route.groups) this.deliverToGroup(group, message);
    return route.recipients.length + route.groups.length;
  }

  /** Whether a message of QoS 1 or 2 to `topic` would wait for a session that is stored. */
  hasDurable(topic: Topic): boolean {
    const { recipients, groups } = this.#routeOf(topic);
    return recipients.some(({ session, qos }) => qos > 0 && session.isDurable) ||
      groups.some((group) => group.hasDurable(topic.name));
  }

  #routeOf(topic: Topic): Route {
    const known = topic.route;
    if (known !== undefined && known.generation === this.tree.generation) return known;
    this.routesBuilt++;
    let route = buildRoute(this.tree, topic.name);
    if (route.isEmpty) {
      // Topics that nobody wants are many: they share one route.
      if (this.#emptyRoute.generation !== route.generation) this.#emptyRoute = route;
      route = this.#emptyRoute;
    }
    return topic.route = route;
  }

  /** Goes on with the pending chunk when `next` serves the very same sessions, else ends it. */
  #leavePending(next: Plan): void {
    const pending = this.#pending as Plan;
    const same = next.individual.length === 0 && pending.individual.length === 0 &&
      sameSessions(pending.shared, next.shared);
    if (!same) this.settle();
  }

  #deliverShared(plan: Plan, message: Message): void {
    const envelope = this.#envelope;
    envelope.messageExpiryInterval = message.remainingExpirySeconds(this.#context);
    let isFull = false;
    for (const shared of plan.shared) {
      envelope.retain = message.retain && shared.retainAsPublished; // [MQTT-3.3.1-12]
      const writer = shared.writer ??= this.#startChunk(shared);
      writePublish(writer, shared.version, message, envelope);
      shared.count++;
      isFull ||= writer.length >= FULL_BUFFER_BYTES;
    }
    if (plan.shared.some(({ waiting }) => waiting !== undefined)) deliverWaiting(plan, message);
    if (isFull) this.settle();
  }

  /** Who has to wait does not change while a chunk is pending: what could change it settles. */
  #startChunk(shared: SharedBytes): Writer {
    const waiting = shared.sessions.filter(({ mustQueueQoS0 }) => mustQueueQoS0);
    shared.waiting = waiting.length > 0 ? new Set(waiting) : undefined;
    return new Writer(shared.lastChunkBytes, this.#pool);
  }

  #deliverIndividual(plan: Plan, message: Message, publisher: Session | undefined): void {
    let kept: Message | undefined;
    for (const listed of plan.individual) {
      const recipient = listed.session === publisher ? listed.whenPublisher : listed;
      if (recipient === undefined) continue; // [MQTT-3.8.3-3]
      const qos = Math.min(message.qos, recipient.qos) as QoS; // [MQTT-3.8.4-8]
      recipient.session.deliver(
        qos === 0 ? message : kept ??= message.keep(),
        qos,
        message.retain && recipient.retainAsPublished,
        recipient.subscriptionIdentifiers,
      );
    }
  }

  /**
   * One member of the group gets it, at the QoS of its subscription [MQTT-4.8.2-3]. False when there
   * is none that may receive it.
   */
  deliverToGroup(group: SharedGroup, message: Message): boolean {
    const member = group.next(message.topic.name);
    if (member === undefined) return false;
    this.settle();
    const qos = Math.min(message.qos, member.qos) as QoS;
    member.session.deliver(
      qos === 0 ? message : message.keep(),
      qos,
      message.retain && member.retainAsPublished,
      member.identifier > 0 ? [member.identifier] : [],
      group,
    );
    return true;
  }

  /** Hands the pending chunk to its sessions. */
  settle(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    for (const shared of pending.shared) {
      if (shared.writer === undefined) continue;
      const chunk = new SharedChunk(shared.writer, this.#pool);
      const { count, waiting } = shared;
      shared.writer = undefined;
      shared.waiting = undefined;
      shared.count = 0;
      shared.lastChunkBytes = chunk.bytes.length;
      for (const session of shared.sessions) {
        if (waiting === undefined || !waiting.has(session)) session.deliverEncoded(chunk, count);
      }
      chunk.release();
    }
  }
}

/**
 * Who waits is listed first: a client that is closed because its queue is full may publish a Will,
 * and that ends the chunk with what it says of who waits.
 */
function deliverWaiting(plan: Plan, message: Message): void {
  const waiting = plan.shared.flatMap(({ waiting, retainAsPublished }) =>
    [...waiting ?? []].map((session) => ({ session, retainAsPublished }))
  );
  for (const { session, retainAsPublished } of waiting) {
    session.deliver(message, 0, message.retain && retainAsPublished, NO_IDENTIFIERS);
  }
}

function sameSessions(some: readonly SharedBytes[], others: readonly SharedBytes[]): boolean {
  return some.length === others.length && some.every((one, index) => {
    const other = others[index] as SharedBytes;
    return one.version === other.version && one.retainAsPublished === other.retainAsPublished &&
      one.sessions.length === other.sessions.length &&
      one.sessions.every((session, at) => session === other.sessions[at]);
  });
}
