/**
 * One session as the specification describes it, with lists and no thought of speed: what the
 * client must be sent next, and what it has not acknowledged.
 *
 * Owns what is expected of the link in the current step. Invariant: a delivery is in the queue, in
 * flight or done; those to be sent again are in flight too.
 */

import {
  PacketType,
  type ProtocolVersion,
  type PublishPacket,
  type QoS,
} from "../../src/protocol/packet.ts";
import { encode } from "../protocol/vector.ts";
import { asBytes } from "../support/packet_text.ts";
import type { ModelLimits, ModelMessage, ModelSubscription, ModelWill } from "./model_types.ts";

/** One message on its way to one session. */
export interface Delivery {
  readonly message: ModelMessage;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly identifiers: readonly number[];
  readonly shareName: string | undefined;
  /** The broker chooses it; 0 until it was seen. */
  packetIdentifier: number;
  /** Sent on the connection of the moment. */
  charged: boolean;
  released: boolean;
}

/** A PUBLISH that must have been sent in this step. */
export interface ExpectedPublish {
  readonly delivery: Delivery;
  readonly packet: PublishPacket;
}

export class ModelSession {
  readonly clientIdentifier: string;
  readonly #limits: ModelLimits;
  readonly #nowMs: () => number;
  version: ProtocolVersion = 5;
  isOnline = false;
  isCongested = false;
  maximumPacketSize = Infinity;
  receiveMaximum = 0;
  expiryMs = 0;
  expiresAtMs = Infinity;
  will: ModelWill | undefined;
  readonly subscriptions = new Map<string, ModelSubscription>();
  queue: Delivery[] = [];
  inflight: Delivery[] = [];
  unsent: Delivery[] = [];
  readonly inbound = new Set<number>();
  hasEnded = false;
  /** Asked to close the connection because the queue is full. */
  onOverflow: () => void = () => {};

  // What this step must have brought to the client, or have dropped.
  expected: ExpectedPublish[] = [];
  expectedControl: string[] = [];
  drops: string[] = [];

  constructor(clientIdentifier: string, limits: ModelLimits, nowMs: () => number) {
    this.clientIdentifier = clientIdentifier;
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  get sendQuota(): number {
    return this.receiveMaximum - this.inflight.filter(({ charged }) => charged).length;
  }
  /** A QoS 1 or 2 message would be sent at once. */
  get isReady(): boolean {
    return this.isOnline && !this.isCongested && this.sendQuota > 0 && this.queue.length === 0 &&
      this.unsent.length === 0;
  }

  deliver(delivery: Delivery): void {
    if (delivery.qos > 0) {
      if (this.isReady) this.#send(delivery, false);
      else this.#enqueue(delivery);
    } else if (!this.isOnline) {
      if (this.#limits.queueQoS0Messages) this.#enqueue(delivery);
    } else if (this.queue.some(({ qos }) => qos === 0)) this.#enqueue(delivery);
    else if (this.isCongested) this.drops.push("slow_reader");
    else this.#send(delivery, false);
  }

  /** A retained message for a new subscription: it may wait beyond the limits. */
  replay(delivery: Delivery): void {
    const atOnce = delivery.qos === 0 && this.queue.length === 0 && !this.isCongested;
    if (this.isReady || atOnce) this.deliver(delivery);
    else this.queue.push(delivery);
  }

  #enqueue(delivery: Delivery): void {
    const { maximumQueuedMessages, queueOverflow } = this.#limits;
    const isFull = () => this.queue.length >= maximumQueuedMessages;
    if (isFull() && queueOverflow === "disconnect" && this.isOnline) this.onOverflow();
    if (this.hasEnded) {
      this.drops.push("session_ended");
      return;
    }
    while (isFull()) {
      this.drops.push("queue_full");
      if (queueOverflow !== "drop_oldest") return;
      this.queue.shift();
    }
    this.queue.push(delivery);
  }

  /** Sends what may be sent now. */
  pump(): void {
    while (this.isOnline && !this.isCongested) {
      const next = this.queue[0];
      if (this.unsent.length > 0 && this.sendQuota > 0) {
        this.#send(this.unsent.shift() as Delivery, true);
      } else if (next === undefined || (next.qos > 0 && this.sendQuota === 0)) return;
      else {
        this.queue.shift();
        if (next.message.expiresAtMs <= this.#nowMs()) this.drops.push("expired");
        else this.#send(next, false);
      }
    }
  }

  #send(delivery: Delivery, duplicate: boolean): void {
    const packet = this.#toPacket(delivery, duplicate);
    if (encode(packet, this.version).length > this.maximumPacketSize) {
      this.drops.push("packet_too_large");
      this.inflight = this.inflight.filter((each) => each !== delivery);
      return;
    }
    this.expected.push({ delivery, packet });
    if (delivery.qos === 0) return;
    if (!duplicate) this.inflight.push(delivery);
    delivery.charged = true;
  }

  #toPacket(delivery: Delivery, duplicate: boolean): PublishPacket {
    const { message, qos, retain, identifiers, packetIdentifier } = delivery;
    const properties = this.version === 5 ? { ...message.properties } : {};
    if (this.version === 5 && message.expiresAtMs < Infinity) {
      const seconds = Math.ceil((message.expiresAtMs - this.#nowMs()) / 1000);
      properties.messageExpiryInterval = Math.max(0, seconds);
    }
    if (this.version === 5 && identifiers.length > 0) {
      properties.subscriptionIdentifiers = [...identifiers];
    }
    return {
      type: PacketType.Publish,
      topicName: message.topicName,
      payload: asBytes(message.payload),
      qos,
      retain,
      duplicate,
      packetIdentifier: qos === 0 ? 0 : packetIdentifier || 1,
      properties,
    };
  }

  /** The session's client is back. */
  resume(): void {
    for (const delivery of this.inflight) {
      delivery.charged = false;
      if (delivery.released) this.expectedControl.push(`PUBREL ${delivery.packetIdentifier} 0`);
    }
    this.unsent = this.inflight.filter(({ released }) => !released);
    this.pump();
  }

  byIdentifier(packetIdentifier: number): Delivery | undefined {
    return this.inflight.find((delivery) => delivery.packetIdentifier === packetIdentifier);
  }

  complete(delivery: Delivery): void {
    this.inflight = this.inflight.filter((each) => each !== delivery);
    this.unsent = this.unsent.filter((each) => each !== delivery);
    this.pump();
  }

  release(delivery: Delivery): void {
    delivery.released = true;
    this.unsent = this.unsent.filter((each) => each !== delivery);
  }
}
