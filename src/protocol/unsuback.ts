/**
 * UNSUBACK (MQTT 5 section 3.11, MQTT 3.1.1 section 3.11): bodies to values and back.
 *
 * Before MQTT 5 it has a Packet Identifier and no payload.
 */

import { readReasonCode } from "./legal_reason_code.ts";
import { readPacketIdentifier } from "./packet_identifier.ts";
import { PacketType, type ProtocolVersion, type UnsubackPacket } from "./packet.ts";
import { NO_PROPERTIES, readProperties, writeProperties } from "./property.ts";
import type { Reader } from "./reader.ts";
import { ProtocolError, ReasonCode } from "./reason_code.ts";
import type { Writer } from "./writer.ts";

/** Throws `ProtocolError` 0x81 or 0x82. */
export function decodeUnsuback(reader: Reader, version: ProtocolVersion): UnsubackPacket {
  const packetIdentifier = readPacketIdentifier(reader, "UNSUBACK");
  const reasonCodes: ReasonCode[] = [];
  if (version < 5) {
    reader.expectEnd("UNSUBACK");
    return { type: PacketType.Unsuback, packetIdentifier, reasonCodes, properties: NO_PROPERTIES };
  }
  const properties = readProperties(reader, PacketType.Unsuback);
  while (reader.remaining > 0) {
    reasonCodes.push(readReasonCode(reader, PacketType.Unsuback, "UNSUBACK"));
  }
  if (reasonCodes.length === 0) { // [MQTT-3.11.3-1], as there is no UNSUBSCRIBE without a filter
    throw new ProtocolError(ReasonCode.ProtocolError, "Cannot accept UNSUBACK: no Reason Code");
  }
  return { type: PacketType.Unsuback, packetIdentifier, reasonCodes, properties };
}

export function encodeUnsuback(
  writer: Writer,
  packet: UnsubackPacket,
  version: ProtocolVersion,
): void {
  writer.twoByteInteger(packet.packetIdentifier);
  if (version < 5) return;
  writeProperties(writer, PacketType.Unsuback, packet.properties);
  for (const reasonCode of packet.reasonCodes) writer.byte(reasonCode);
}
