/**
 * `-D PACKET PROPERTY VALUE`: the MQTT 5 properties of the packets that a client tool sends.
 *
 * Owns the names as they are typed: those of the specification in lower case, with dashes. Which
 * packet may carry which property is in the table in `protocol/property.ts`. Invariant: properties
 * that were let through can be written, each in a packet that may carry it.
 */

import { PacketType, type Properties } from "../../protocol/packet.ts";
import {
  PROPERTY_TABLE,
  type PropertyRow,
  type PropertyScope,
  WILL_PROPERTIES,
} from "../../protocol/property.ts";
import { topicNameFault } from "../../protocol/topic.ts";
import { notAmong, UsageError, wholeNumber } from "./usage_error.ts";

/** The packets that can be given properties; "will" is a part of CONNECT. */
const SCOPES = {
  connect: PacketType.Connect,
  publish: PacketType.Publish,
  subscribe: PacketType.Subscribe,
  unsubscribe: PacketType.Unsubscribe,
  disconnect: PacketType.Disconnect,
  will: WILL_PROPERTIES,
} as const satisfies Readonly<Record<string, PropertyScope>>;

export type PropertyPacket = keyof typeof SCOPES;

/** The properties of each packet, as far as they are given. */
export type PacketProperties = Record<PropertyPacket, Properties>;

/** Mosquitto knows these as well, and refuses them. */
const OTHERS = [
  "connack",
  "puback",
  "pubrec",
  "pubrel",
  "pubcomp",
  "suback",
  "unsuback",
  "auth",
  "pingreq",
  "pingresp",
];

const USER_PROPERTY = "user-property";

const LARGEST: Readonly<Record<string, number>> = {
  byte: 1,
  twoByteInteger: 0xffff,
  fourByteInteger: 0xffff_ffff,
  variableByteInteger: 268_435_455,
};

/** Bytes of a text or of binary data on the wire. */
const LONGEST = 65_535;

const encoder = new TextEncoder();

export function noProperties(): PacketProperties {
  return { connect: {}, publish: {}, subscribe: {}, unsubscribe: {}, disconnect: {}, will: {} };
}

/** How many values follow `-D`: four for a user property, which has a name of its own. */
export function propertyValueCount(propertyName: string | undefined): number {
  return propertyName === USER_PROPERTY ? 4 : 3;
}

/** Adds what the values of one `-D` say; throws `UsageError`. */
export function addProperty(all: PacketProperties, values: readonly string[]): void {
  const [packetText = "", name = "", ...texts] = values;
  const packet = packetOf(packetText);
  const scope: PropertyScope = SCOPES[packet];
  const row = rowOf(name, scope);
  if ((row.scopes >> scope & 1) === 0 || (packet === "publish" && isSubscriptionIdentifier(row))) {
    throw new UsageError(
      `'-D' does not take '${name}' for ${packet}: allowed are ${namesOf(scope).join(", ")}`,
    );
  }
  const properties = all[packet];
  if (row.name === "userProperties") {
    const [key = "", value = ""] = texts;
    checkLength(name, key);
    checkLength(name, value);
    properties.userProperties = [...properties.userProperties ?? [], [key, value]];
    return;
  }
  if (properties[row.name] !== undefined) {
    throw new UsageError(`'-D ${packet} ${name}' is given twice`);
  }
  Object.assign(properties, { [row.name]: valueOf(row, name, texts[0] ?? "") });
}

/** The name as it is typed after `-D`. */
export function typedName(row: PropertyRow): string {
  return row.title.toLowerCase().replaceAll(" ", "-");
}

function packetOf(text: string): PropertyPacket {
  const packet = text.toLowerCase();
  const allowed = Object.keys(SCOPES) as PropertyPacket[];
  const found = allowed.find((name) => name === packet);
  if (found !== undefined) return found;
  if (OTHERS.includes(packet)) {
    throw new UsageError(
      `'-D' does not take the packet '${text}': properties can be given to ${allowed.join(", ")}`,
    );
  }
  throw notAmong("the packet of '-D'", text, allowed);
}

function rowOf(name: string, scope: PropertyScope): PropertyRow {
  const row = PROPERTY_TABLE.find((candidate) => typedName(candidate) === name);
  if (row !== undefined) return row;
  throw notAmong("the property of '-D'", name, namesOf(scope));
}

function namesOf(scope: PropertyScope): readonly string[] {
  return PROPERTY_TABLE.filter((row) =>
    (row.scopes >> scope & 1) === 1 &&
    !(scope === PacketType.Publish && isSubscriptionIdentifier(row))
  ).map(typedName);
}

/** In PUBLISH it is for the server to add. */
function isSubscriptionIdentifier(row: PropertyRow): boolean {
  return row.name === "subscriptionIdentifiers";
}

function valueOf(
  row: PropertyRow,
  name: string,
  text: string,
): number | number[] | string | Uint8Array {
  const largest = LARGEST[row.type];
  if (largest !== undefined) {
    const value = wholeNumber(`-D ${name}`, text, row.minimum, largest);
    return isSubscriptionIdentifier(row) ? [value] : value;
  }
  checkLength(name, text);
  if (row.type === "binaryData") return encoder.encode(text);
  const fault = row.name === "responseTopic" ? topicNameFault(text) : undefined;
  if (fault === undefined) return text;
  throw new UsageError(`'-D ${name}' does not take '${text}': ${fault}`);
}

function checkLength(name: string, text: string): void {
  if (text.includes("\0")) throw new UsageError(`'-D ${name}' does not take U+0000`);
  const { length } = encoder.encode(text);
  if (length <= LONGEST) return;
  throw new UsageError(`'-D ${name}' has ${length} bytes: at most ${LONGEST} are allowed`);
}
