/**
 * SUBSCRIBE and UNSUBSCRIBE of a client, and who waits for the answers (MQTT 5 sections 3.8 to 3.11).
 *
 * Owns them until they are answered or the connection ends: unlike messages they are not sent again.
 */

import {
  PacketType,
  type Properties,
  type SubackPacket,
  type SubscriptionRequest,
  type UnsubackPacket,
} from "../protocol/packet.ts";
import { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import { topicFilterFault } from "../protocol/topic.ts";
import type { PacketIdentifiers } from "./packet_identifiers.ts";
import { NotConnectedError, SendError } from "./send_error.ts";
import type { SessionTerms } from "./session_terms.ts";

type Answer = SubackPacket | UnsubackPacket;

interface Request<Type extends Answer> {
  /** How many Topic Filters it has. */
  readonly filters: number;
  readonly settled: PromiseWithResolvers<Type>;
}

export class Requests {
  readonly #identifiers: PacketIdentifiers;
  readonly #subscribing = new Map<number, Request<SubackPacket>>();
  readonly #unsubscribing = new Map<number, Request<UnsubackPacket>>();
  #terms: SessionTerms | undefined;

  constructor(identifiers: PacketIdentifiers) {
    this.#identifiers = identifiers;
  }

  begin(terms: SessionTerms): void {
    this.#terms = terms;
  }

  /** The connection is gone, and with it the answers. */
  end(): void {
    this.#terms = undefined;
    for (const requests of [this.#subscribing, this.#unsubscribing]) {
      for (const [packetIdentifier, { settled }] of requests) {
        this.#identifiers.release(packetIdentifier);
        settled.reject(new NotConnectedError("The connection ended before the server answered"));
      }
      requests.clear();
    }
  }

  /** Throws a `SendError`. */
  subscribe(
    subscriptions: readonly SubscriptionRequest[],
    properties: Properties,
  ): Promise<SubackPacket> {
    const terms = this.#connected();
    const hasIdentifier = properties.subscriptionIdentifiers !== undefined;
    for (const subscription of subscriptions) {
      checkFilter("subscribe to", subscription.topicFilter);
      terms.limits.checkSubscription(subscription, hasIdentifier);
    }
    return this.#send(
      this.#subscribing,
      subscriptions.length,
      (packetIdentifier) =>
        terms.sender.send({
          type: PacketType.Subscribe,
          packetIdentifier,
          subscriptions: [...subscriptions],
          properties,
        }),
    );
  }

  /** Throws a `SendError`. */
  unsubscribe(topicFilters: readonly string[], properties: Properties): Promise<UnsubackPacket> {
    const terms = this.#connected();
    for (const topicFilter of topicFilters) checkFilter("unsubscribe from", topicFilter);
    return this.#send(
      this.#unsubscribing,
      topicFilters.length,
      (packetIdentifier) =>
        terms.sender.send({
          type: PacketType.Unsubscribe,
          packetIdentifier,
          topicFilters: [...topicFilters],
          properties,
        }),
    );
  }

  #connected(): SessionTerms {
    if (this.#terms !== undefined) return this.#terms;
    throw new NotConnectedError("Cannot subscribe or unsubscribe: there is no connection");
  }

  #send<Type extends Answer>(
    requests: Map<number, Request<Type>>,
    filters: number,
    send: (packetIdentifier: number) => void,
  ): Promise<Type> {
    const packetIdentifier = this.#identifiers.take();
    if (packetIdentifier === undefined) {
      throw new SendError(ReasonCode.QuotaExceeded, "Cannot send: no Packet Identifier is free");
    }
    try {
      send(packetIdentifier);
    } catch (error) {
      this.#identifiers.release(packetIdentifier);
      throw error;
    }
    const settled = Promise.withResolvers<Type>();
    requests.set(packetIdentifier, { filters, settled });
    return settled.promise;
  }

  /** Throws a `ProtocolError`. */
  suback(packet: SubackPacket): void {
    this.#settle(this.#subscribing, packet, "SUBACK", true);
  }

  /** Throws a `ProtocolError`. */
  unsuback(packet: UnsubackPacket): void {
    // Before MQTT 5 it has no Reason Codes.
    this.#settle(this.#unsubscribing, packet, "UNSUBACK", this.#terms?.protocolVersion === 5);
  }

  #settle<Type extends Answer>(
    requests: Map<number, Request<Type>>,
    packet: Type,
    name: string,
    hasReasonCodes: boolean,
  ): void {
    const { packetIdentifier, reasonCodes } = packet;
    const request = requests.get(packetIdentifier);
    if (request === undefined) {
      throw answerError(name, `nothing with Packet Identifier ${packetIdentifier} waits for it`);
    }
    if (hasReasonCodes && reasonCodes.length !== request.filters) { // [MQTT-3.9.3-1]
      const count = `${reasonCodes.length} Reason Codes for ${request.filters} Topic Filters`;
      throw answerError(name, count);
    }
    requests.delete(packetIdentifier);
    this.#identifiers.release(packetIdentifier);
    request.settled.resolve(packet);
  }
}

function checkFilter(action: string, topicFilter: string): void {
  const fault = topicFilterFault(topicFilter);
  if (fault === undefined) return;
  const message = `Cannot ${action} '${topicFilter}': ${fault}`;
  throw new SendError(ReasonCode.TopicFilterInvalid, message);
}

function answerError(name: string, why: string): ProtocolError {
  return new ProtocolError(ReasonCode.ProtocolError, `Cannot accept ${name}: ${why}`);
}
