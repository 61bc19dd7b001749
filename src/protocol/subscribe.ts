/**
 * SUBSCRIBE (MQTT 5 section 3.8, MQTT 3.1.1 section 3.8): bodies to values and back.
 *
 * Topic Filters are well-formed strings here and nothing more: the broker judges them, with
 * `topic.ts`. One with a misplaced wildcard ends the connection (0x8F, Topic Filter invalid).
 */

import { readPacketIdentifier } from "./packet_identifier.ts";
import {
  PacketType,
  type ProtocolVersion,
  type QoS,
  type RetainHandling,
  type SubscribePacket,
  type SubscriptionRequest,
} from "./packet.ts";
import { NO_PROPERTIES, readProperties, writeProperties } from "./property.ts";
import type { Reader } from "./reader.ts";
import { malformed, ProtocolError, ReasonCode } from "./reason_code.ts";
import { isSharedFilter } from "./topic.ts";
import type { Writer } from "./writer.ts";

const NO_LOCAL = 0x04;
const RETAIN_AS_PUBLISHED = 0x08;
const RESERVED_BITS = 0xc0;

/** Throws `ProtocolError` 0x81 or 0x82. */
export function decodeSubscribe(reader: Reader, version: ProtocolVersion): SubscribePacket {
  const packetIdentifier = readPacketIdentifier(reader, "SUBSCRIBE");
  const properties = version === 5 ? readProperties(reader, PacketType.Subscribe) : NO_PROPERTIES;
  const subscriptions: SubscriptionRequest[] = [];
  while (reader.remaining > 0) {
    const topicFilter = reader.utf8String("Topic Filter"); // [MQTT-3.8.3-1]
    const options = reader.byte("Subscription Options");
    subscriptions.push(
      version === 5 ? readOptions(topicFilter, options) : readRequestedQoS(topicFilter, options),
    );
  }
  if (subscriptions.length === 0) throw refused("no Topic Filter"); // [MQTT-3.8.3-2]
  return { type: PacketType.Subscribe, packetIdentifier, subscriptions, properties };
}

/** Writes the body; before MQTT 5 only the QoS of the Subscription Options exists. */
export function encodeSubscribe(
  writer: Writer,
  packet: SubscribePacket,
  version: ProtocolVersion,
): void {
  writer.twoByteInteger(packet.packetIdentifier);
  if (version === 5) writeProperties(writer, PacketType.Subscribe, packet.properties);
  for (const subscription of packet.subscriptions) {
    writer.utf8String(subscription.topicFilter);
    let options: number = subscription.qos;
    if (version === 5) {
      options |= (subscription.noLocal ? NO_LOCAL : 0) |
        (subscription.retainAsPublished ? RETAIN_AS_PUBLISHED : 0) |
        subscription.retainHandling << 4;
    }
    writer.byte(options);
  }
}

function readOptions(topicFilter: string, options: number): SubscriptionRequest {
  if ((options & RESERVED_BITS) !== 0) {
    throw malformed("Cannot decode SUBSCRIBE: reserved option bits are set"); // [MQTT-3.8.3-5]
  }
  const qos = options & 3;
  const retainHandling = options >> 4 & 3;
  const noLocal = (options & NO_LOCAL) !== 0;
  // Section 3.8.3.1 calls these two Protocol Errors, unlike QoS 3 in PUBLISH.
  if (qos === 3) throw refused("QoS 3");
  if (retainHandling === 3) throw refused("Retain Handling 3");
  if (noLocal && isSharedFilter(topicFilter)) {
    throw refused("No Local on a shared subscription"); // [MQTT-3.8.3-4]
  }
  return {
    topicFilter,
    qos: qos as QoS,
    noLocal,
    retainAsPublished: (options & RETAIN_AS_PUBLISHED) !== 0,
    retainHandling: retainHandling as RetainHandling,
  };
}

function readRequestedQoS(topicFilter: string, options: number): SubscriptionRequest {
  if (options > 2) { // MQTT 3.1.1 section 3.8.3
    throw malformed(`Cannot decode SUBSCRIBE: Requested QoS byte ${options}`);
  }
  return {
    topicFilter,
    qos: options as QoS,
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0,
  };
}

function refused(fault: string): ProtocolError {
  return new ProtocolError(ReasonCode.ProtocolError, `Cannot accept SUBSCRIBE: ${fault}`);
}
