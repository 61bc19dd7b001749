/**
 * SUBSCRIBE and UNSUBSCRIBE (MQTT 5 and 3.1.1 sections 3.8 to 3.11).
 */

import {
  PacketType,
  RetainHandling,
  type SubscribePacket,
  type SubscriptionRequest,
  type UnsubscribePacket,
} from "../protocol/packet.ts";
import { isError, ReasonCode } from "../protocol/reason_code.ts";
import { checkTopicFilter, parseSharedFilter } from "../protocol/topic.ts";
import type { QoS } from "../protocol/packet.ts";
import type { Broker } from "./broker.ts";
import { newReplay, type Replay } from "./replay.ts";
import type { Session } from "./session.ts";
import { cannotUnsubscribe, subscriptionStoreRefusal } from "./store_refusal.ts";
import type { Subscription } from "./subscription.ts";
import { topicSizeFault } from "./topic_limits.ts";

const utf8Encoder = new TextEncoder();

interface Answer {
  readonly reasonCode: ReasonCode;
  /** Why a Topic Filter was refused. */
  readonly reasonString?: string;
  /** The retained messages that it is to get. */
  readonly replay?: Replay;
}

/** Topic Filters of one packet that are looked at, even where a client may have less. */
const MOST_FILTERS = 1000;

const NO_ROOM: Answer = {
  reasonCode: ReasonCode.QuotaExceeded,
  reasonString: "Cannot accept another subscription",
};

export function handleSubscribe(broker: Broker, session: Session, packet: SubscribePacket): void {
  for (const { topicFilter } of packet.subscriptions) checkTopicFilter(topicFilter);
  const identifier = packet.properties.subscriptionIdentifiers?.[0] ?? 0;
  // One packet has room for a million: what is beyond all that a client may have costs nothing.
  const most = Math.max(MOST_FILTERS, broker.limits.maximumSubscriptionsPerClient);
  const answers = packet.subscriptions.map((request, index) =>
    index < most ? subscribe(broker, session, request, identifier) : NO_ROOM
  );
  // A refusal promises nothing: it must not wait for a disk that takes nothing.
  if (answers.some(({ reasonCode }) => !isError(reasonCode))) session.gate();
  const reasons = [...new Set(answers.flatMap(({ reasonString }) => reasonString ?? []))];
  session.link?.send({
    type: PacketType.Suback,
    packetIdentifier: packet.packetIdentifier, // [MQTT-3.8.4-2]
    reasonCodes: answers.map(({ reasonCode }) => reasonCode), // [MQTT-3.8.4-6]
    properties: reasons.length > 0 ? session.problemInformation(reasons.join("; ")) : {},
  });
  broker.settle();
  for (const { replay } of answers) {
    if (replay !== undefined) startReplay(broker, session, replay);
  }
}

/**
 * When the packet has the same Topic Filter again, the last subscription gets what the first was
 * still to get [MQTT-3.8.4-5].
 */
function startReplay(broker: Broker, session: Session, replay: Replay): void {
  session.startReplay(replay);
  const { topicFilter } = replay.subscription;
  const current = session.subscriptions.get(topicFilter);
  if (current === undefined || current === replay.subscription) return;
  if (session.isReplaying(topicFilter)) session.startReplay(newReplay(broker, current));
}

function subscribe(
  broker: Broker,
  session: Session,
  request: SubscriptionRequest,
  identifier: number,
): Answer {
  const { topicFilter } = request;
  const fault = topicSizeFault(topicFilter, utf8Encoder.encode(topicFilter).length, broker.limits);
  if (fault !== undefined) {
    const reasonString = `Cannot subscribe to '${topicFilter}': ${fault}`;
    return { reasonCode: ReasonCode.TopicFilterInvalid, reasonString };
  }
  const refusal = session.access.maySubscribe(topicFilter);
  if (refusal !== undefined) {
    broker.statistics.subscriptionsRefused++;
    broker.events.subscriptionRefused(session, topicFilter, refusal);
    return refusal;
  }
  const unstorable = subscriptionStoreRefusal(broker, session);
  if (unstorable !== undefined) return unstorable;
  const old = session.subscriptions.get(topicFilter);
  if (old === undefined && hasNoRoom(broker, session)) return NO_ROOM;
  const subscription: Subscription = {
    session,
    topicFilter,
    qos: Math.min(request.qos, session.maximumQoS) as QoS,
    noLocal: request.noLocal || session.bridge,
    retainAsPublished: request.retainAsPublished || session.bridge,
    identifier,
    shareName: parseSharedFilter(topicFilter)?.shareName,
    replayPending: false,
  };
  // What the old subscription was still to get must not be lost with it [MQTT-3.8.4-4].
  const isReplaying = session.isReplaying(topicFilter);
  // The same Topic Filter again replaces the subscription [MQTT-3.8.4-3].
  if (old !== undefined) broker.router.unsubscribe(old);
  session.setSubscription(subscription);
  if (session.isDurable) broker.journal.saveSubscription(subscription);
  broker.router.subscribe(subscription);
  const reasonCode = subscription.qos as ReasonCode; // [MQTT-3.8.4-7]
  const wanted = request.retainHandling === RetainHandling.Send ||
    (request.retainHandling === RetainHandling.SendIfNew && old === undefined) || isReplaying;
  // Shared subscriptions get no retained messages (MQTT 5 section 4.8.2).
  return wanted && subscription.shareName === undefined
    ? { reasonCode, replay: newReplay(broker, subscription) }
    : { reasonCode };
}

/** Another subscription would be over a limit. */
function hasNoRoom({ limits, router }: Broker, session: Session): boolean {
  return session.subscriptionCount >= limits.maximumSubscriptionsPerClient ||
    router.tree.size >= limits.maximumSubscriptions ||
    router.tree.bytes >= limits.maximumSubscriptionBytes;
}

export function handleUnsubscribe(
  broker: Broker,
  session: Session,
  packet: UnsubscribePacket,
): void {
  for (const topicFilter of packet.topicFilters) checkTopicFilter(topicFilter);
  const isRefused = cannotUnsubscribe(broker, session);
  const reasonCodes = packet.topicFilters.map((topicFilter): ReasonCode => {
    if (isRefused) return ReasonCode.ImplementationSpecificError;
    const subscription = session.subscriptions.get(topicFilter);
    if (subscription === undefined) return ReasonCode.NoSubscriptionExisted;
    session.deleteSubscription(topicFilter); // [MQTT-3.10.4-1]
    if (session.isDurable) broker.journal.deleteSubscription(subscription);
    broker.router.unsubscribe(subscription);
    return ReasonCode.Success;
  });
  if (!isRefused) session.gate();
  session.link?.send({
    type: PacketType.Unsuback,
    packetIdentifier: packet.packetIdentifier, // [MQTT-3.10.4-5]
    reasonCodes,
    properties: {},
  });
}
