/**
 * A client that receives at QoS 1 and 2, and keeps its side of the session over the broker's crash
 * (MQTT 5 section 4.3).
 *
 * Owns the identifiers of QoS 2 messages that were not released yet, and the acknowledgements that
 * it holds back. Invariant: a QoS 2 message reaches the application at the first PUBLISH of its
 * Packet Identifier and not again before PUBREL [MQTT-4.3.3-10]; acknowledgements go out in order.
 */

import {
  type AcknowledgementPacket,
  type Packet,
  PacketType,
  type Properties,
  type PublishPacket,
  type QoS,
  RetainHandling,
  type SubscriptionRequest,
} from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { asBytes, asText } from "../support/packet_text.ts";
import type { Findings } from "./findings.ts";
import type { Ground } from "./ground.ts";
import { Peer, type PeerOptions } from "./peer.ts";

const LAST_PACKET_IDENTIFIER = 0xffff;

export interface SubscriberOptions extends PeerOptions {
  /** What it subscribes to whenever it finds that the broker has no session for it. */
  readonly topicFilters: readonly string[];
  readonly qos: QoS;
  /** The application: called once for a QoS 2 message. */
  readonly deliver: (packet: PublishPacket) => void;
}

export class Subscriber extends Peer {
  /** Acknowledgements are sent when so many are together; 1: at once. */
  acknowledgesTogether = 1;
  readonly #options: SubscriberOptions;
  /** QoS 2 messages that were not released yet: what came under their Packet Identifiers. */
  readonly #unreleased = new Map<number, string>();
  #held: AcknowledgementPacket[] = [];
  #isSubscribed = false;
  #received = 0;
  #lastPacketIdentifier = 0;

  constructor(ground: Ground, findings: Findings, options: SubscriberOptions) {
    super(ground, findings, options);
    this.#options = options;
  }

  /** Comes back to its session; subscribes only if that is not there. */
  async comeBack(receiveMaximum?: number): Promise<void> {
    const isPresent = await this.resume(receiveMaximum);
    if (!isPresent) this.#unreleased.clear();
    if (isPresent && this.#isSubscribed) return;
    this.#isSubscribed = false;
    for (const topicFilter of this.#options.topicFilters) {
      await this.subscribe({ topicFilter, qos: this.#options.qos });
    }
    this.#isSubscribed = true;
  }

  /** Subscribes and waits for the SUBACK. */
  async subscribe(
    request: Pick<SubscriptionRequest, "topicFilter" | "qos"> & Partial<SubscriptionRequest>,
    properties: Properties = {},
  ): Promise<void> {
    const packetIdentifier = this.#nextPacketIdentifier();
    const subscription = {
      noLocal: false,
      retainAsPublished: false,
      retainHandling: RetainHandling.Send,
      ...request,
    };
    const suback = await this.request(
      { type: PacketType.Subscribe, packetIdentifier, subscriptions: [subscription], properties },
      PacketType.Suback,
      packetIdentifier,
    );
    if (suback.reasonCodes[0] === request.qos) return;
    throw new Error(`${request.topicFilter} was refused: ${suback.reasonCodes}`);
  }

  /** Unsubscribes and waits for the UNSUBACK. */
  async unsubscribe(topicFilter: string): Promise<void> {
    const packetIdentifier = this.#nextPacketIdentifier();
    await this.request(
      {
        type: PacketType.Unsubscribe,
        packetIdentifier,
        topicFilters: [topicFilter],
        properties: {},
      },
      PacketType.Unsuback,
      packetIdentifier,
    );
  }

  /** Publishes at QoS 0, on the connection on which it receives. */
  publishAtQoS0(topicName: string, payload: string): void {
    this.send({
      type: PacketType.Publish,
      topicName,
      payload: asBytes(payload),
      qos: 0,
      retain: false,
      duplicate: false,
      packetIdentifier: 0,
      properties: {},
    });
  }

  /**
   * Waits until the broker has nothing more to send: it answers a PINGREQ that follows the last of
   * our acknowledgements, and nothing came before the answer.
   */
  async quiet(): Promise<void> {
    this.acknowledgesTogether = 1;
    for (let before = -1; before !== this.#received;) {
      before = this.#received;
      this.#sendHeld();
      await this.ping();
    }
  }

  protected override receive(packet: Packet): void {
    this.#received++;
    switch (packet.type) {
      case PacketType.Publish:
        return this.#published(packet);
      case PacketType.Pubrel:
        return this.#released(packet.packetIdentifier);
      default:
        return super.receive(packet);
    }
  }

  protected override connectionLost(): void {
    this.#held = [];
  }

  override async leave(how: "DISCONNECT" | "silently"): Promise<void> {
    this.#held = [];
    await super.leave(how);
  }

  /** One request at a time is under way for each, so that an old one is free when it comes again. */
  #nextPacketIdentifier(): number {
    return this.#lastPacketIdentifier = this.#lastPacketIdentifier % LAST_PACKET_IDENTIFIER + 1;
  }

  #published(packet: PublishPacket): void {
    const { qos, packetIdentifier } = packet;
    if (qos < 2) this.#options.deliver(packet);
    else this.#publishedAtQoS2(packet);
    if (qos > 0) {
      this.#acknowledge(qos === 1 ? PacketType.Puback : PacketType.Pubrec, packetIdentifier);
    }
  }

  #publishedAtQoS2(packet: PublishPacket): void {
    const { packetIdentifier } = packet;
    const what = `${packet.topicName} ${asText(packet.payload.subarray(0, 40))}`;
    const known = this.#unreleased.get(packetIdentifier);
    if (known !== undefined && known !== what) {
      const sentence = `${this.clientIdentifier} got ${what} as ${packetIdentifier}, ` +
        `under which it has ${known}`;
      this.findings.add("Packet Identifier of two messages", sentence);
    }
    if (known !== undefined) return;
    this.#unreleased.set(packetIdentifier, what);
    this.#options.deliver(packet);
  }

  #released(packetIdentifier: number): void {
    const wasKnown = this.#unreleased.delete(packetIdentifier);
    const reasonCode = wasKnown ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound;
    this.#acknowledge(PacketType.Pubcomp, packetIdentifier, reasonCode);
  }

  #acknowledge(
    type: AcknowledgementPacket["type"],
    packetIdentifier: number,
    reasonCode: ReasonCode = ReasonCode.Success,
  ): void {
    this.#held.push({ type, packetIdentifier, reasonCode, properties: {} });
    if (this.#held.length >= this.acknowledgesTogether) this.#sendHeld();
  }

  #sendHeld(): void {
    for (const packet of this.#held) this.send(packet);
    this.#held = [];
  }
}
