/**
 * Packets as values with the fields that a test is about, everything else at its default. Owns
 * nothing.
 */

import {
  type AcknowledgementPacket,
  type ConnectPacket,
  PacketType,
  type Properties,
  type ProtocolVersion,
  type PublishPacket,
  type QoS,
  type SubscribePacket,
  type SubscriptionRequest,
  type Will,
} from "../../src/protocol/packet.ts";
import type { ReasonCode } from "../../src/protocol/reason_code.ts";
import { asBytes, asText } from "./packet_text.ts";

export type Fields<PacketOfType> = Partial<Omit<PacketOfType, "type">>;

export function connectPacket(
  clientIdentifier: string,
  protocolVersion: ProtocolVersion = 5,
  fields: Fields<ConnectPacket> = {},
): ConnectPacket {
  return {
    type: PacketType.Connect,
    protocolVersion,
    clientIdentifier,
    cleanStart: true,
    keepAlive: 0,
    properties: {},
    bridge: false,
    ...fields,
  };
}

export function will(topicName: string, payload: string, fields: Partial<Will> = {}): Will {
  return {
    topicName,
    payload: asBytes(payload),
    qos: 0,
    retain: false,
    properties: {},
    ...fields,
  };
}

export function publishPacket(
  topicName: string,
  payload: string | Uint8Array,
  fields: Fields<PublishPacket> = {},
): PublishPacket {
  const qos = fields.qos ?? 0;
  return {
    type: PacketType.Publish,
    topicName,
    payload: asBytes(payload),
    qos,
    retain: false,
    duplicate: false,
    packetIdentifier: qos === 0 ? 0 : 1,
    properties: {},
    ...fields,
  };
}

/** A Topic Filter, or one with its options. */
export type Filter = string | Partial<SubscriptionRequest> & { topicFilter: string };

export function subscribePacket(
  filters: readonly Filter[],
  properties: Properties = {},
  qos: QoS = 2,
): SubscribePacket {
  const subscriptions = filters.map((filter): SubscriptionRequest => ({
    qos,
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0,
    ...(typeof filter === "string" ? { topicFilter: filter } : filter),
  }));
  return { type: PacketType.Subscribe, packetIdentifier: 7, subscriptions, properties };
}

export function acknowledgement(
  type: AcknowledgementPacket["type"],
  packetIdentifier: number,
  reasonCode: ReasonCode = 0,
): AcknowledgementPacket {
  return { type, packetIdentifier, reasonCode, properties: {} };
}

/** A PUBLISH in one line: "topic payload qos1 #3 dup retain", only what is set. */
export function publishText(packet: PublishPacket): string {
  const parts = [packet.topicName, asText(packet.payload)];
  if (packet.qos > 0) parts.push(`qos${packet.qos}`, `#${packet.packetIdentifier}`);
  if (packet.duplicate) parts.push("dup");
  if (packet.retain) parts.push("retain");
  return parts.join(" ");
}
