/**
 * What a connected client sends: packets of the read buffer, handed to the broker.
 *
 * Owns the inbound Topic Aliases and the translation to the mount point: the broker sees whole Topic
 * Names and Topic Filters. PUBLISH is not decoded into an object unless packets are logged.
 */

import type { Broker } from "../broker/broker.ts";
import type { Session } from "../broker/session.ts";
import { plainAcknowledgement } from "../protocol/acknowledgement.ts";
import { decodePacket } from "../protocol/codec.ts";
import type { Framer } from "../protocol/framer.ts";
import {
  type AuthPacket,
  type Packet,
  PacketType,
  type ProtocolVersion,
} from "../protocol/packet.ts";
import { PublishFrame } from "../protocol/publish_frame.ts";
import { malformed, ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import type { ConnectionEvents } from "./connection_events.ts";
import type { MessageRate } from "./message_rate.ts";
import type { MountPoint } from "./mount_point.ts";
import { InboundTopicAliases } from "./topic_aliases.ts";

/** What it tells the connection. */
export interface InboundOwner {
  /** AUTH has come: re-authentication. */
  authReceived(packet: AuthPacket): void;
  /** The client publishes too fast: nothing more is to be handled for so many milliseconds. */
  slowDown(milliseconds: number): void;
}

/** What it needs to know of the connection. */
export interface InboundOptions {
  readonly broker: Broker;
  readonly events: ConnectionEvents;
  readonly mountPoint: MountPoint | undefined;
  readonly rate: MessageRate | undefined;
}

/** Filled again for every PUBLISH: the core is synchronous, so one is enough. */
const frame = new PublishFrame();

export class Inbound {
  readonly #session: Session;
  readonly #version: ProtocolVersion;
  readonly #broker: Broker;
  readonly #events: ConnectionEvents;
  readonly #mountPoint: MountPoint | undefined;
  readonly #rate: MessageRate | undefined;
  readonly #owner: InboundOwner;
  #aliases: InboundTopicAliases | undefined;

  constructor(session: Session, options: InboundOptions, owner: InboundOwner) {
    this.#session = session;
    this.#version = session.protocolVersion;
    this.#broker = options.broker;
    this.#events = options.events;
    this.#mountPoint = options.mountPoint;
    this.#rate = options.rate;
    this.#owner = owner;
  }

  /** Acts on the packet that `framer` has found in `bytes`. Throws `ProtocolError`. */
  receive(framer: Framer, bytes: Uint8Array): void {
    const { header, bodyStart, bodyEnd } = framer;
    const type = header >> 4;
    if (type === PacketType.Connect) { // [MQTT-3.1.0-2]; its version may be one we do not know.
      throw new ProtocolError(ReasonCode.ProtocolError, "A second CONNECT");
    }
    if (this.#version === 5 && !framer.shortestForm) {
      throw malformed("Cannot decode Remaining Length: not in shortest form"); // [MQTT-1.5.5-1]
    }
    if (type === PacketType.Publish) this.#receivePublish(header, bytes, bodyStart, bodyEnd);
    else this.#receiveOther(header, bytes, bodyStart, bodyEnd);
  }

  #receivePublish(header: number, bytes: Uint8Array, bodyStart: number, bodyEnd: number): void {
    const broker = this.#broker;
    if (this.#events.packetReceived !== undefined) this.#trace(header, bytes, bodyStart, bodyEnd);
    frame.read(header, bytes, bodyStart, bodyEnd, this.#version);
    const alias = frame.properties.topicAlias;
    if (alias !== undefined) this.#resolveAlias(alias);
    if (this.#mountPoint !== undefined) this.#mountPoint.enterPublish(frame);
    broker.statistics.publishReceived++;
    broker.statistics.publishBytesReceived += bodyEnd - bodyStart;
    broker.publish(this.#session, frame);
    if (this.#rate !== undefined) this.#count(this.#rate);
  }

  #receiveOther(header: number, bytes: Uint8Array, bodyStart: number, bodyEnd: number): void {
    const session = this.#session;
    if (bodyEnd - bodyStart === 2 && this.#events.packetReceived === undefined) {
      const type = plainAcknowledgement(header);
      const packetIdentifier = (bytes[bodyStart] as number) << 8 | (bytes[bodyStart + 1] as number);
      if (type !== undefined && packetIdentifier > 0) {
        return this.#broker.acknowledge(session, type, packetIdentifier, ReasonCode.Success);
      }
    }
    const packet = decodePacket(header, bytes, bodyStart, bodyEnd, this.#version);
    this.#events.packetReceived?.(session.clientIdentifier, packet, this.#version);
    if (packet.type === PacketType.Auth) this.#owner.authReceived(packet);
    else this.#broker.receive(session, this.#mounted(packet));
  }

  #trace(header: number, bytes: Uint8Array, bodyStart: number, bodyEnd: number): void {
    const packet = decodePacket(header, bytes, bodyStart, bodyEnd, this.#version);
    this.#events.packetReceived?.(this.#session.clientIdentifier, packet, this.#version);
  }

  #count(rate: MessageRate): void {
    const waitMs = rate.count(this.#broker.nowMs());
    if (waitMs > 0) this.#owner.slowDown(waitMs);
  }

  #resolveAlias(alias: number): void {
    this.#aliases ??= new InboundTopicAliases(this.#broker.limits.topicAliasMaximum);
    this.#aliases.resolve(frame, alias);
  }

  #mounted(packet: Packet): Packet {
    const mountPoint = this.#mountPoint;
    if (mountPoint === undefined) return packet;
    if (packet.type === PacketType.Subscribe) return mountPoint.enterSubscribe(packet);
    if (packet.type === PacketType.Unsubscribe) return mountPoint.enterUnsubscribe(packet);
    return packet;
  }
}
