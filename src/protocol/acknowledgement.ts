/**
 * PUBACK, PUBREC, PUBREL and PUBCOMP (MQTT 5 sections 3.4 to 3.7): bodies to values and back.
 *
 * The four differ in their Reason Codes only. MQTT 5 leaves out what says nothing: two bytes for
 * success without properties, three for another Reason Code without properties; the shortest form
 * is written, each form is read.
 */

import { readReasonCode } from "./legal_reason_code.ts";
import { readPacketIdentifier } from "./packet_identifier.ts";
import { type AcknowledgementPacket, PacketType, type ProtocolVersion } from "./packet.ts";
import { NO_PROPERTIES, readProperties, writeProperties } from "./property.ts";
import type { Reader } from "./reader.ts";
import { ReasonCode } from "./reason_code.ts";
import type { Writer } from "./writer.ts";

const NAMES = {
  [PacketType.Puback]: "PUBACK",
  [PacketType.Pubrec]: "PUBREC",
  [PacketType.Pubrel]: "PUBREL",
  [PacketType.Pubcomp]: "PUBCOMP",
} as const;

/** Throws `ProtocolError` 0x81 or 0x82. */
export function decodeAcknowledgement(
  type: AcknowledgementPacket["type"],
  reader: Reader,
  version: ProtocolVersion,
): AcknowledgementPacket {
  const name = NAMES[type];
  const packetIdentifier = readPacketIdentifier(reader, name);
  let reasonCode: ReasonCode = ReasonCode.Success;
  let properties = NO_PROPERTIES;
  if (version === 5 && reader.remaining > 0) {
    reasonCode = readReasonCode(reader, type, name);
    if (reader.remaining > 0) properties = readProperties(reader, type);
  }
  reader.expectEnd(name);
  return { type, packetIdentifier, reasonCode, properties };
}

/** Writes the body; before MQTT 5 that is the Packet Identifier alone. */
export function encodeAcknowledgement(
  writer: Writer,
  packet: AcknowledgementPacket,
  version: ProtocolVersion,
): void {
  writer.twoByteInteger(packet.packetIdentifier);
  if (version < 5) return;
  const start = writer.length;
  writer.byte(packet.reasonCode);
  const propertiesStart = writer.length;
  writeProperties(writer, packet.type, packet.properties);
  if (writer.length > propertiesStart + 1) return;
  writer.length = packet.reasonCode === ReasonCode.Success ? start : propertiesStart;
}

/**
 * The type of an acknowledgement by its first byte, flags and all; undefined for anything else. With
 * a body of two bytes it is a Packet Identifier and success in every version, and need not be
 * decoded to an object.
 */
export function plainAcknowledgement(header: number): AcknowledgementPacket["type"] | undefined {
  switch (header) {
    case 0x40:
      return PacketType.Puback;
    case 0x50:
      return PacketType.Pubrec;
    case 0x62:
      return PacketType.Pubrel;
    case 0x70:
      return PacketType.Pubcomp;
    default:
      return undefined;
  }
}
