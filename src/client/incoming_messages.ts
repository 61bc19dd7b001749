/**
 * Messages on their way to a client (MQTT 5 sections 3.3 and 4.3).
 *
 * Owns the Topic Aliases of one connection and, over all connections of a session, the Packet
 * Identifiers of QoS 2 messages that were handed over and not released. Invariant: each QoS 2 message
 * is handed over once.
 */

import {
  type AcknowledgementPacket,
  PacketType,
  type PublishPacket,
  type PubrelPacket,
} from "../protocol/packet.ts";
import { NO_PROPERTIES } from "../protocol/property.ts";
import { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import type { SessionTerms } from "./session_terms.ts";

const DEFAULT_RECEIVE_MAXIMUM = 65_535;

export class IncomingMessages {
  readonly #deliver: (packet: PublishPacket) => void;
  /** QoS 2 messages that were handed over and have had no PUBREL. */
  readonly #received = new Set<number>();
  /** Those of them that the server sent on this connection: they count against Receive Maximum. */
  readonly #receivedNow = new Set<number>();
  readonly #aliases = new Map<number, string>();
  #terms: SessionTerms | undefined;

  constructor(deliver: (packet: PublishPacket) => void) {
    this.#deliver = deliver;
  }

  begin(terms: SessionTerms): void {
    this.#terms = terms;
    this.#aliases.clear(); // [MQTT-3.3.2-7]
    this.#receivedNow.clear();
    if (!terms.sessionPresent) this.#received.clear(); // [MQTT-3.2.2-5]
  }

  end(): void {
    this.#terms = undefined;
  }

  /** Hands the message over and acknowledges it. Throws a `ProtocolError`. */
  publish(packet: PublishPacket): void {
    this.#resolveAlias(packet);
    const { qos, packetIdentifier } = packet;
    if (qos === 0) return this.#deliver(packet);
    this.#checkReceiveMaximum(packetIdentifier);
    if (qos === 1) {
      this.#deliver(packet);
      return this.#acknowledge(PacketType.Puback, packetIdentifier); // [MQTT-4.3.2-4]
    }
    if (!this.#received.has(packetIdentifier)) { // [MQTT-4.3.3-10]
      this.#received.add(packetIdentifier);
      this.#deliver(packet);
    }
    this.#receivedNow.add(packetIdentifier);
    this.#acknowledge(PacketType.Pubrec, packetIdentifier); // [MQTT-4.3.3-8]
  }

  pubrel({ packetIdentifier }: PubrelPacket): void {
    const isKnown = this.#received.delete(packetIdentifier); // [MQTT-4.3.3-12]
    this.#receivedNow.delete(packetIdentifier);
    const reasonCode = isKnown ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound;
    this.#acknowledge(PacketType.Pubcomp, packetIdentifier, reasonCode); // [MQTT-4.3.3-11]
  }

  #acknowledge(
    type: AcknowledgementPacket["type"],
    packetIdentifier: number,
    reasonCode: ReasonCode = ReasonCode.Success,
  ): void {
    const properties = NO_PROPERTIES;
    this.#terms?.sender.send({ type, packetIdentifier, reasonCode, properties });
  }

  #resolveAlias(packet: PublishPacket): void {
    const alias = packet.properties.topicAlias;
    if (alias === undefined) return;
    const maximum = this.#terms?.ownProperties.topicAliasMaximum ?? 0;
    if (alias > maximum) { // [MQTT-3.1.2-26] [MQTT-3.1.2-27]
      throw new ProtocolError(
        ReasonCode.TopicAliasInvalid,
        `Cannot accept Topic Alias ${alias}: the Topic Alias Maximum is ${maximum}`,
      );
    }
    if (packet.topicName !== "") {
      this.#aliases.set(alias, packet.topicName);
      return;
    }
    const topicName = this.#aliases.get(alias);
    if (topicName === undefined) {
      throw new ProtocolError(
        ReasonCode.ProtocolError,
        `Cannot accept Topic Alias ${alias}: no Topic Name was given for it`,
      );
    }
    packet.topicName = topicName;
  }

  #checkReceiveMaximum(packetIdentifier: number): void {
    if (this.#receivedNow.has(packetIdentifier)) return;
    const maximum = this.#terms?.ownProperties.receiveMaximum ?? DEFAULT_RECEIVE_MAXIMUM;
    if (this.#receivedNow.size < maximum) return;
    throw new ProtocolError( // [MQTT-3.3.4-9]
      ReasonCode.ReceiveMaximumExceeded,
      `Cannot accept PUBLISH: ${maximum} messages are unacknowledged, more are not allowed`,
    );
  }
}
