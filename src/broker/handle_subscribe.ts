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
import { ReasonCode } from "../protocol/reason_code.ts";
import { checkTopicFilter, parseSharedFilter } from "../protocol/topic.ts";
import type { QoS } from "../protocol/packet.ts";
import type { Broker } from "./broker.ts";
import type { Session } from "./session.ts";
import type { Subscription } from "./subscription.ts";
import { topicSizeFault } from "./topic_table.ts";

const utf8Encoder = new TextEncoder();

interface Answer {
  readonly reasonCode: ReasonCode;
  /** Why a Topic Filter was refused. */
  readonly reasonString?: string;
  /** What the retained messages are to be sent for. */
  readonly replay?: Subscription;
}

export function handleSubscribe(broker: Broker, session: Session, packet: SubscribePacket): void {
  for (const { topicFilter } of packet.subscriptions) checkTopicFilter(topicFilter);
  const identifier = packet.properties.subscriptionIdentifiers?.[0] ?? 0;
  const answers = packet.subscriptions.map((request) =>
    subscribe(broker, session, request, identifier)
  );
  session.gate();
  const reasons = answers.flatMap(({ reasonString }) => reasonString ?? []);
  session.link?.send({
    type: PacketType.Suback,
    packetIdentifier: packet.packetIdentifier, // [MQTT-3.8.4-2]
    reasonCodes: answers.map(({ reasonCode }) => reasonCode), // [MQTT-3.8.4-6]
    properties: reasons.length > 0 ? session.problemInformation(reasons.join("; ")) : {},
  });
  for (const { replay } of answers) if (replay !== undefined) replayRetained(broker, replay);
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
  const refusal = broker.access.maySubscribe(session, topicFilter);
  if (refusal !== undefined) {
    broker.events.subscriptionRefused(session, topicFilter, refusal);
    return refusal;
  }
  const old = session.subscriptions.get(topicFilter);
  const { maximumSubscriptions, maximumSubscriptionsPerClient, maximumQoS } = broker.limits;
  if (
    old === undefined && (session.subscriptionCount >= maximumSubscriptionsPerClient ||
      broker.router.tree.size >= maximumSubscriptions)
  ) {
    const reasonString = "Cannot accept another subscription";
    return { reasonCode: ReasonCode.QuotaExceeded, reasonString };
  }
  const subscription: Subscription = {
    session,
    topicFilter,
    qos: Math.min(request.qos, maximumQoS) as QoS,
    noLocal: request.noLocal || session.bridge,
    retainAsPublished: request.retainAsPublished || session.bridge,
    identifier,
    shareName: parseSharedFilter(topicFilter)?.shareName,
  };
  // The same Topic Filter again replaces the subscription [MQTT-3.8.4-3].
  if (old !== undefined) broker.router.unsubscribe(old);
  session.setSubscription(subscription);
  if (session.isDurable) broker.journal.saveSubscription(subscription);
  broker.router.subscribe(subscription);
  const reasonCode = subscription.qos as ReasonCode; // [MQTT-3.8.4-7]
  const wanted = request.retainHandling === RetainHandling.Send ||
    (request.retainHandling === RetainHandling.SendIfNew && old === undefined);
  // Shared subscriptions get no retained messages (MQTT 5 section 4.8.2).
  return wanted && subscription.shareName === undefined
    ? { reasonCode, replay: subscription }
    : { reasonCode };
}

/** Sends the retained messages of a new subscription, RETAIN set [MQTT-3.3.1-9]. */
function replayRetained(broker: Broker, subscription: Subscription): void {
  const { session, topicFilter, identifier } = subscription;
  broker.settle();
  const identifiers = identifier > 0 ? [identifier] : [];
  for (const message of broker.retained.match(topicFilter)) {
    if (message.hasExpired(broker)) continue;
    const qos = Math.min(message.qos, subscription.qos) as QoS;
    session.replay(message, qos, true, identifiers);
  }
}

export function handleUnsubscribe(
  broker: Broker,
  session: Session,
  packet: UnsubscribePacket,
): void {
  for (const topicFilter of packet.topicFilters) checkTopicFilter(topicFilter);
  const reasonCodes = packet.topicFilters.map((topicFilter): ReasonCode => {
    const subscription = session.subscriptions.get(topicFilter);
    if (subscription === undefined) return ReasonCode.NoSubscriptionExisted;
    session.deleteSubscription(topicFilter); // [MQTT-3.10.4-1]
    if (session.isDurable) broker.journal.deleteSubscription(subscription);
    broker.router.unsubscribe(subscription);
    return ReasonCode.Success;
  });
  session.gate();
  session.link?.send({
    type: PacketType.Unsuback,
    packetIdentifier: packet.packetIdentifier, // [MQTT-3.10.4-5]
    reasonCodes,
    properties: {},
  });
}
