/**
 * The broker's `Link` to one client: encodes packets into the connection's output.
 *
 * Owns the outbound Topic Aliases and what the client said it can take, and takes the mount point off
 * Topic Names. Nothing here waits; the connection flushes when the batch of input is handled.
 */

import { LARGE_BUFFER_BYTES } from "../broker/buffer_pool.ts";
import type { Link } from "../broker/link.ts";
import type { Message } from "../broker/message.ts";
import type { SharedChunk } from "../broker/shared_chunk.ts";
import type { Statistics } from "../broker/statistics.ts";
import { encodePacket } from "../protocol/codec.ts";
import { LARGEST_PACKET_BYTES } from "../protocol/framer.ts";
import type { AcknowledgementPacket, ConnectPacket, Packet } from "../protocol/packet.ts";
import type { Properties } from "../protocol/packet.ts";
import { PacketType, type ProtocolVersion } from "../protocol/packet.ts";
import {
  type PublishEnvelope,
  publishRemainingLength,
  writePublish,
} from "../protocol/publish_frame.ts";
import type { ReasonCode } from "../protocol/reason_code.ts";
import { variableByteIntegerLength, type Writer } from "../protocol/writer.ts";
import type { MountPoint } from "./mount_point.ts";
import type { Output } from "./output.ts";
import { cutReason } from "./reason_text.ts";
import { OutboundTopicAliases } from "./topic_aliases.ts";

export interface LinkLimits {
  /** Output of one client, in bytes, from which on it is congested. */
  readonly maximumBufferedBytesPerClient: number;
  /** Output of all clients together, in bytes. */
  readonly maximumBufferedBytes: number;
  /** Topic Aliases given to one client at most; 0: none. */
  readonly topicAliasMaximumTowardsClient: number;
}

/** What a login adds to a link. */
export interface LinkLogin {
  readonly mountPoint: MountPoint | undefined;
  readonly unprovenUsername: string | undefined;
  /** Takes the place of what the broker says in CONNACK (MQTT 5). */
  readonly connack: Properties;
}

export class ClientLink implements Link {
  readonly protocolVersion: ProtocolVersion;
  readonly remoteAddress: string;
  readonly #output: Output;
  readonly #statistics: Statistics;
  readonly #limits: LinkLimits;
  readonly #maximumPacketSize: number;
  readonly #aliases: OutboundTopicAliases | undefined;
  readonly #close: (reasonCode: ReasonCode, reasonString: string) => void;
  #mountPoint: MountPoint | undefined;
  #connack: Properties | undefined;
  #unprovenUsername: string | undefined;

  constructor(
    packet: ConnectPacket,
    remoteAddress: string,
    output: Output,
    statistics: Statistics,
    limits: LinkLimits,
    close: (reasonCode: ReasonCode, reasonString: string) => void,
  ) {
    this.protocolVersion = packet.protocolVersion;
    this.remoteAddress = remoteAddress;
    this.#output = output;
    this.#statistics = statistics;
    this.#limits = limits;
    this.#maximumPacketSize = packet.properties.maximumPacketSize ?? LARGEST_PACKET_BYTES;
    const aliases = Math.min(
      packet.properties.topicAliasMaximum ?? 0, // [MQTT-3.1.2-26] [MQTT-3.1.2-27]
      limits.topicAliasMaximumTowardsClient,
    );
    this.#aliases = aliases > 0 ? new OutboundTopicAliases(aliases) : undefined;
    this.#close = close;
  }

  /** The login is over, and the broker gets to know this link: what holds for it from now on. */
  accept({ mountPoint, unprovenUsername, connack }: LinkLogin): void {
    this.#mountPoint = mountPoint;
    this.#unprovenUsername = unprovenUsername;
    this.#connack = connack;
  }

  /** The User Name of a client where nothing proves names; for the log alone. */
  get unprovenUsername(): string | undefined {
    return this.#unprovenUsername;
  }

