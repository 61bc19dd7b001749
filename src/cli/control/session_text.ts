/**
 * Everything of one session of the running broker, for people.
 *
 * Owns the layout.
 */

import type { SessionItem, SubscriptionItem, WaitingItem } from "../../control/items.ts";
import { counted, roughSize } from "../quantity_text.ts";
import { type Column, textTable } from "../text_table.ts";
import { connectionText, expiryText, keepAliveText, userText } from "./client_text.ts";
import { labelled, roughDuration } from "./control_text.ts";

const MESSAGE_COLUMNS: readonly Column[] = [
  { title: "  TOPIC NAME" },
  { title: "QOS", isNumber: true },
  { title: "BYTES", isNumber: true },
  { title: "STATE" },
];

const STATES: Readonly<Record<string, string>> = {
  queued: "queued",
  waitsForPuback: "waits for PUBACK",
  waitsForPubrec: "waits for PUBREC",
  waitsForPubcomp: "waits for PUBCOMP",
};

export function* sessionLines(session: SessionItem): Generator<string> {
  const { subscriptions = [], messages = [], groups = [], queued, inFlight } = session;
  yield* labelled([
    ["Client Identifier", session.clientIdentifier],
    ["User Name", userText(session)],
    ...(groups.length === 0 ? [] : [["Groups", groups.join(", ")] as const]),
    ["Came in by", `${session.listener ?? "not known"} from ${session.address ?? "not known"}`],
    ["MQTT", `${session.protocolVersion}${session.bridge ? ", a bridge" : ""}`],
    ["Connected", connectionText(session)],
    ["Keep Alive", keepAliveText(session)],
    ["Expires", expiryText(session)],
    ["Will", willText(session)],
    ["Waiting", `${queued} queued (${roughSize(session.queuedBytes)}), ${inFlight} in flight`],
  ]);
  const inbound = session.inboundPacketIdentifiers ?? 0;
  if (inbound > 0) yield `${counted(inbound, "QoS 2 message")} being received`;
  yield counted(subscriptions.length, "subscription");
  for (const subscription of subscriptions) yield `  ${subscriptionText(subscription)}`;
  if (messages.length === 0) return;
  yield `The first ${counted(messages.length, "waiting message")}`;
  yield* textTable(MESSAGE_COLUMNS, messages.map(messageRow));
}

/** "home/#, QoS 1, No Local". */
export function subscriptionText(subscription: SubscriptionItem): string {
  const { subscriptionIdentifier } = subscription;
  return [
    subscription.topicFilter,
    `QoS ${subscription.qos}`,
    ...(subscription.noLocal ? ["No Local"] : []),
    ...(subscription.retainAsPublished ? ["Retain As Published"] : []),
    ...(subscriptionIdentifier === null
      ? []
      : [`Subscription Identifier ${subscriptionIdentifier}`]),
  ].join(", ");
}

function willText({ will = null }: SessionItem): string {
  if (will === null) return "none";
  const { topicName, qos, retain, payloadBytes, willDelayInterval } = will;
  return [
    `'${topicName}'`,
    `QoS ${qos}`,
    ...(retain ? ["retained"] : []),
    counted(payloadBytes, "byte"),
    ...(willDelayInterval === 0 ? [] : [`${roughDuration(willDelayInterval)} after it leaves`]),
  ].join(", ");
}

function messageRow({ topicName, qos, payloadBytes, state }: WaitingItem): string[] {
  return [`  ${topicName}`, String(qos), String(payloadBytes), STATES[state] ?? state];
}
