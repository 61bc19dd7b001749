/**
 * Everything of one session, for people: who, until when, its Will, subscriptions, messages in order.
 *
 * Owns the layout, and the words for what a message in flight waits for.
 */

import { formatDuration } from "../../config/units.ts";
import { VERSION_NAMES } from "../../protocol/describe.ts";
import type { InspectedOutgoing, InspectedSession } from "../../storage/offline.ts";
import type { Inspection } from "./inspect.ts";
import { connectionText, expiryText, messageExpiryText } from "./inspect_times.ts";
import { previewPayload } from "./payload_text.ts";
import { counted } from "../quantity_text.ts";
import { type Column, textTable } from "../text_table.ts";

const SUBSCRIPTION_COLUMNS: readonly Column[] = [
  { title: "  TOPIC FILTER" },
  { title: "QOS", isNumber: true },
  { title: "OPTIONS" },
];

const MESSAGE_COLUMNS: readonly Column[] = [
  { title: "  TOPIC NAME" },
  { title: "QOS", isNumber: true },
  { title: "BYTES", isNumber: true },
  { title: "STATE" },
  { title: "PACKET IDENTIFIER", isNumber: true },
  { title: "EXPIRES" },
  { title: "OPTIONS" },
];

/** The lines that show it. */
export function* sessionLines(
  session: InspectedSession,
  inspection: Inspection,
): Generator<string> {
  yield `Client Identifier: ${session.clientIdentifier}`;
  yield `User Name:         ${session.username ?? "none"}`;
  if (session.groups.length > 0) yield `Groups:            ${session.groups.join(", ")}`;
  yield `Came in by:        ${originText(session)}`;
  yield `MQTT:              ${VERSION_NAMES[session.protocolVersion]}` +
    (session.bridge ? ", a bridge" : "");
  yield `Connection:        ${connectionText(session, inspection)}`;
  yield `Expires:           ${expiryText(session, inspection)}`;
  yield `Will:              ${willText(session, inspection.showsPayloads)}`;
  const { inboundPacketIdentifiers, subscriptions, outgoing, queued, inFlight } = session;
  if (inboundPacketIdentifiers.length > 0) {
    yield `QoS 2 messages being received, by Packet Identifier: ${
      inboundPacketIdentifiers.join(", ")
    }`;
  }
  yield counted(subscriptions.length, "subscription");
  if (subscriptions.length > 0) yield* textTable(SUBSCRIPTION_COLUMNS, subscriptionRows(session));
  yield `${counted(outgoing.length, "waiting message")}: ${inFlight} in flight, ${queued} queued`;
  if (outgoing.length > 0) yield* messageTable(outgoing, inspection);
}

/** A Unix socket has no address, and a file of version 1 does not say. */
function originText({ listener, address }: InspectedSession): string {
  if (listener === "") return "not known";
  return `listener '${listener}'` + (address === "" ? "" : `, from ${address}`);
}

function willText({ will }: InspectedSession, showsPayloads: boolean): string {
  if (will === undefined) return "none";
  return [
    will.topicName,
    `QoS ${will.qos}`,
    ...(will.retain ? ["retained"] : []),
    counted(will.payload.length, "byte"),
    ...(will.delayMs > 0 ? [`${formatDuration(will.delayMs)} after the connection is lost`] : []),
    ...(showsPayloads ? [previewPayload(will.payload)] : []),
  ].join(", ");
}

function* subscriptionRows({ subscriptions }: InspectedSession): Generator<string[]> {
  for (const subscription of subscriptions) {
    const { topicFilter, qos, noLocal, retainAsPublished, identifier, replayPending } =
      subscription;
    const options = [
      ...(noLocal ? ["No Local"] : []),
      ...(retainAsPublished ? ["Retain As Published"] : []),
      ...(identifier === 0 ? [] : [`Subscription Identifier ${identifier}`]),
      ...(replayPending ? ["retained messages still to be sent"] : []),
    ];
    yield [`  ${topicFilter}`, String(qos), options.join(", ")];
  }
}

function* messageTable(
  outgoing: readonly InspectedOutgoing[],
  inspection: Inspection,
): Generator<string> {
  const columns = inspection.showsPayloads
    ? [...MESSAGE_COLUMNS, { title: "PAYLOAD" }]
    : MESSAGE_COLUMNS;
  yield* textTable(columns, messageRows(outgoing, inspection));
}

function* messageRows(
  outgoing: readonly InspectedOutgoing[],
  { showsPayloads, nowMs }: Inspection,
): Generator<string[]> {
  for (const message of outgoing) {
    const { packetIdentifier } = message;
    const row = [
      `  ${message.topicName}`,
      String(message.qos),
      String(message.payload.length),
      stateText(message),
      packetIdentifier === 0 ? "-" : String(packetIdentifier),
      messageExpiryText(message, nowMs),
      optionsText(message),
    ];
    yield showsPayloads ? [...row, previewPayload(message.payload)] : row;
  }
}

function stateText({ packetIdentifier, qos, released }: InspectedOutgoing): string {
  if (packetIdentifier === 0) return "queued";
  if (qos === 1) return "waits for PUBACK";
  return released ? "waits for PUBCOMP" : "waits for PUBREC";
}

function optionsText(message: InspectedOutgoing): string {
  const { retain, subscriptionIdentifiers, sharedFilter } = message;
  return [
    ...(retain ? ["retained"] : []),
    ...(subscriptionIdentifiers.length === 0
      ? []
      : [`Subscription Identifier ${subscriptionIdentifiers.join(", ")}`]),
    ...(sharedFilter === undefined ? [] : [`for ${sharedFilter}`]),
  ].join(", ");
}
