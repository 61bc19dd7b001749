/**
 * UNSUBSCRIBE (MQTT 5 section 3.10, MQTT 3.1.1 section 3.10): bodies to values and back.
 *
 * Topic Filters are well-formed strings here and nothing more: the broker judges them, as those of
 * SUBSCRIBE (`subscribe.ts`).
 */

import { readPacketIdentifier } from "./packet_identifier.ts";
import { PacketType, type ProtocolVersion, type UnsubscribePacket } from "./packet.ts";
import { NO_PROPERTIES, readProperties, writeProperties } from "./property.ts";
import type { Reader } from "./reader.ts";
import { ProtocolError, ReasonCode } from "./reason_code.ts";
import type { Writer } from "./writer.ts";

/** Throws `ProtocolError` 0x81 or 0x82. */
export function decodeUnsubscribe(reader: Reader, version: ProtocolVersion): UnsubscribePacket {
  const packetIdentifier = readPacketIdentifier(reader, "UNSUBSCRIBE");
  const properties = version === 5 ? readProperties(reader, PacketType.Unsubscribe) : NO_PROPERTIES;
  const topicFilters: string[] = [];
  while (reader.remaining > 0) {
    topicFilters.push(reader.utf8String("Topic Filter")); // [MQTT-3.10.3-1]
  }
  if (topicFilters.length === 0) { // [MQTT-3.10.3-2]
    throw new ProtocolError(ReasonCode.ProtocolError, "Cannot accept UNSUBSCRIBE: no Topic Filter");
  }
  return { type: PacketType.Unsubscribe, packetIdentifier, topicFilters, properties };
}

export function encodeUnsubscribe(
  writer: Writer,
  packet: UnsubscribePacket,
  version: ProtocolVersion,
): void {
  writer.twoByteInteger(packet.packetIdentifier);
  if (version === 5) writeProperties(writer, PacketType.Unsubscribe, packet.properties);
  for (const topicFilter of packet.topicFilters) writer.utf8String(topicFilter);
}
