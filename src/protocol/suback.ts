/**
 * SUBACK (MQTT 5 section 3.9, MQTT 3.1.1 section 3.9): bodies to values and back.
 *
 * Reason Codes are MQTT 5's in every version; before MQTT 5 each failure is 0x80 on the wire.
 */

import { readReasonCode, readSubackReturnCode, toSubackReturnCode } from "./legal_reason_code.ts";
import { readPacketIdentifier } from "./packet_identifier.ts";
import { PacketType, type ProtocolVersion, type SubackPacket } from "./packet.ts";
import { NO_PROPERTIES, readProperties, writeProperties } from "./property.ts";
import type { Reader } from "./reader.ts";
import { ProtocolError, ReasonCode } from "./reason_code.ts";
import type { Writer } from "./writer.ts";

/** Throws `ProtocolError` 0x81 or 0x82. */
export function decodeSuback(reader: Reader, version: ProtocolVersion): SubackPacket {
  const packetIdentifier = readPacketIdentifier(reader, "SUBACK");
  const properties = version === 5 ? readProperties(reader, PacketType.Suback) : NO_PROPERTIES;
  const reasonCodes: ReasonCode[] = [];
  while (reader.remaining > 0) {
    reasonCodes.push(
      version === 5
        ? readReasonCode(reader, PacketType.Suback, "SUBACK")
        : readSubackReturnCode(reader),
    );
  }
  if (reasonCodes.length === 0) { // [MQTT-3.9.3-1], as there is no SUBSCRIBE without a filter
    throw new ProtocolError(ReasonCode.ProtocolError, "Cannot accept SUBACK: no Reason Code");
  }
  return { type: PacketType.Suback, packetIdentifier, reasonCodes, properties };
}

export function encodeSuback(writer: Writer, packet: SubackPacket, version: ProtocolVersion): void {
  writer.twoByteInteger(packet.packetIdentifier);
  if (version === 5) writeProperties(writer, PacketType.Suback, packet.properties);
  for (const reasonCode of packet.reasonCodes) {
    writer.byte(toSubackReturnCode(reasonCode, version));
  }
}
