/**
 * `-d`: each packet in a line, as Mosquitto's tools print it, for scripts that look for these lines.
 *
 * Owns the wording. Loaded only with `-d`.
 */

import { escapeControls } from "../../config/escape.ts";
import { toConnectReturnCode } from "../../protocol/legal_reason_code.ts";
import {
  type Packet,
  PacketType,
  type ProtocolVersion,
  type PublishPacket,
  type SubscriptionRequest,
} from "../../protocol/packet.ts";
import { packetName } from "../../protocol/describe.ts";

/** The lines of one packet, without line ends: a SUBSCRIBE has one for each Topic Filter. */
export class DebugLines {
  #version: ProtocolVersion;
  /** As the server knows it; empty until it has assigned one. */
  #clientIdentifier: string;

  constructor(version: ProtocolVersion, clientIdentifier: string) {
    this.#version = version;
    this.#clientIdentifier = clientIdentifier;
  }

  of(direction: "sent" | "received", packet: Packet): readonly string[] {
    if (packet.type === PacketType.Connect) {
      this.#version = packet.protocolVersion;
      this.#clientIdentifier = packet.clientIdentifier;
    }
    if (packet.type === PacketType.Connack) {
      this.#clientIdentifier = packet.properties.assignedClientIdentifier ?? this.#clientIdentifier;
    }
    const verb = direction === "sent" ? "sending" : "received";
    const name = escapeControls(this.#clientIdentifier || "(null)");
    return this.#describe(packet, direction).map((text) => `Client ${name} ${verb} ${text}`)
      .concat(packet.type === PacketType.Suback ? subscribed(packet) : []);
  }

  #describe(packet: Packet, direction: "sent" | "received"): readonly string[] {
    const name = packetName(packet.type);
    switch (packet.type) {
      case PacketType.Connack: {
        const code = this.#version === 5
          ? packet.reasonCode
          : toConnectReturnCode(packet.reasonCode);
        return [`${name} (${code})`];
      }
      case PacketType.Publish:
        return [`${name} (${publishText(packet)})`];
      case PacketType.Puback:
      case PacketType.Pubrec:
      case PacketType.Pubrel:
      case PacketType.Pubcomp:
        return [`${name} ${acknowledgementText(packet, direction)}`];
      case PacketType.Subscribe:
        return packet.subscriptions.map((subscription) =>
          `${name} (Mid: ${packet.packetIdentifier}, ${subscriptionText(subscription)})`
        );
      case PacketType.Unsubscribe:
        return packet.topicFilters.map((filter) =>
          `${name} (Mid: ${packet.packetIdentifier}, Topic: ${escapeControls(filter)})`
        );
      case PacketType.Disconnect:
        return [direction === "sent" ? name : `${name} (${packet.reasonCode})`];
      default:
        return [name];
    }
  }
}

function publishText(packet: PublishPacket): string {
  const { duplicate, qos, retain, packetIdentifier, topicName, payload } = packet;
  const topic = escapeControls(topicName);
  return `d${Number(duplicate)}, q${qos}, r${Number(retain)}, m${packetIdentifier}, '${topic}', ` +
    `... (${payload.length} bytes)`;
}

function acknowledgementText(
  { packetIdentifier, reasonCode, type }: Packet & { packetIdentifier: number; reasonCode: number },
  direction: "sent" | "received",
): string {
  const isAnswer = type === PacketType.Puback || type === PacketType.Pubcomp;
  if (direction === "received") {
    return isAnswer || reasonCode !== 0
      ? `(Mid: ${packetIdentifier}, RC:${reasonCode})`
      : `(Mid: ${packetIdentifier})`;
  }
  const isFirst = type === PacketType.Puback || type === PacketType.Pubrec;
  return isFirst ? `(m${packetIdentifier}, rc${reasonCode})` : `(m${packetIdentifier})`;
}

function subscriptionText(subscription: SubscriptionRequest): string {
  const { topicFilter, qos, noLocal, retainAsPublished, retainHandling } = subscription;
  const options = (noLocal ? 4 : 0) | (retainAsPublished ? 8 : 0) | retainHandling << 4;
  const text = `0x${options.toString(16).padStart(2, "0")}`;
  return `Topic: ${escapeControls(topicFilter)}, QoS: ${qos}, Options: ${text}`;
}

function subscribed(
  { packetIdentifier, reasonCodes }: { packetIdentifier: number; reasonCodes: readonly number[] },
): string {
  return `Subscribed (mid: ${packetIdentifier}): ${reasonCodes.join(", ")}`;
}
