/**
 * Finds packet boundaries in a stream of bytes (MQTT 5 section 2.1, Fixed Header).
 *
 * Holds only the boundaries of the packet found last; the bytes belong to the caller, nothing is
 * copied. An incomplete packet is a return value, not an error.
 */

import { malformed, ProtocolError, ReasonCode } from "./reason_code.ts";

/** Largest packet that Remaining Length can announce, with its five-byte Fixed Header. */
export const LARGEST_PACKET_BYTES = 268_435_455 + 5;

export class Framer {
  /** First byte of the packet: type in bits 7 to 4, flags in bits 3 to 0. */
  header = 0;
  /** Where Variable Header and Payload start and end; the next packet starts at `bodyEnd`. */
  bodyStart = 0;
  bodyEnd = 0;
  /** False when Remaining Length took more bytes than needed: MQTT 5 forbids it, 3.1.1 does not. */
  shortestForm = true;
  /** Bytes, Fixed Header included. A larger packet is refused before it is buffered. */
  maximumPacketSize: number;

  constructor(maximumPacketSize: number = LARGEST_PACKET_BYTES) {
    this.maximumPacketSize = maximumPacketSize;
  }

  /**
   * Reads the Fixed Header at `start`. True when the whole packet lies before `end`. When false,
   * `bodyEnd` says where the packet will end, as far as is known (0: not known yet).
   * Throws `ProtocolError` 0x81 for a malformed length, 0x95 for a packet over the limit.
   */
  next(bytes: Uint8Array, start: number, end: number): boolean {
    this.bodyEnd = 0;
    if (start >= end) return false;
    this.header = bytes[start] as number;
    let position = start + 1;
    let remainingLength = 0;
    for (let shift = 0;; shift += 7) {
      if (shift === 28) throw malformed("Cannot decode Remaining Length: longer than 4 bytes");
      if (position >= end) return false;
      const byte = bytes[position++] as number;
      remainingLength |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.shortestForm = byte !== 0 || shift === 0;
        break;
      }
    }
    this.bodyStart = position;
    this.bodyEnd = position + remainingLength;
    if (this.bodyEnd - start > this.maximumPacketSize) {
      throw new ProtocolError(
        ReasonCode.PacketTooLarge, // [MQTT-3.2.2-15]
        `Cannot accept packet of ${this.bodyEnd - start} bytes: ` +
          `the limit is ${this.maximumPacketSize}`,
      );
    }
    return this.bodyEnd <= end;
  }
}
