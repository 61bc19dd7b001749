/**
 * One readable line for every packet, for logs (`--verbose`) and test failures.
 *
 * Says what a person asks first: who, what, how large. Never shows payloads, passwords,
 * authentication data, correlation data or user properties; texts of the peer are shortened and
 * their control characters escaped, so that no packet can forge a line of the log.
 */

import { toConnectReturnCode } from "./legal_reason_code.ts";
import {
  type ConnackPacket,
  type ConnectPacket,
  type DisconnectPacket,
  type Packet,
  PacketType,
  type Properties,
  type ProtocolVersion,
  type PublishPacket,
  type SubscriptionRequest,
} from "./packet.ts";
import { ReasonCode } from "./reason_code.ts";

/** Characters of a text that are shown. */
const SHOWN_CHARACTERS = 200;

const PACKET_NAMES: Readonly<Record<PacketType, string>> = {
  [PacketType.Connect]: "CONNECT",
  [PacketType.Connack]: "CONNACK",
  [PacketType.Publish]: "PUBLISH",
  [PacketType.Puback]: "PUBACK",
  [PacketType.Pubrec]: "PUBREC",
  [PacketType.Pubrel]: "PUBREL",
  [PacketType.Pubcomp]: "PUBCOMP",
  [PacketType.Subscribe]: "SUBSCRIBE",
  [PacketType.Suback]: "SUBACK",
  [PacketType.Unsubscribe]: "UNSUBSCRIBE",
  [PacketType.Unsuback]: "UNSUBACK",
  [PacketType.Pingreq]: "PINGREQ",
  [PacketType.Pingresp]: "PINGRESP",
  [PacketType.Disconnect]: "DISCONNECT",
  [PacketType.Auth]: "AUTH",
};

/** The versions as people write them. */
export const VERSION_NAMES: Readonly<Record<ProtocolVersion, string>> = {
  3: "3.1",
  4: "3.1.1",
  5: "5",
};

const REASON_TEXTS: ReadonlyMap<number, string> = new Map(
  Object.entries(ReasonCode).map(([name, value]) => [value, sentenceOf(name)]),
);

/**
 * Describes `packet` as it travels in `version`, without who sent it: "PUBLISH (d0, q1, r0, m5,
 * 'home/temp', 21 bytes)". `d` is DUP, `q` QoS, `r` RETAIN, `m` Packet Identifier, `c` Clean Start,
 * `k` Keep Alive, `s` Session Present.
 */
export function describePacket(packet: Packet, version: ProtocolVersion): string {
  const parts = partsOf(packet, version);
  const name = PACKET_NAMES[packet.type];
  return parts.length === 0 ? name : `${name} (${parts.join(", ")})`;
}

/** The specification's name of a packet type: "PUBLISH". */
export function packetName(type: PacketType): string {
  return PACKET_NAMES[type];
}

/** A Reason Code for people: "0x87 Not authorized". */
export function describeReasonCode(reasonCode: ReasonCode): string {
  const code = `0x${reasonCode.toString(16).padStart(2, "0")}`;
  const text = REASON_TEXTS.get(reasonCode);
  return text === undefined ? code : `${code} ${text}`;
}

