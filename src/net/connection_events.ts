/**
 * What connections report to whoever logs. Rate-limited by the receiver: a stranger can cause most
 * of these at will.
 */

import type { Packet, ProtocolVersion } from "../protocol/packet.ts";
import type { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import type { Session } from "../broker/session.ts";

/** As much of a connection as a log line needs. */
export interface LoggedConnection {
  readonly remoteAddress: string;
  readonly session: Session | undefined;
}

export type PacketObserver = (
  clientIdentifier: string,
  packet: Packet,
  version: ProtocolVersion,
) => void;

export interface ConnectionEvents {
  /** Present only while every packet is to be logged. */
  readonly packetReceived?: PacketObserver | undefined;
  readonly packetSent?: PacketObserver | undefined;
  connectRefused(connection: LoggedConnection, reasonCode: ReasonCode, reason: string): void;
  closedBeforeConnect(connection: LoggedConnection, reason: string): void;
  protocolError(connection: LoggedConnection, error: ProtocolError): void;
  /** A mistake of ours: the client is closed, the others go on. */
  internalError(connection: LoggedConnection, error: unknown): void;
}