  get isCongested(): boolean {
    const { bufferedBytes } = this.#output;
    if (bufferedBytes > this.#limits.maximumBufferedBytesPerClient) return true;
    // A few slow readers can use up what all have together; who keeps up must not pay for them.
    const { bufferedBytes: total, clientsConnected } = this.#statistics;
    const { maximumBufferedBytes } = this.#limits;
    return total > maximumBufferedBytes && bufferedBytes > maximumBufferedBytes / clientsConnected;
  }

  /** Small messages always fit: `isCongested` bounds them. */
  hasRoomFor(bytes: number): boolean {
    const total = this.#statistics.bufferedBytes;
    return bytes < LARGE_BUFFER_BYTES || total === 0 ||
      total + bytes <= this.#limits.maximumBufferedBytes;
  }

  get needsOwnEncoding(): boolean {
    return this.#aliases !== undefined || this.#mountPoint !== undefined ||
      this.#maximumPacketSize < LARGEST_PACKET_BYTES;
  }

  send(packet: Packet): void {
    const writer = this.#output.writer();
    const start = writer.length;
    encodePacket(writer, withCutReason(this.#withLogin(packet)), this.protocolVersion);
    if (writer.length - start > this.#maximumPacketSize) this.#sendShorter(writer, start, packet);
    this.#statistics.messagesSent++;
  }

  #withLogin(packet: Packet): Packet {
    if (packet.type !== PacketType.Connack || this.protocolVersion < 5) return packet;
    return { ...packet, properties: { ...packet.properties, ...this.#connack } };
  }

  /**
   * Leaves out what is for people when the client cannot take it [MQTT-3.14.2-3] and the like; what
   * is still too large is not sent [MQTT-3.1.2-24].
   */
  #sendShorter(writer: Writer, start: number, packet: Packet): void {
    writer.length = start;
    if (!("properties" in packet)) return;
    const { reasonString: _reason, userProperties: _user, ...properties } = packet.properties;
    encodePacket(writer, { ...packet, properties } as Packet, this.protocolVersion);
    if (writer.length - start > this.#maximumPacketSize) writer.length = start;
  }

  acknowledge(type: AcknowledgementPacket["type"], packetIdentifier: number): void {
    const writer = this.#output.writer();
    writer.reserve(4);
    writer.byte(type << 4 | (type === PacketType.Pubrel ? 2 : 0));
    writer.byte(2);
    writer.twoByteInteger(packetIdentifier);
    this.#statistics.messagesSent++;
  }

  publish(message: Message, envelope: PublishEnvelope): boolean {
    const content = this.#mountPoint === undefined ? message : this.#mountPoint.leave(message);
    if (content === undefined) return false;
    this.#aliases?.apply(message.topic.name, envelope);
    if (this.#maximumPacketSize < LARGEST_PACKET_BYTES) {
      const length = publishRemainingLength(this.protocolVersion, content, envelope);
      if (1 + variableByteIntegerLength(length) + length > this.#maximumPacketSize) {
        if (!envelope.topicNameKnown) this.#aliases?.forget(message.topic.name);
        return false;
      }
    }
    const writer = this.#output.writer();
    const start = writer.length;
    writePublish(writer, this.protocolVersion, content, envelope);
    // Counted at once: the next of many receivers has to see it.
    if (writer.length >= LARGE_BUFFER_BYTES) this.#output.endTail();
    this.#count(1, writer.length - start);
    return true;
  }

  publishEncoded(chunk: SharedChunk, count: number): void {
    this.#output.share(chunk);
    this.#count(count, chunk.bytes.length);
  }

  #count(messages: number, bytes: number): void {
    this.#statistics.messagesSent += messages;
    this.#statistics.publishSent += messages;
    this.#statistics.publishBytesSent += bytes;
  }

  gate(commit: number): void {
    if (commit > 0) this.#output.gate(commit);
  }

  close(reasonCode: ReasonCode, reasonString: string): void {
    this.#close(reasonCode, reasonString);
  }
}

function withCutReason(packet: Packet): Packet {
  if (!("properties" in packet)) return packet;
  const { reasonString } = packet.properties;
  if (reasonString === undefined) return packet;
  const properties = { ...packet.properties, reasonString: cutReason(reasonString) };
  return { ...packet, properties } as Packet;
}