/** A text of the peer between quotes: shortened, and safe to print. */
export function quoteText(text: string): string {
  const shown = text.slice(0, SHOWN_CHARACTERS).replace(
    /[\\'\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (character) =>
      character === "'" || character === "\\"
        ? `\\${character}`
        : `\\u{${(character.codePointAt(0) as number).toString(16)}}`,
  );
  return text.length > SHOWN_CHARACTERS ? `'${shown}...'` : `'${shown}'`;
}

function partsOf(packet: Packet, version: ProtocolVersion): string[] {
  switch (packet.type) {
    case PacketType.Connect:
      return connectParts(packet);
    case PacketType.Connack:
      return connackParts(packet, version);
    case PacketType.Publish:
      return publishParts(packet);
    case PacketType.Puback:
    case PacketType.Pubrec:
    case PacketType.Pubrel:
    case PacketType.Pubcomp:
      return identifiedParts(
        packet,
        version === 5 ? [describeReasonCode(packet.reasonCode)] : [],
      );
    case PacketType.Subscribe:
      return identifiedParts(packet, packet.subscriptions.map(subscriptionPart));
    case PacketType.Unsubscribe:
      return identifiedParts(packet, packet.topicFilters.map(quoteText));
    case PacketType.Suback:
      return identifiedParts(packet, packet.reasonCodes.map(subackPart));
    case PacketType.Unsuback:
      return identifiedParts(packet, packet.reasonCodes.map(describeReasonCode));
    case PacketType.Pingreq:
    case PacketType.Pingresp:
      return [];
    case PacketType.Disconnect:
      return version < 5 ? [] : disconnectParts(packet);
    case PacketType.Auth:
      return [describeReasonCode(packet.reasonCode), ...propertyParts(packet.properties)];
  }
}

function connectParts(packet: ConnectPacket): string[] {
  const { will, username, password } = packet;
  const parts = [
    `MQTT ${VERSION_NAMES[packet.protocolVersion]}`,
    `c${bit(packet.cleanStart)}`,
    `k${packet.keepAlive}`,
    quoteText(packet.clientIdentifier),
  ];
  if (packet.bridge) parts.push("bridge");
  if (username !== undefined) parts.push(`user ${quoteText(username)}`);
  if (password !== undefined) parts.push("with password");
  if (will !== undefined) {
    parts.push(
      `will ${quoteText(will.topicName)} q${will.qos} r${bit(will.retain)} ` +
        [byteCount(will.payload.length), ...propertyParts(will.properties)].join(" "),
    );
  }
  return [...parts, ...propertyParts(packet.properties)];
}

function connackParts(packet: ConnackPacket, version: ProtocolVersion): string[] {
  const reason = describeReasonCode(packet.reasonCode);
  return [
    `s${bit(packet.sessionPresent)}`,
    version === 5 ? reason : `${toConnectReturnCode(packet.reasonCode)} ${reason.slice(5)}`,
    ...propertyParts(packet.properties),
  ];
}

function publishParts(packet: PublishPacket): string[] {
  return [
    `d${bit(packet.duplicate)}`,
    `q${packet.qos}`,
    `r${bit(packet.retain)}`,
    `m${packet.packetIdentifier}`,
    quoteText(packet.topicName),
    ...propertyParts(packet.properties),
    byteCount(packet.payload.length),
  ];
}

function disconnectParts(packet: DisconnectPacket): string[] {
  const reason = packet.reasonCode === ReasonCode.Success
    ? "0x00 Normal disconnection"
    : describeReasonCode(packet.reasonCode);
  return [reason, ...propertyParts(packet.properties)];
}

/** What packets with a Packet Identifier and a list have in common. */
function identifiedParts(
  packet: { packetIdentifier: number; properties: Properties },
  parts: string[],
): string[] {
  return [`m${packet.packetIdentifier}`, ...parts, ...propertyParts(packet.properties)];
}

function subackPart(reasonCode: ReasonCode): string {
  return reasonCode <= 2 ? `q${reasonCode}` : describeReasonCode(reasonCode);
}

function subscriptionPart(subscription: SubscriptionRequest): string {
  const { topicFilter, qos, noLocal, retainAsPublished, retainHandling } = subscription;
  return `${quoteText(topicFilter)} q${qos}` + (noLocal ? " No Local" : "") +
    (retainAsPublished ? " Retain As Published" : "") +
    (retainHandling === 0 ? "" : ` Retain Handling ${retainHandling}`);
}

function propertyParts(properties: Properties): string[] {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(properties)) {
    if (name === "userProperties") parts.push(`userProperties ${(value as unknown[]).length}`);
    else if (typeof value === "string") parts.push(`${name} ${quoteText(value)}`);
    else if (value instanceof Uint8Array) parts.push(`${name} ${byteCount(value.length)}`);
    else parts.push(`${name} ${value}`);
  }
  return parts;
}

function byteCount(count: number): string {
  return count === 1 ? "1 byte" : `${count} bytes`;
}

function bit(flag: boolean): 0 | 1 {
  return flag ? 1 : 0;
}

/** "NotAuthorized" becomes "Not authorized", "QoSNotSupported" "QoS not supported". */
function sentenceOf(name: string): string {
  const words = name.replace(/QoS/g, "Qos").replace(/(?<!^)([A-Z])/g, " $1").toLowerCase();
  return (words.charAt(0).toUpperCase() + words.slice(1)).replace(/\bqos/gi, "QoS")
    .replace("Re auth", "Re-auth");
}
