/**
 * Properties of MQTT 5 (section 2.2.2): one table, and the reading and writing driven by it.
 *
 * The table owns what each property is called, how it is stored and where it may appear. What a
 * value means is for whoever handles the packet. Invariant: what `readProperties` returns is valid
 * for its packet and `writeProperties` turns it into the same bytes, properties in the same order
 * (several values of one property are written where its first value stood).
 */

import { PacketType, type Properties, type UserProperty } from "./packet.ts";
import { Reader } from "./reader.ts";
import { malformed, ProtocolError, ReasonCode } from "./reason_code.ts";
import { topicNameFault } from "./topic.ts";
import { Writer } from "./writer.ts";

/** Where properties stand: in the Variable Header of a packet, or in the Will Properties. */
export const WILL_PROPERTIES = 0;
export type PropertyScope = PacketType | typeof WILL_PROPERTIES;

/** What an empty property block is read as. Frozen and shared: reading it allocates nothing. */
export const NO_PROPERTIES: Properties = Object.freeze({});

/** Data representation on the wire (section 1.5). A "byte" is 0 or 1 in every property. */
export type PropertyType =
  | "byte"
  | "twoByteInteger"
  | "fourByteInteger"
  | "variableByteInteger"
  | "utf8String"
  | "utf8StringPair"
  | "binaryData";

export type PropertyName = keyof Properties;

/** One row of MQTT 5 table 2-4. */
export interface PropertyRow {
  identifier: number;
  name: PropertyName;
  /** The specification's name, for messages. */
  title: string;
  type: PropertyType;
  /** Bit set over `PropertyScope`: where the property may appear. */
  scopes: number;
  /** Bit set over `PropertyScope`: where it may appear more than once. */
  repeatableIn: number;
  /** Smallest number allowed; 1 for those whose 0 is a Protocol Error. */
  minimum: number;
}

/** One value of a property; properties that may repeat hold a list of them. */
type PropertyValue = number | string | Uint8Array | UserProperty;
type PropertyBag = Partial<Record<PropertyName, PropertyValue | PropertyValue[]>>;

const P = PacketType;
const WILL = WILL_PROPERTIES;
const ACKNOWLEDGEMENTS = [P.Puback, P.Pubrec, P.Pubrel, P.Pubcomp, P.Suback, P.Unsuback];
const ANSWERS = [P.Connack, ...ACKNOWLEDGEMENTS, P.Disconnect, P.Auth];
const EVERYWHERE: PropertyScope[] = [
  P.Connect,
  P.Publish,
  WILL,
  P.Subscribe,
  P.Unsubscribe,
  ...ANSWERS,
];

/** MQTT 5 table 2-4, in the order of the identifiers. */
export const PROPERTY_TABLE: readonly PropertyRow[] = [
  row(0x01, "payloadFormatIndicator", "byte", [P.Publish, WILL]),
  row(0x02, "messageExpiryInterval", "fourByteInteger", [P.Publish, WILL]),
  row(0x03, "contentType", "utf8String", [P.Publish, WILL]),
  row(0x08, "responseTopic", "utf8String", [P.Publish, WILL]),
  row(0x09, "correlationData", "binaryData", [P.Publish, WILL]),
  row(0x0b, "subscriptionIdentifiers", "variableByteInteger", [P.Publish, P.Subscribe], {
    repeatableIn: [P.Publish],
    minimum: 1,
  }),
  row(0x11, "sessionExpiryInterval", "fourByteInteger", [P.Connect, P.Connack, P.Disconnect]),
  row(0x12, "assignedClientIdentifier", "utf8String", [P.Connack]),
  row(0x13, "serverKeepAlive", "twoByteInteger", [P.Connack]),
  row(0x15, "authenticationMethod", "utf8String", [P.Connect, P.Connack, P.Auth]),
  row(0x16, "authenticationData", "binaryData", [P.Connect, P.Connack, P.Auth]),
  row(0x17, "requestProblemInformation", "byte", [P.Connect]),
  row(0x18, "willDelayInterval", "fourByteInteger", [WILL]),
  row(0x19, "requestResponseInformation", "byte", [P.Connect]),
  row(0x1a, "responseInformation", "utf8String", [P.Connack]),
  row(0x1c, "serverReference", "utf8String", [P.Connack, P.Disconnect]),
  row(0x1f, "reasonString", "utf8String", ANSWERS),
  row(0x21, "receiveMaximum", "twoByteInteger", [P.Connect, P.Connack], { minimum: 1 }),
  row(0x22, "topicAliasMaximum", "twoByteInteger", [P.Connect, P.Connack]),
  row(0x23, "topicAlias", "twoByteInteger", [P.Publish], { minimum: 1 }),
  row(0x24, "maximumQoS", "byte", [P.Connack]),
  row(0x25, "retainAvailable", "byte", [P.Connack]),
  row(0x26, "userProperties", "utf8StringPair", EVERYWHERE, { repeatableIn: EVERYWHERE }),
  row(0x27, "maximumPacketSize", "fourByteInteger", [P.Connect, P.Connack], { minimum: 1 }),
  row(0x28, "wildcardSubscriptionAvailable", "byte", [P.Connack]),
  row(0x29, "subscriptionIdentifierAvailable", "byte", [P.Connack]),
  row(0x2a, "sharedSubscriptionAvailable", "byte", [P.Connack]),
];

