/**
 * A client of the synchronous core on a fake link. Does what `net/connection.ts` does with bytes,
 * without a socket: framing, the one place where a `ProtocolError` becomes a DISCONNECT, the end.
 */

import assert from "node:assert/strict";
import type { ClientIdentity, ListenerTerms } from "../../src/broker/access.ts";
import type { Broker } from "../../src/broker/broker.ts";
import type { Session } from "../../src/broker/session.ts";
import { plainAcknowledgement } from "../../src/protocol/acknowledgement.ts";
import { decodePacket, encodePacket } from "../../src/protocol/codec.ts";
import { Framer } from "../../src/protocol/framer.ts";
import {
  type AcknowledgementPacket,
  type ConnackPacket,
  type ConnectPacket,
  type Packet,
  PacketType,
  type Properties,
  type ProtocolVersion,
  type PublishPacket,
  type UnsubackPacket,
} from "../../src/protocol/packet.ts";
import { PublishFrame } from "../../src/protocol/publish_frame.ts";
import { ProtocolError, ReasonCode } from "../../src/protocol/reason_code.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { FakeLink, publishes } from "./fake_link.ts";
import {
  acknowledgement,
  type Fields,
  type Filter,
  publishPacket,
  publishText,
  subscribePacket,
} from "./packets.ts";

/** Of a client about whom nothing else is said; whatever user name it gives counts as proven. */
export const ANONYMOUS: ClientIdentity = {
  username: undefined,
  groups: [],
  listener: "1883",
  address: "192.168.1.7",
};

const frame = new PublishFrame();

export class FakeClient {
  readonly link: FakeLink;
  /** Who it has proven to be, besides its user name. */
  identity: ClientIdentity = ANONYMOUS;
  terms: ListenerTerms = { maximumQoS: 2 };
  readonly #broker: Broker;
  #session: Session | undefined;
  /** The CONNACK, once it has come. */
  connack: ConnackPacket | undefined;
  /** Why CONNECT was refused. */
  refusal: ProtocolError | undefined;
  /** Why the broker closed the connection, when the client broke the protocol. */
  failure: ProtocolError | undefined;

  constructor(broker: Broker, version: ProtocolVersion, address: string) {
    this.#broker = broker;
    this.link = new FakeLink(version, address);
    this.link.onClose = (reasonCode, reasonString) => this.#closed(reasonCode, reasonString);
  }

