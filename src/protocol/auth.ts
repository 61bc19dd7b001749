/**
 * AUTH (MQTT 5 section 3.15): bodies to values and back. Before MQTT 5 there is no AUTH.
 *
 * That the Authentication Method is there and is CONNECT's (section 4.12) needs the connection's
 * state, so the caller checks it.
 */

import { readReasonCode } from "./legal_reason_code.ts";
import { type AuthPacket, PacketType, type ProtocolVersion } from "./packet.ts";
import { NO_PROPERTIES, readProperties, writeProperties } from "./property.ts";
import type { Reader } from "./reader.ts";
import { malformed, ReasonCode } from "./reason_code.ts";
import type { Writer } from "./writer.ts";

/** Throws `ProtocolError` 0x81 or 0x82. */
export function decodeAuth(reader: Reader, version: ProtocolVersion): AuthPacket {
  if (version < 5) {
    throw malformed("Cannot decode packet: type 15 is reserved before MQTT 5");
  }
  let reasonCode: ReasonCode = ReasonCode.Success;
  let properties = NO_PROPERTIES;
  // Unlike DISCONNECT, both are left out or none (section 3.15.2.1).
  if (reader.remaining > 0) {
    reasonCode = readReasonCode(reader, PacketType.Auth, "AUTH");
    properties = readProperties(reader, PacketType.Auth);
  }
  reader.expectEnd("AUTH");
  return { type: PacketType.Auth, reasonCode, properties };
}

/** Writes the body. Throws an `Error` (our bug) before MQTT 5. */
export function encodeAuth(writer: Writer, packet: AuthPacket, version: ProtocolVersion): void {
  if (version < 5) throw new Error("Cannot encode AUTH: it does not exist before MQTT 5");
  const start = writer.length;
  writer.byte(packet.reasonCode);
  writeProperties(writer, PacketType.Auth, packet.properties);
  if (packet.reasonCode === ReasonCode.Success && writer.length === start + 2) {
    writer.length = start;
  }
}
