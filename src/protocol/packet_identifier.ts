/** Packet Identifier on the wire (MQTT 5 section 2.2.1); who uses which is the broker's business. */

import type { Reader } from "./reader.ts";
import { ProtocolError, ReasonCode } from "./reason_code.ts";

/** Reads a Packet Identifier; 0 is a `ProtocolError` 0x82 [MQTT-2.2.1-3] [MQTT-2.2.1-4]. */
export function readPacketIdentifier(reader: Reader, packet: string): number {
  const packetIdentifier = reader.twoByteInteger("Packet Identifier");
  if (packetIdentifier !== 0) return packetIdentifier;
  throw new ProtocolError(
    ReasonCode.ProtocolError,
    `Cannot accept ${packet}: Packet Identifier 0 is not allowed`,
  );
}
