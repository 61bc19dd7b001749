/**
 * CONNACK (MQTT 5 section 3.2, MQTT 3.1.1 section 3.2): bodies to values and back.
 *
 * Reason Codes are MQTT 5's in every version; they become Connect Return codes only on the wire.
 */

import { fromConnectReturnCode, readReasonCode, toConnectReturnCode } from "./legal_reason_code.ts";
import { type ConnackPacket, PacketType, type ProtocolVersion } from "./packet.ts";
import { NO_PROPERTIES, readProperties, writeProperties } from "./property.ts";
import type { Reader } from "./reader.ts";
import { malformed, ProtocolError, ReasonCode } from "./reason_code.ts";
import type { Writer } from "./writer.ts";

const SESSION_PRESENT = 0x01;

/** Throws `ProtocolError` 0x81 or 0x82. */
export function decodeConnack(reader: Reader, version: ProtocolVersion): ConnackPacket {
  const flags = reader.byte("Connect Acknowledge Flags");
  // MQTT 3.1 has no flags here: the byte is reserved and ignored.
  const sessionPresent = version !== 3 && (flags & SESSION_PRESENT) !== 0;
  if (version !== 3 && (flags & ~SESSION_PRESENT) !== 0) {
    throw malformed("Cannot decode CONNACK: a reserved flag is set"); // [MQTT-3.2.2-1]
  }
  const reasonCode = version === 5
    ? readReasonCode(reader, PacketType.Connack, "CONNACK")
    : fromConnectReturnCode(reader.byte("Connect Return code"));
  if (sessionPresent && reasonCode !== ReasonCode.Success) {
    throw new ProtocolError( // [MQTT-3.2.2-6]
      ReasonCode.ProtocolError,
      "Cannot accept CONNACK: Session Present in a refusal",
    );
  }
  const properties = version === 5 ? readProperties(reader, PacketType.Connack) : NO_PROPERTIES;
  reader.expectEnd("CONNACK");
  return { type: PacketType.Connack, sessionPresent, reasonCode, properties };
}

/** Writes the body; a refusal never says Session Present [MQTT-3.2.2-6]. */
export function encodeConnack(
  writer: Writer,
  packet: ConnackPacket,
  version: ProtocolVersion,
): void {
  const sessionPresent = packet.sessionPresent && version !== 3 &&
    packet.reasonCode === ReasonCode.Success;
  writer.byte(sessionPresent ? SESSION_PRESENT : 0);
  if (version === 5) {
    writer.byte(packet.reasonCode);
    writeProperties(writer, PacketType.Connack, packet.properties);
  } else {
    writer.byte(toConnectReturnCode(packet.reasonCode));
  }
}
