/**
 * What a tool sent, as lines that expected results can be written in: every packet with all that the
 * flags of the tools can change, without Packet Identifiers.
 *
 * Defaults are left out, so that a line shows what a flag did.
 */

import { packetName } from "../../src/protocol/describe.ts";
import { type Packet, PacketType, type Properties, type Will } from "../../src/protocol/packet.ts";
import { PROPERTY_TABLE } from "../../src/protocol/property.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Texts and short payloads as they are, what is no UTF-8 in hexadecimal. */
export function shown(value: string | Uint8Array): string {
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  if (bytes.length > 60) return `${bytes.length} bytes`;
  const text = decoder.decode(bytes);
  const isText = encoder.encode(text).every((byte, index) => byte === bytes[index]);
  if (isText && !/\p{Cc}/u.test(text)) return `'${text}'`;
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** One packet: "PUBLISH 't' q1 retain 'payload' contentType='text/plain'". */
export function packetLine(packet: Packet): string {
  return [packetName(packet.type), ...parts(packet)].join(" ");
}

function parts(packet: Packet): string[] {
  switch (packet.type) {
    case PacketType.Connect:
      return [
        `v${packet.protocolVersion}`,
        shown(packet.clientIdentifier),
        ...(packet.cleanStart ? [] : ["resume"]),
        ...(packet.keepAlive === 60 ? [] : [`k${packet.keepAlive}`]),
        ...(packet.username === undefined ? [] : [`user ${shown(packet.username)}`]),
        ...(packet.password === undefined ? [] : [`password ${shown(packet.password)}`]),
        ...(packet.will === undefined ? [] : willParts(packet.will)),
        ...propertyParts(packet.properties),
      ];
    case PacketType.Publish:
      return messageParts(packet);
    case PacketType.Subscribe:
      return [
        ...packet.subscriptions.map((subscription) =>
          [
            `${shown(subscription.topicFilter)} q${subscription.qos}`,
            ...(subscription.noLocal ? ["noLocal"] : []),
            ...(subscription.retainAsPublished ? ["retainAsPublished"] : []),
            ...(subscription.retainHandling === 0
              ? []
              : [`handling${subscription.retainHandling}`]),
          ].join(" ")
        ),
        ...propertyParts(packet.properties),
      ];
    case PacketType.Unsubscribe:
      return [...packet.topicFilters.map(shown), ...propertyParts(packet.properties)];
    case PacketType.Pingreq:
    case PacketType.Pingresp:
      return [];
    default:
      return [...reasonPart(packet), ...propertyParts(packet.properties)];
  }
}

function reasonPart(packet: Packet): string[] {
  if (!("reasonCode" in packet) || packet.reasonCode === 0) return [];
  return [`0x${packet.reasonCode.toString(16).padStart(2, "0")}`];
}

function willParts(will: Will): string[] {
  return [`will (${messageParts(will).join(" ")})`];
}

function messageParts(message: Omit<Will, "topicName"> & { readonly topicName: string }): string[] {
  return [
    `${shown(message.topicName)} q${message.qos}`,
    ...(message.retain ? ["retain"] : []),
    shown(message.payload),
    ...propertyParts(message.properties),
  ];
}

/** In the order of the property table, so that the order of the flags does not matter. */
function propertyParts(properties: Properties): string[] {
  return PROPERTY_TABLE.flatMap(({ name }) => {
    const value = properties[name];
    if (value === undefined) return [];
    return [`${name}=${typeof value === "number" ? value : valueText(value)}`];
  });
}

function valueText(value: NonNullable<Properties[keyof Properties]>): string {
  if (typeof value === "string" || value instanceof Uint8Array) return shown(value);
  if (typeof value === "number") return String(value);
  return value.map((each) => typeof each === "number" ? String(each) : each.map(shown).join(":"))
    .join(",");
}
