/**
 * One connection as its client sees it: what it got and has to acknowledge, and its Will.
 */

import assert from "node:assert/strict";
import {
  type AcknowledgementPacket,
  type ConnectPacket,
  type Packet,
  PacketType,
  type ProtocolVersion,
  type PublishPacket,
  type QoS,
} from "../../src/protocol/packet.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { asText } from "../support/packet_text.ts";
import type { Actor } from "./operations.ts";

interface Received {
  readonly qos: QoS;
  readonly packetIdentifier: number;
  /** PUBREL has come. */
  released: boolean;
  /** Its PUBLISH came on this connection: it counts against the Receive Maximum. */
  readonly counts: boolean;
}

export class Peer implements Actor {
  readonly clientIdentifier: string;
  readonly version: ProtocolVersion;
  readonly client: FakeClient;
  readonly #receiveMaximum: number;
  /** The payload of a Will that is due as soon as the connection is lost. */
  #will: string | undefined;
  readonly #received = new Map<number, Received>();

  constructor(packet: ConnectPacket, client: FakeClient) {
    const { will, properties } = packet;
    this.clientIdentifier = packet.clientIdentifier;
    this.version = packet.protocolVersion;
    this.client = client;
    this.#receiveMaximum = properties.receiveMaximum ?? 65_535;
    if ((will?.properties.willDelayInterval ?? 0) === 0) this.#will = will && asText(will.payload);
  }

  get subscriptions(): ReadonlyMap<string, unknown> {
    return this.client.session.subscriptions;
  }

  get inflight(): readonly Received[] {
    return [...this.#received.values()];
  }

  get inbound(): Iterable<number> {
    return this.client.session.inbound.values();
  }

  /** Checks what came in this step, and that the Will was published if the connection is lost. */
  take(publishedWills: ReadonlySet<string>): void {
    for (const packet of this.client.received()) this.#take(packet);
    if (this.client.isOpen || this.#will === undefined) return;
    assert.ok(publishedWills.has(this.#will), `${this.#will} is not published`);
    this.#will = undefined;
  }

  #take(packet: Packet): void {
    if (packet.type === PacketType.Publish && packet.qos > 0) this.#takePublish(packet);
    if (packet.type !== PacketType.Pubrel) return;
    const { packetIdentifier } = packet;
    const known = this.#received.get(packetIdentifier);
    if (known !== undefined) known.released = true;
    // PUBREL is sent again on a new connection, where its PUBLISH was not.
    else if (packet.reasonCode === 0) {
      this.#received.set(packetIdentifier, {
        qos: 2,
        packetIdentifier,
        released: true,
        counts: false,
      });
    }
  }

  #takePublish({ packetIdentifier, qos }: PublishPacket): void {
    const inUse = this.#received.has(packetIdentifier);
    assert.ok(!inUse, `${this.clientIdentifier}: Packet Identifier ${packetIdentifier} is in use`);
    this.#received.set(packetIdentifier, { qos, packetIdentifier, released: false, counts: true });
    const count = this.inflight.filter(({ counts }) => counts).length;
    assert.ok(count <= this.#receiveMaximum, "more than the Receive Maximum [MQTT-3.3.4-9]");
  }

  /** The client sent this; what the broker answered is not taken yet. */
  acknowledged(packet: Packet): void {
    if (!isAcknowledgement(packet)) return;
    const { type, packetIdentifier, reasonCode } = packet;
    const isOver = type === PacketType.Puback || type === PacketType.Pubcomp ||
      (type === PacketType.Pubrec && reasonCode >= 0x80);
    if (isOver) this.#received.delete(packetIdentifier);
  }
}

function isAcknowledgement(packet: Packet): packet is AcknowledgementPacket {
  return packet.type >= PacketType.Puback && packet.type <= PacketType.Pubcomp;
}