  /** The session of a client that was accepted. */
  get session(): Session {
    assert.ok(this.#session, "the client was not accepted");
    return this.#session;
  }
  get isOpen(): boolean {
    return this.link.closed === undefined;
  }

  /** Sends CONNECT, and takes the CONNACK where there is one. */
  connect(packet: ConnectPacket): void {
    this.sendConnect(packet);
    if (this.refusal !== undefined) return;
    const [connack, ...rest] = this.link.take();
    assert.equal(connack?.type, PacketType.Connack);
    this.connack = connack;
    this.#early = rest;
  }

  /** The same, and the CONNACK is left among what is received. */
  sendConnect(packet: ConnectPacket): void {
    const size = packet.properties.maximumPacketSize;
    if (size !== undefined) {
      this.link.maximumPacketSize = size;
      this.link.needsOwnEncoding = true;
    }
    this.input(packet);
  }

  /** What came right behind the CONNACK. */
  #early: Packet[] = [];

  /** These packets arrive in one buffer. */
  input(...packets: Packet[]): void {
    const writer = new Writer(16);
    for (const packet of packets) encodePacket(writer, packet, this.link.protocolVersion);
    this.inputBytes(writer.written());
  }

  /** These bytes, whole packets, arrive in one buffer. */
  inputBytes(bytes: Uint8Array): void {
    assert.ok(this.isOpen, "the connection is closed");
    const buffer = bytes.slice();
    const framer = new Framer();
    try {
      for (let at = 0; this.isOpen && framer.next(buffer, at, buffer.length);) {
        this.#receive(framer, buffer);
        at = framer.bodyEnd;
      }
      this.#broker.settle();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#broker.settle();
      if (this.#session === undefined) this.refusal = error;
      else this.failure = error;
      this.link.close(error.reasonCode, error.message);
    }
    buffer.fill(0xee);
  }

  #receive(framer: Framer, bytes: Uint8Array): void {
    const { header, bodyStart, bodyEnd } = framer;
    const version = this.link.protocolVersion;
    if (this.#session === undefined) {
      const packet = decodePacket(header, bytes, bodyStart, bodyEnd, 5) as ConnectPacket;
      const identity = { ...this.identity, username: packet.username };
      this.#session = this.#broker.connect(this.link, packet, identity, this.terms);
      return;
    }
    const type = bodyEnd - bodyStart === 2 ? plainAcknowledgement(header) : undefined;
    const packetIdentifier = (bytes[bodyStart] as number) << 8 | (bytes[bodyStart + 1] as number);
    if (type !== undefined && packetIdentifier > 0) {
      this.#broker.acknowledge(this.#session, type, packetIdentifier, ReasonCode.Success);
    } else if (header >> 4 === PacketType.Publish) {
      frame.read(header, bytes, bodyStart, bodyEnd, version);
      this.#broker.publish(this.#session, frame);
    } else {
      const packet = decodePacket(header, bytes, bodyStart, bodyEnd, version);
      this.#broker.receive(this.#session, packet);
    }
  }

  #closed(reasonCode: ReasonCode, reasonString: string): void {
    const session = this.#session;
    if (session === undefined) return;
    // DISCONNECT is the last packet, so what waits for this client goes first.
    this.#broker.settle();
    if (session.protocolVersion === 5 && reasonCode !== ReasonCode.Success) {
      const properties = session.problemInformation(reasonString);
      this.link.send({ type: PacketType.Disconnect, reasonCode, properties });
    }
    this.#broker.connectionLost(session, this.link, reasonString);
  }

  // What the client sends.

  publish(topicName: string, payload: string, fields: Fields<PublishPacket> = {}): void {
    this.input(publishPacket(topicName, payload, fields));
  }

  /** Subscribes at QoS 2 where a filter says nothing else; what comes back is not taken. */
  subscribe(filters: Filter | readonly Filter[], properties: Properties = {}): void {
    const list = typeof filters === "string" || !Array.isArray(filters) ? [filters] : filters;
    this.input(subscribePacket(list as readonly Filter[], properties));
  }

  /** The same, and the SUBACK is taken. */
  subscribed(filters: Filter | readonly Filter[], properties: Properties = {}): this {
    this.subscribe(filters, properties);
    const [suback] = this.received();
    assert.equal(suback?.type, PacketType.Suback);
    return this;
  }

  unsubscribe(...topicFilters: string[]): UnsubackPacket {
    this.input({
      type: PacketType.Unsubscribe,
      packetIdentifier: 8,
      topicFilters,
      properties: {},
    });
    const [unsuback] = this.received();
    assert.equal(unsuback?.type, PacketType.Unsuback);
    return unsuback;
  }

  acknowledge(
    type: AcknowledgementPacket["type"],
    packetIdentifier: number,
    reasonCode: ReasonCode = 0,
  ): void {
    this.input(acknowledgement(type, packetIdentifier, reasonCode));
  }

  disconnect(reasonCode: ReasonCode = 0, properties: Properties = {}): void {
    this.input({ type: PacketType.Disconnect, reasonCode, properties });
  }

  /** The network connection breaks. */
  lose(): void {
    this.#broker.connectionLost(this.session, this.link, "lost");
    this.#broker.settle();
    this.link.closed = { reasonCode: ReasonCode.UnspecifiedError, reasonString: "lost" };
  }

  /** The network took everything that waited for it. */
  drain(): void {
    this.link.isCongested = false;
    this.session.pump();
  }

  // What the client got.

  /** The packets that came since the last call. */
  received(): Packet[] {
    return [...this.#early.splice(0), ...this.link.take()];
  }

  /** The PUBLISH packets that came, in one line each; every other packet is dropped. */
  messages(): string[] {
    return publishes(this.received()).map(publishText);
  }
}