const ROW_BY_IDENTIFIER: ReadonlyMap<number, PropertyRow> = new Map(
  PROPERTY_TABLE.map((property) => [property.identifier, property]),
);
const ROW_BY_NAME: ReadonlyMap<string, PropertyRow> = new Map(
  PROPERTY_TABLE.map((property) => [property.name, property]),
);

/** Largest value of the number types; the others have no limit of their own. */
const LARGEST: Partial<Record<PropertyType, number>> = {
  byte: 1,
  twoByteInteger: 0xffff,
  fourByteInteger: 0xffff_ffff,
  variableByteInteger: 268_435_455,
};

/**
 * Reads Property Length and the properties of `scope`. Throws `ProtocolError` 0x81 when they cannot
 * be parsed or do not belong there, 0x82 for a repeated property or a value that is not allowed,
 * 0x94 for Topic Alias 0.
 */
export function readProperties(reader: Reader, scope: PropertyScope): Properties {
  const length = reader.variableByteInteger("Property Length");
  if (length === 0) return NO_PROPERTIES;
  const start = reader.take(length, "Properties");
  const block = new Reader(reader.bytes, start, reader.position);
  const properties: PropertyBag = {};
  while (block.remaining > 0) readProperty(block, scope, properties);
  return properties as Properties;
}

/** Writes Property Length and `properties` [MQTT-2.2.2-1]. Errors as `encodeProperties`. */
export function writeProperties(
  writer: Writer,
  scope: PropertyScope,
  properties: Properties,
): void {
  const start = writer.beginLength();
  writeAll(writer, scope, properties);
  writer.endLength(start);
}

/**
 * The bytes of `properties` without Property Length. Throws an `Error` (our bug, not the peer's)
 * when a property does not belong in `scope` or its value cannot be stored.
 */
export function encodeProperties(scope: PropertyScope, properties: Properties): Uint8Array {
  const writer = new Writer(64);
  writeAll(writer, scope, properties);
  return writer.written();
}

function row(
  identifier: number,
  name: PropertyName,
  type: PropertyType,
  scopes: PropertyScope[],
  options: { repeatableIn?: PropertyScope[]; minimum?: number } = {},
): PropertyRow {
  return {
    identifier,
    name,
    title: titleOf(name),
    type,
    scopes: bitSet(scopes),
    repeatableIn: bitSet(options.repeatableIn ?? []),
    minimum: options.minimum ?? 0,
  };
}

function bitSet(scopes: PropertyScope[]): number {
  return scopes.reduce<number>((set, scope) => set | 1 << scope, 0);
}

