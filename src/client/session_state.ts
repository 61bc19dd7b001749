/**
 * What a client knows of its session, and what it answers to each packet of the server.
 *
 * Owns the session's parts and which packets a server may send. Synchronous: packets go out through
 * the sender that `begin` is given; it has no sockets, clock or timers. Invariant: everything but QoS 0
 * survives `end`, and goes on at the next `begin`.
 */

import {
  type Packet,
  PacketType,
  type Properties,
  type PublishPacket,
  type SubackPacket,
  type SubscriptionRequest,
  type UnsubackPacket,
} from "../protocol/packet.ts";
import { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import { topicNameFault } from "../protocol/topic.ts";
import type { OutgoingMessage, PublishResult } from "./client_types.ts";
import { IncomingMessages } from "./incoming_messages.ts";
import { OutgoingTopicAliases } from "./outgoing_aliases.ts";
import { OutgoingMessages } from "./outgoing_messages.ts";
import { PacketIdentifiers } from "./packet_identifiers.ts";
import { Requests } from "./requests.ts";
import { NotConnectedError, SendError } from "./send_error.ts";
import type { SessionTerms } from "./session_terms.ts";

export class SessionState {
  readonly #outgoing: OutgoingMessages;
  readonly #incoming: IncomingMessages;
  readonly #requests: Requests;
  #terms: SessionTerms | undefined;
  #aliases = new OutgoingTopicAliases(0);
  /** The Topic Name that was found valid last: most clients publish to few. */
  #validTopicName: string | undefined;

  /** `deliver` gets every message that comes, QoS 2 messages once. */
  constructor(deliver: (packet: PublishPacket) => void) {
    const identifiers = new PacketIdentifiers();
    this.#outgoing = new OutgoingMessages(identifiers);
    this.#incoming = new IncomingMessages(deliver);
    this.#requests = new Requests(identifiers);
  }

  /** Whether a message with QoS 1 or 2 would be sent at once. */
  get isReady(): boolean {
    return this.#terms !== undefined && !this.#outgoing.isFull;
  }

  /** QoS 1 and 2 messages that are not acknowledged yet. */
  get unacknowledged(): number {
    return this.#outgoing.count;
  }

  /** The server accepted a connection: sends what is left over from the one before. */
  begin(terms: SessionTerms): void {
    this.#terms = terms;
    this.#aliases = new OutgoingTopicAliases(terms.limits.topicAliasMaximum);
    this.#incoming.begin(terms);
    this.#requests.begin(terms);
    this.#outgoing.begin(terms, this.#aliases);
  }

  /** Nothing can be sent any more. */
  end(): void {
    this.#terms = undefined;
    this.#outgoing.end();
    this.#incoming.end();
    this.#requests.end();
  }

  /** Sends a message with QoS 0, now. Throws a `SendError`. */
  publishAtMostOnce(message: OutgoingMessage): void {
    const terms = this.#terms;
    if (terms === undefined) {
      throw new NotConnectedError(
        `Cannot publish to '${message.topicName}': there is no connection, and QoS 0 does not wait`,
      );
    }
    this.#checkTopicName(message);
    terms.limits.checkMessage(message);
    this.#aliases.resolve(message);
    terms.sender.send({
      type: PacketType.Publish,
      topicName: message.topicName,
      payload: message.payload,
      qos: 0,
      retain: message.retain,
      duplicate: false, // [MQTT-3.3.1-2]
      packetIdentifier: 0,
      properties: message.properties,
    });
  }

  /**
   * Sends a message with QoS 1 or 2 as soon as there is a connection and the limits allow it. Resolves
   * when the server has acknowledged it. Throws a `SendError`, or rejects with one.
   */
  publish(message: OutgoingMessage): Promise<PublishResult> {
    this.#checkTopicName(message);
    return this.#outgoing.publish(message);
  }

  #checkTopicName({ topicName, properties }: OutgoingMessage): void {
    if (topicName === this.#validTopicName) return;
    if (topicName === "" && properties.topicAlias !== undefined) return;
    const fault = topicNameFault(topicName);
    if (fault !== undefined) { // [MQTT-3.3.2-2]
      throw new SendError(
        ReasonCode.TopicNameInvalid,
        `Cannot publish to '${topicName}': ${fault}`,
      );
    }
    this.#validTopicName = topicName;
  }

  /** Throws a `SendError`; rejects with one when the connection ends before the answer. */
  subscribe(
    subscriptions: readonly SubscriptionRequest[],
    properties: Properties,
  ): Promise<SubackPacket> {
    return this.#requests.subscribe(subscriptions, properties);
  }

  /** As `subscribe`. */
  unsubscribe(topicFilters: readonly string[], properties: Properties): Promise<UnsubackPacket> {
    return this.#requests.unsubscribe(topicFilters, properties);
  }

  /**
   * Acts on a packet of the server: all but CONNACK, PINGRESP, DISCONNECT and AUTH, which are about the
   * connection. Throws a `ProtocolError`.
   */
  receive(packet: Packet): void {
    switch (packet.type) {
      case PacketType.Publish:
        return this.#incoming.publish(packet);
      case PacketType.Pubrel:
        return this.#incoming.pubrel(packet);
      case PacketType.Puback:
        return this.#outgoing.puback(packet);
      case PacketType.Pubrec:
        return this.#outgoing.pubrec(packet);
      case PacketType.Pubcomp:
        return this.#outgoing.pubcomp(packet);
      case PacketType.Suback:
        return this.#requests.suback(packet);
      case PacketType.Unsuback:
        return this.#requests.unsuback(packet);
      default:
        throw unexpected(packet.type);
    }
  }
}

/** The error for a packet that a server may not send, or not now. */
export function unexpected(type: PacketType): ProtocolError {
  const name = Object.entries(PacketType).find(([, value]) => value === type)?.[0] ?? String(type);
  return new ProtocolError(
    ReasonCode.ProtocolError,
    `Cannot accept ${name.toUpperCase()}: it must not come here from a server`,
  );
}
