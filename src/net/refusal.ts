/**
 * What a client is told whose CONNECT is refused (MQTT 5 section 4.13, MQTT 3.1.1 section 3.2.2.3).
 *
 * Its CONNECT may not have been decoded, or may be none, so all that is known is read from the bytes
 * themselves.
 */

import { type ConnackPacket, PacketType, type ProtocolVersion } from "../protocol/packet.ts";
import { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import { cutReason } from "./reason_text.ts";

/** Reason Codes for which MQTT 3.1 and 3.1.1 have a Connect Return code worth sending. */
const RETURN_CODE_REASONS: ReadonlySet<ReasonCode> = new Set([
  ReasonCode.UnsupportedProtocolVersion,
  ReasonCode.ClientIdentifierNotValid,
  ReasonCode.ServerUnavailable,
  ReasonCode.ServerBusy,
  ReasonCode.BadUserNameOrPassword,
  ReasonCode.NotAuthorized,
  ReasonCode.Banned,
  ReasonCode.QuotaExceeded,
  ReasonCode.ConnectionRateExceeded,
]);

/**
 * The CONNACK for a client of `version`; undefined when that version has none for this reason and
 * the connection is just closed.
 */
export function refusal(
  version: ProtocolVersion,
  reasonCode: ReasonCode,
  reasonString: string,
): ConnackPacket | undefined {
  if (version !== 5 && !RETURN_CODE_REASONS.has(reasonCode)) return undefined;
  return {
    type: PacketType.Connack,
    sessionPresent: false, // [MQTT-3.2.2-6]
    reasonCode,
    properties: version === 5 ? { reasonString: cutReason(reasonString) } : {},
  };
}

/**
 * The version that a CONNECT announces whose body starts at `bodyStart`, however malformed it is.
 * Whatever comes after MQTT 5 is answered as MQTT 5, anything else as MQTT 3.1.1.
 */
export function announcedVersion(bytes: Uint8Array, bodyStart: number): ProtocolVersion {
  const nameLength = ((bytes[bodyStart] ?? 0) << 8) | (bytes[bodyStart + 1] ?? 0);
  const level = bytes[bodyStart + 2 + nameLength] ?? 0;
  return nameLength === 4 && level >= 5 && level < 0x80 ? 5 : 4;
}

/** A stranger that does not speak MQTT is told so before it has sent a whole packet. */
export function checkFirstByte(header: number | undefined): void {
  if (header === undefined || header >> 4 === PacketType.Connect) return;
  throw new ProtocolError(ReasonCode.ProtocolError, "The first packet is not CONNECT"); // [MQTT-3.1.0-1]
}
