/**
 * What goes into a `Client` and comes out of it, as values.
 *
 * Owns the types only.
 */

import type {
  ConnectPacket,
  DisconnectPacket,
  Packet,
  Properties,
  ProtocolVersion,
  PublishPacket,
  QoS,
  Will,
} from "../protocol/packet.ts";
import type { ReasonCode } from "../protocol/reason_code.ts";

/** What CONNECT says. */
export interface ClientOptions {
  readonly protocolVersion: ProtocolVersion;
  /** Empty: the server assigns one. */
  readonly clientIdentifier: string;
  /** Clean Session in MQTT 3.1 and 3.1.1. */
  readonly cleanStart: boolean;
  /** Seconds, 0 to 65,535; 0 turns Keep Alive off. */
  readonly keepAlive: number;
  readonly username: string | undefined;
  readonly password: Uint8Array | undefined;
  readonly will: Will | undefined;
  /** Of CONNECT; Receive Maximum, Maximum Packet Size and Topic Alias Maximum are kept to. */
  readonly properties: Properties;
  /** QoS 1 and 2 messages that are sent and not acknowledged, at most, beside the server's limit. */
  readonly maximumInflight: number;
}

/** Told what happens; both are called synchronously and must not throw. */
export interface ClientEvents {
  /**
   * A message came. Its Topic Alias is resolved; it is acknowledged when this returns; with QoS 2 it
   * comes once.
   */
  message(packet: PublishPacket): void;
  /** Sees every packet, for debugging; it costs a value for each packet. */
  packet?(direction: "sent" | "received", packet: Packet): void;
}

export interface OutgoingMessage {
  readonly topicName: string;
  /** Must not change before the message is published. */
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly properties: Properties;
}

/** What became of a message. */
export interface PublishResult {
  /** Of PUBACK, PUBREC or PUBCOMP; success for QoS 0 and before MQTT 5. */
  readonly reasonCode: ReasonCode;
  readonly properties: Properties;
  /** 0 for QoS 0. */
  readonly packetIdentifier: number;
}

/** How a connection ended. */
export type Ending =
  /** The server sent DISCONNECT (MQTT 5). */
  | { readonly kind: "disconnected"; readonly packet: DisconnectPacket }
  /** The network, Keep Alive or the protocol failed; the reason is for people. */
  | { readonly kind: "lost"; readonly reason: string }
  /** `disconnect` was called. */
  | { readonly kind: "requested" };

/** The CONNECT of `options`. */
export function connectPacketOf(options: ClientOptions): Omit<ConnectPacket, "type"> {
  const { protocolVersion, clientIdentifier, cleanStart, keepAlive, properties } = options;
  const { username, password, will } = options;
  return {
    protocolVersion,
    clientIdentifier,
    cleanStart,
    keepAlive,
    properties,
    bridge: false,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(will === undefined ? {} : { will }),
  };
}