/** "userProperties" becomes "User Property": the specification names them in the singular. */
function titleOf(name: PropertyName): string {
  const words = name.replace(/([a-z])([A-Z])/g, "$1 $2").replace("Qo S", "QoS");
  return (words.charAt(0).toUpperCase() + words.slice(1))
    .replace(/ies$/, "y").replace(/Identifiers$/, "Identifier");
}

function readProperty(block: Reader, scope: PropertyScope, properties: PropertyBag): void {
  const identifier = block.variableByteInteger("Property Identifier");
  const property = ROW_BY_IDENTIFIER.get(identifier);
  if (property === undefined) {
    throw malformed(`Cannot decode Properties: 0x${identifier.toString(16)} is not a property`);
  }
  if ((property.scopes >> scope & 1) === 0) {
    throw malformed(`Cannot decode Properties: ${property.title} does not belong here`);
  }
  const present = properties[property.name];
  if (present !== undefined && (property.repeatableIn >> scope & 1) === 0) {
    throw new ProtocolError(
      ReasonCode.ProtocolError,
      `Cannot accept ${property.title}: it is there more than once`,
    );
  }
  const value = readValue(block, property);
  if (!isList(property)) properties[property.name] = value;
  else if (present === undefined) properties[property.name] = [value];
  else (present as PropertyValue[]).push(value);
}

/** Subscription Identifiers and User Properties are lists even where only one may stand. */
function isList(property: PropertyRow): boolean {
  return property.repeatableIn !== 0;
}

function readValue(block: Reader, property: PropertyRow): PropertyValue {
  const title = property.title;
  switch (property.type) {
    case "utf8String": {
      const text = block.utf8String(title);
      if (property.name === "responseTopic") checkResponseTopic(text);
      return text;
    }
    case "utf8StringPair": // [MQTT-1.5.7-1]
      return [block.utf8String(`${title} name`), block.utf8String(`${title} value`)];
    case "binaryData":
      return block.binaryData(title);
    default: {
      const value = block[property.type](title);
      checkNumber(property, value);
      return value;
    }
  }
}

function checkNumber(property: PropertyRow, value: number): void {
  if (value >= property.minimum && value <= largestOf(property)) return;
  const reasonCode = property.name === "topicAlias"
    ? ReasonCode.TopicAliasInvalid // [MQTT-3.3.2-8]
    : ReasonCode.ProtocolError;
  throw new ProtocolError(reasonCode, `Cannot accept ${property.title}: ${value} is not allowed`);
}

function checkResponseTopic(text: string): void {
  const fault = topicNameFault(text);
  if (fault === undefined) return;
  throw new ProtocolError( // [MQTT-3.3.2-14]
    ReasonCode.ProtocolError,
    `Cannot accept Response Topic: ${fault}`,
  );
}

function largestOf(property: PropertyRow): number {
  return LARGEST[property.type] ?? 0;
}

function writeAll(writer: Writer, scope: PropertyScope, properties: Properties): void {
  for (const name in properties) {
    const value = properties[name as PropertyName];
    if (value === undefined) continue;
    const property = ROW_BY_NAME.get(name);
    if (property === undefined || (property.scopes >> scope & 1) === 0) {
      throw new Error(`Cannot encode Properties: ${name} does not belong here`);
    }
    if (!isList(property)) {
      writeValue(writer, property, value as PropertyValue);
      continue;
    }
    for (const single of value as PropertyValue[]) writeValue(writer, property, single);
  }
}

function writeValue(writer: Writer, property: PropertyRow, value: PropertyValue): void {
  writer.byte(property.identifier);
  switch (property.type) {
    case "utf8String":
      return writer.utf8String(value as string);
    case "utf8StringPair": {
      const [name, text] = value as UserProperty;
      writer.utf8String(name);
      return writer.utf8String(text);
    }
    case "binaryData":
      return writer.binaryData(value as Uint8Array);
    default: {
      const number = value as number;
      if (!Number.isInteger(number) || number < property.minimum || number > largestOf(property)) {
        throw new RangeError(`Cannot encode ${property.title}: ${number} is not allowed`);
      }
      return writer[property.type](number);
    }
  }
}
