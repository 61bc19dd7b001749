/**
 * DISCONNECT (MQTT 5 section 3.14, MQTT 3.1.1 section 3.14): bodies to values and back.
 *
 * Before MQTT 5 only clients send it, it has no body and means a normal end. Which Reason Codes
 * and properties suit which side is for the caller: the codec serves both.
 */

import { readReasonCode } from "./legal_reason_code.ts";
import { type DisconnectPacket, PacketType, type ProtocolVersion } from "./packet.ts";
import { NO_PROPERTIES, readProperties, writeProperties } from "./property.ts";
import type { Reader } from "./reader.ts";
import { ReasonCode } from "./reason_code.ts";
import type { Writer } from "./writer.ts";

/** Throws `ProtocolError` 0x81 or 0x82. */
export function decodeDisconnect(reader: Reader, version: ProtocolVersion): DisconnectPacket {
  let reasonCode: ReasonCode = ReasonCode.Success;
  let properties = NO_PROPERTIES;
  if (version === 5 && reader.remaining > 0) {
    reasonCode = readReasonCode(reader, PacketType.Disconnect, "DISCONNECT");
    if (reader.remaining > 0) properties = readProperties(reader, PacketType.Disconnect);
  }
  reader.expectEnd("DISCONNECT");
  return { type: PacketType.Disconnect, reasonCode, properties };
}

/**
 * Writes the body in its shortest form. Throws an `Error` (our bug) for a Reason Code other than
 * 0x00 before MQTT 5: there servers have no DISCONNECT, they close the Network Connection.
 */
export function encodeDisconnect(
  writer: Writer,
  packet: DisconnectPacket,
  version: ProtocolVersion,
): void {
  if (version < 5) {
    if (packet.reasonCode === ReasonCode.Success) return;
    throw new Error("Cannot encode DISCONNECT: no Reason Codes before MQTT 5");
  }
  const start = writer.length;
  writer.byte(packet.reasonCode);
  const propertiesStart = writer.length;
  writeProperties(writer, PacketType.Disconnect, packet.properties);
  if (writer.length > propertiesStart + 1) return;
  writer.length = packet.reasonCode === ReasonCode.Success ? start : propertiesStart;
}
