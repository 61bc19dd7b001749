/**
 * A client that publishes at QoS 1 and 2, and keeps its side of the session over the broker's crash
 * (MQTT 5 section 4.3 and 4.4).
 *
 * Owns the messages in flight. Invariant: they are sent again in their order [MQTT-4.4.0-1], at QoS 2
 * as PUBREL once PUBREC was seen; a message that the broker forgot with the session is given up.
 */

import { type Packet, PacketType, type Properties } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { asBytes } from "../support/packet_text.ts";
import { ConnectionLost } from "./ground.ts";
import { Peer } from "./peer.ts";

/** Reason Codes from here on say that the broker did not take the message. */
const FIRST_ERROR = 0x80;

/** A message to be published, and who wants to know what becomes of it. */
export interface Publication {
  readonly topicName: string;
  readonly payload: string;
  readonly qos: 1 | 2;
  readonly retain: boolean;
  readonly properties: Properties;
  /** It goes out, for the first time or once more. */
  sent(): void;
  /** PUBACK or PUBREC has come. */
  acknowledged(): void;
}

interface InFlight {
  readonly publication: Publication;
  /** PUBREC has come. */
  isReleased: boolean;
}

export class Publisher extends Peer {
  /** By Packet Identifier, in the order of sending. */
  readonly #inFlight = new Map<number, InFlight>();
  #source: (() => Publication) | undefined;
  #window = 0;
  #idle: PromiseWithResolvers<void> | undefined;

  /** Comes back and goes on where it was. */
  async comeBack(): Promise<void> {
    const isPresent = await this.resume();
    if (!isPresent) this.#inFlight.clear(); // [MQTT-3.2.2-5]
    for (const [packetIdentifier, { publication, isReleased }] of this.#inFlight) {
      if (isReleased) this.#release(packetIdentifier);
      else this.#publish(packetIdentifier, publication, true);
    }
    this.#fill();
  }

  /** Connects without a session. */
  async startAfresh(): Promise<void> {
    this.#inFlight.clear();
    await this.connect({ cleanStart: true, isDurable: false });
  }

  /** Publishes what `source` gives, with `window` messages in flight, until it is stopped. */
  start(source: () => Publication, window: number): void {
    this.#source = source;
    this.#window = window;
    this.#fill();
  }

  stop(): void {
    this.#source = undefined;
  }

  /** Publishes one message, whatever is in flight. */
  publish(publication: Publication): void {
    const packetIdentifier = this.#nextPacketIdentifier();
    this.#inFlight.set(packetIdentifier, { publication, isReleased: false });
    this.#publish(packetIdentifier, publication, false);
  }

  /** Waits until nothing is in flight. Throws `ConnectionLost`. */
  async idle(): Promise<void> {
    if (this.#inFlight.size === 0) return;
    if (!this.isOnline) throw new ConnectionLost(`${this.clientIdentifier} is away`);
    this.#idle ??= Promise.withResolvers<void>();
    const first = () => this.#inFlight.keys().next().value;
    await this.ground.within(
      this.#idle.promise,
      () => `${this.clientIdentifier}: the handshakes of ${this.#inFlight.size}, first ${first()}`,
    );
  }

  protected override receive(packet: Packet): void {
    switch (packet.type) {
      case PacketType.Puback:
      case PacketType.Pubrec:
        return this.#acknowledged(packet);
      case PacketType.Pubcomp:
        if (this.#inFlight.get(packet.packetIdentifier)?.isReleased !== true) {
          this.unexpected(packet);
        }
        return this.#completed(packet.packetIdentifier);
      default:
        return super.receive(packet);
    }
  }

  protected override connectionLost(): void {
    this.#idle?.reject(new ConnectionLost(`${this.clientIdentifier} has lost its connection`));
    this.#idle = undefined;
  }

  #fill(): void {
    while (this.#source !== undefined && this.isOnline && this.#inFlight.size < this.#window) {
      this.publish(this.#source());
    }
  }

  #publish(packetIdentifier: number, publication: Publication, duplicate: boolean): void {
    const { topicName, qos, retain, properties } = publication;
    publication.sent();
    this.send({
      type: PacketType.Publish,
      topicName,
      payload: asBytes(publication.payload),
      qos,
      retain,
      duplicate,
      packetIdentifier,
      properties,
    });
  }

  #release(packetIdentifier: number): void {
    const reasonCode = ReasonCode.Success;
    this.send({ type: PacketType.Pubrel, packetIdentifier, reasonCode, properties: {} });
  }

  #acknowledged(packet: Packet & { packetIdentifier: number; reasonCode: ReasonCode }): void {
    const { packetIdentifier } = packet;
    const inFlight = this.#inFlight.get(packetIdentifier);
    const expected = inFlight?.publication.qos === 1 ? PacketType.Puback : PacketType.Pubrec;
    if (inFlight === undefined || packet.type !== expected || packet.reasonCode >= FIRST_ERROR) {
      this.unexpected(packet);
    }
    if (!inFlight.isReleased) inFlight.publication.acknowledged();
    if (expected === PacketType.Puback) return this.#completed(packetIdentifier);
    inFlight.isReleased = true;
    this.#release(packetIdentifier);
  }

  #completed(packetIdentifier: number): void {
    this.#inFlight.delete(packetIdentifier);
    this.#fill();
    if (this.#inFlight.size > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  /** The lowest that is free, so that one that has become free is soon used for another message. */
  #nextPacketIdentifier(): number {
    let packetIdentifier = 1;
    while (this.#inFlight.has(packetIdentifier)) packetIdentifier++;
    return packetIdentifier;
  }
}
