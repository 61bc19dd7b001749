/**
 * Shows an observer every packet of a chunk of output, for `broker --verbose`.
 */

import { decodePacket } from "../protocol/codec.ts";
import { Framer } from "../protocol/framer.ts";
import type { ProtocolVersion } from "../protocol/packet.ts";
import type { PacketObserver } from "./connection_events.ts";

/**
 * `bytes` are whole packets to `clientIdentifier`. Without a version they are the refusal of a
 * CONNECT that was not understood, and only MQTT 5 has more than two bytes in that.
 */
export function tracePackets(
  bytes: Uint8Array,
  clientIdentifier: string,
  version: ProtocolVersion | undefined,
  observer: PacketObserver,
): void {
  const framer = new Framer();
  for (let at = 0; framer.next(bytes, at, bytes.length); at = framer.bodyEnd) {
    const { header, bodyStart, bodyEnd } = framer;
    const spoken = version ?? (bodyEnd - bodyStart === 2 ? 4 : 5);
    const packet = decodePacket(header, bytes, bodyStart, bodyEnd, spoken);
    observer(clientIdentifier, packet, spoken);
  }
}
