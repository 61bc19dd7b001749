/**
 * A client's QoS 1 and 2 messages on their way out (MQTT 5 sections 4.3, 4.4 and 4.6).
 *
 * Owns each of them from `publish` until the server has acknowledged it, over any number of
 * connections. Invariant: what is sent and not acknowledged is in `#sent`, in the order of sending, and
 * never more than the limits of both sides allow; what waits comes later than all of that.
 */

import {
  PacketType,
  type Properties,
  type PubackPacket,
  type PubcompPacket,
  type PublishPacket,
  type PubrecPacket,
} from "../protocol/packet.ts";
import { NO_PROPERTIES } from "../protocol/property.ts";
import { isError, ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import type { OutgoingMessage, PublishResult } from "./client_types.ts";
import { Fifo } from "./fifo.ts";
import { OutgoingTopicAliases } from "./outgoing_aliases.ts";
import type { PacketIdentifiers } from "./packet_identifiers.ts";
import type { SessionTerms } from "./session_terms.ts";

interface Outgoing {
  readonly message: OutgoingMessage;
  readonly settled: PromiseWithResolvers<PublishResult>;
  /** 0: it has not been sent in this session. */
  packetIdentifier: number;
  /** The Topic Name without Topic Alias; known when it was sent. */
  topicName: string | undefined;
  /** PUBREC came: from here on PUBREL is sent, and not the message [MQTT-4.3.3-6]. */
  isReleased: boolean;
}

export class OutgoingMessages {
  readonly #identifiers: PacketIdentifiers;
  readonly #waiting = new Fifo<Outgoing>();
  readonly #sent = new Map<number, Outgoing>();
  #terms: SessionTerms | undefined;
  #aliases = new OutgoingTopicAliases(0);
  /** How many more may be sent now. */
  #quota = 0;

  constructor(identifiers: PacketIdentifiers) {
    this.#identifiers = identifiers;
  }

  /** Another message would have to wait. */
  get isFull(): boolean {
    return this.#quota === 0 || this.#waiting.length > 0;
  }

  /** Messages that are not acknowledged. */
  get count(): number {
    return this.#sent.size + this.#waiting.length;
  }

  /** Resolves when the server has acknowledged it. Rejects with a `SendError` if it never can. */
  publish(message: OutgoingMessage): Promise<PublishResult> {
    const settled = Promise.withResolvers<PublishResult>();
    this.#waiting.push({
      message,
      settled,
      packetIdentifier: 0,
      topicName: undefined,
      isReleased: false,
    });
    this.#sendWaiting();
    return settled.promise;
  }

  /** A connection was accepted: what was sent before is sent again, in order [MQTT-4.6.0-1]. */
  begin(terms: SessionTerms, aliases: OutgoingTopicAliases): void {
    this.#terms = terms;
    this.#aliases = aliases;
    this.#quota = terms.maximumInflight; // [MQTT-4.9.0-1]
    const before = [...this.#sent.values(), ...this.#waiting.takeAll()];
    this.#sent.clear();
    for (const outgoing of before) {
      if (!terms.sessionPresent) this.#startAgain(outgoing);
      if (outgoing.isReleased) {
        this.#sent.set(outgoing.packetIdentifier, outgoing);
        this.#sendPubrel(outgoing.packetIdentifier, ReasonCode.Success); // [MQTT-4.4.0-1]
      } else {
        this.#waiting.push(outgoing);
      }
    }
    this.#sendWaiting();
  }

  /** The connection is gone. */
  end(): void {
    this.#terms = undefined;
    this.#quota = 0;
  }

  /** The server has forgotten the session: it will be a new message to it [MQTT-3.2.2-5]. */
  #startAgain(outgoing: Outgoing): void {
    this.#identifiers.release(outgoing.packetIdentifier);
    outgoing.packetIdentifier = 0;
    outgoing.isReleased = false;
  }

  #sendWaiting(): void {
    const terms = this.#terms;
    if (terms === undefined) return;
    for (let next = this.#waiting.first(); next !== undefined; next = this.#waiting.first()) {
      if (this.#quota === 0) return; // [MQTT-4.9.0-2]
      const packetIdentifier = next.packetIdentifier || this.#identifiers.take();
      if (packetIdentifier === undefined) return;
      this.#waiting.drop();
      this.#send(next, packetIdentifier, terms);
    }
  }

  #send(outgoing: Outgoing, packetIdentifier: number, terms: SessionTerms): void {
    try {
      terms.limits.checkMessage(outgoing.message);
      terms.sender.send(this.#packetOf(outgoing, packetIdentifier));
    } catch (error) {
      this.#identifiers.release(packetIdentifier);
      outgoing.settled.reject(error);
      return;
    }
    outgoing.packetIdentifier = packetIdentifier;
    this.#sent.set(packetIdentifier, outgoing);
    this.#quota--;
  }

  #packetOf(outgoing: Outgoing, packetIdentifier: number): PublishPacket {
    const { message } = outgoing;
    const wasSent = outgoing.topicName !== undefined;
    outgoing.topicName ??= this.#aliases.resolve(message);
    return {
      type: PacketType.Publish,
      topicName: wasSent ? outgoing.topicName : message.topicName,
      payload: message.payload,
      qos: message.qos,
      retain: message.retain,
      duplicate: outgoing.packetIdentifier !== 0, // [MQTT-3.3.1-1] [MQTT-4.3.2-2]
      packetIdentifier,
      // A Topic Alias means nothing on another connection [MQTT-3.3.2-7].
      properties: wasSent ? withoutAlias(message.properties) : message.properties,
    };
  }

  /** Throws a `ProtocolError`. One that nobody waits for is left over from an earlier connection. */
  puback({ packetIdentifier, reasonCode, properties }: PubackPacket): void {
    const outgoing = this.#sent.get(packetIdentifier);
    if (outgoing === undefined) return;
    if (outgoing.message.qos !== 1) throw wrongAnswer("PUBACK", packetIdentifier, "has QoS 2");
    this.#settle(outgoing, { reasonCode, properties, packetIdentifier }); // [MQTT-4.3.2-3]
  }

  /** Throws a `ProtocolError`. */
  pubrec({ packetIdentifier, reasonCode, properties }: PubrecPacket): void {
    const outgoing = this.#sent.get(packetIdentifier);
    if (outgoing === undefined) {
      if (!isError(reasonCode)) {
        this.#sendPubrel(packetIdentifier, ReasonCode.PacketIdentifierNotFound);
      }
      return;
    }
    if (outgoing.message.qos !== 2) throw wrongAnswer("PUBREC", packetIdentifier, "has QoS 1");
    if (isError(reasonCode)) { // [MQTT-4.4.0-2]
      this.#settle(outgoing, { reasonCode, properties, packetIdentifier });
      return;
    }
    outgoing.isReleased = true;
    this.#sendPubrel(packetIdentifier, ReasonCode.Success); // [MQTT-4.3.3-4]
  }

  /** Throws a `ProtocolError`. */
  pubcomp({ packetIdentifier, reasonCode, properties }: PubcompPacket): void {
    const outgoing = this.#sent.get(packetIdentifier);
    if (outgoing === undefined) return;
    if (!outgoing.isReleased) {
      throw wrongAnswer("PUBCOMP", packetIdentifier, "has had no PUBREL");
    }
    this.#settle(outgoing, { reasonCode, properties, packetIdentifier }); // [MQTT-4.3.3-5]
  }

  #sendPubrel(packetIdentifier: number, reasonCode: ReasonCode): void {
    const properties = NO_PROPERTIES;
    this.#terms?.sender.send({
      type: PacketType.Pubrel,
      packetIdentifier,
      reasonCode,
      properties,
    });
  }

  #settle(outgoing: Outgoing, result: PublishResult): void {
    this.#sent.delete(result.packetIdentifier);
    this.#identifiers.release(result.packetIdentifier);
    outgoing.settled.resolve(result);
    const maximum = this.#terms?.maximumInflight ?? 0;
    this.#quota = Math.min(this.#quota + 1, maximum);
    this.#sendWaiting();
  }
}

function withoutAlias(properties: Properties): Properties {
  if (properties.topicAlias === undefined) return properties;
  const { topicAlias: _, ...others } = properties;
  return others;
}

function wrongAnswer(packet: string, packetIdentifier: number, why: string): ProtocolError {
  return new ProtocolError(
    ReasonCode.ProtocolError,
    `Cannot accept ${packet}: the message with Packet Identifier ${packetIdentifier} ${why}`,
  );
}
