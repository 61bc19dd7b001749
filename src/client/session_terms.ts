/**
 * What the parts of a client's session know of the connection that carries it.
 *
 * Owns the types only.
 */

import type { Packet, Properties, ProtocolVersion } from "../protocol/packet.ts";
import type { ServerLimits } from "./server_limits.ts";

/** Takes packets for the server. */
export interface PacketSender {
  /** Throws a `SendError` when the packet is too large for the server; it is not sent then. */
  send(packet: Packet): void;
}

/** One connection, from CONNACK on. */
export interface SessionTerms {
  readonly sender: PacketSender;
  readonly protocolVersion: ProtocolVersion;
  readonly limits: ServerLimits;
  /** Session Present of CONNACK. */
  readonly sessionPresent: boolean;
  /** QoS 1 and 2 messages that may be unacknowledged at a time: both sides' limits. */
  readonly maximumInflight: number;
  /** Of our CONNECT: the limits that the server keeps to. */
  readonly ownProperties: Properties;
}
