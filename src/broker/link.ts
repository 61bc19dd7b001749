/**
 * What the broker sees of a network connection. Declared here, implemented in `net/`, faked in
 * tests: the core never touches a socket.
 *
 * All calls only append to the connection's output; the network layer sends it when the current
 * batch of input is handled. None of them throws or waits.
 */

import type { AcknowledgementPacket, Packet, ProtocolVersion } from "../protocol/packet.ts";
import type { PublishEnvelope } from "../protocol/publish_frame.ts";
import type { ReasonCode } from "../protocol/reason_code.ts";
import type { Message } from "./message.ts";
import type { SharedChunk } from "./shared_chunk.ts";

export interface Link {
  readonly protocolVersion: ProtocolVersion;
  /** Where the client is, for people: "192.168.1.7:51234". */
  readonly remoteAddress: string;
  /** So many bytes wait for the network that QoS 0 is dropped and QoS 1 and 2 must queue. */
  readonly isCongested: boolean;
  /** Whether a copy of a message of so many bytes fits into what all connections may hold. */
  hasRoomFor(bytes: number): boolean;
  /**
   * True when a PUBLISH for this connection differs from one for others of the same version:
   * Topic Aliases towards the client, or a Maximum Packet Size to be checked.
   */
  readonly needsOwnEncoding: boolean;

  send(packet: Packet): void;
  /** An acknowledgement without properties, without an object for it. */
  acknowledge(type: AcknowledgementPacket["type"], packetIdentifier: number): void;
  /** False when larger than the client's Maximum Packet Size: nothing was queued. */
  publish(message: Message, envelope: PublishEnvelope): boolean;
  /** `count` PUBLISH packets, encoded for this version; retained for as long as it waits. */
  publishEncoded(chunk: SharedChunk, count: number): void;
  /** Holds what is queued from now on until the journal has done `commit`; 0: nothing to wait for. */
  gate(commit: number): void;
  /** Sends what is queued, tells a client of MQTT 5 why, and closes. */
  close(reasonCode: ReasonCode, reasonString: string): void;
}
