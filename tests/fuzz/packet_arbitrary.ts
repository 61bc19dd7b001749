/**
 * Random packets for property-based tests, each valid and in the form that decoding returns, so that
 * it must survive encoding and decoding unchanged. Driven by the source's property table; whether
 * that table is right is for `tests/protocol/property_test.ts`.
 */

import * as fc from "fast-check";
import { isLegalReasonCode } from "../../src/protocol/legal_reason_code.ts";
import {
  type Packet,
  PacketType,
  type Properties,
  type ProtocolVersion,
} from "../../src/protocol/packet.ts";
import {
  PROPERTY_TABLE,
  type PropertyRow,
  type PropertyScope,
  WILL_PROPERTIES,
} from "../../src/protocol/property.ts";
import type { ReasonCode } from "../../src/protocol/reason_code.ts";

export interface VersionedPacket {
  version: ProtocolVersion;
  packet: Packet;
}

/** Records are compared with plain objects. */
const PLAIN = { noNullPrototype: true } as const;

/** Well-formed text without U+0000; lone surrogates cannot be written as UTF-8. */
const text = fc.string({ unit: "binary", maxLength: 40 }).map((value) =>
  value.replaceAll("\0", "")
);
const topicName = text.map((value) => value.replaceAll(/[+#]/g, "")).map((value) => value || "t");
const bytes = fc.uint8Array({ maxLength: 200 });
const qos = fc.constantFrom(0, 1, 2);
const packetIdentifier = fc.integer({ min: 1, max: 65_535 });

function valueOf(row: PropertyRow): fc.Arbitrary<unknown> {
  const number = (max: number) => fc.integer({ min: row.minimum, max });
  switch (row.type) {
    case "byte":
      return number(1);
    case "twoByteInteger":
      return number(0xffff);
    case "fourByteInteger":
      return number(0xffff_ffff);
    case "variableByteInteger":
      return fc.oneof(number(200), number(268_435_455));
    case "utf8String":
      return row.name === "responseTopic" ? topicName : text;
    case "utf8StringPair":
      return fc.tuple(text, text);
    case "binaryData":
      return bytes;
  }
}

/** Properties that `scope` may carry, in random order. */
function propertiesOf(scope: PropertyScope): fc.Arbitrary<Properties> {
  const rows = PROPERTY_TABLE.filter((row) => (row.scopes >> scope & 1) === 1);
  const entry = (row: PropertyRow) => {
    const maxLength = (row.repeatableIn >> scope & 1) === 1 ? 5 : 1;
    const value = row.repeatableIn === 0
      ? valueOf(row)
      : fc.array(valueOf(row), { minLength: 1, maxLength });
    return value.map((some) => [row.name, some] as const);
  };
  return fc.shuffledSubarray(rows).chain((chosen) => fc.tuple(...chosen.map(entry)))
    .map((entries) => Object.fromEntries(entries) as Properties)
    .map((properties) => {
      if (scope === PacketType.Connect && properties.authenticationMethod === undefined) {
        delete properties.authenticationData;
      }
      return properties;
    });
}

function properties(version: ProtocolVersion, scope: PropertyScope): fc.Arbitrary<Properties> {
  return version === 5 ? propertiesOf(scope) : fc.constant({});
}

function reasonCode(version: ProtocolVersion, type: PacketType): fc.Arbitrary<ReasonCode> {
  const legal = Array.from({ length: 256 }, (_, value) => value)
    .filter((value): value is ReasonCode => isLegalReasonCode(type, value));
  if (version === 5) return fc.constantFrom(...legal);
  if (type === PacketType.Connack) return fc.constantFrom(0, 0x84, 0x85, 0x86, 0x87, 0x88);
  return type === PacketType.Suback ? fc.constantFrom(0, 1, 2, 0x80) : fc.constant(0);
}

function connect(version: ProtocolVersion): fc.Arbitrary<unknown> {
  const will = fc.record({
    topicName,
    payload: bytes,
    qos,
    retain: fc.boolean(),
    properties: properties(version, WILL_PROPERTIES),
  }, PLAIN);
  return fc.record({
    protocolVersion: fc.constant(version),
    cleanStart: fc.boolean(),
    keepAlive: fc.nat(65_535),
    clientIdentifier: text,
    properties: properties(version, PacketType.Connect),
    bridge: version === 5 ? fc.constant(false) : fc.boolean(),
    will: fc.option(will, { nil: undefined }),
    username: fc.option(text, { nil: undefined }),
    password: fc.option(bytes, { nil: undefined }),
  }).map((packet) => {
    if (version < 5 && packet.username === undefined) packet.password = undefined;
    return Object.fromEntries(Object.entries(packet).filter(([, value]) => value !== undefined));
  });
}

function publish(version: ProtocolVersion): fc.Arbitrary<unknown> {
  return fc.record({
    topicName,
    payload: fc.oneof(bytes, fc.uint8Array({ minLength: 100, maxLength: 20_000 })),
    qos,
    retain: fc.boolean(),
    duplicate: fc.boolean(),
    packetIdentifier,
    properties: properties(version, PacketType.Publish),
    byAlias: fc.boolean(),
  }).map(({ byAlias, ...packet }) => {
    if (packet.qos === 0) Object.assign(packet, { duplicate: false, packetIdentifier: 0 });
    if (byAlias && packet.properties.topicAlias !== undefined) packet.topicName = "";
    return packet;
  });
}

function subscribe(version: ProtocolVersion): fc.Arbitrary<unknown> {
  const option = <Value>(value: fc.Arbitrary<Value>, otherwise: Value) =>
    version === 5 ? value : fc.constant(otherwise);
  const subscription = fc.record({
    topicFilter: text.filter((value) => !value.startsWith("$share/")),
    qos,
    noLocal: option(fc.boolean(), false),
    retainAsPublished: option(fc.boolean(), false),
    retainHandling: option(fc.constantFrom(0, 1, 2), 0),
  }, PLAIN);
  return fc.record({
    packetIdentifier,
    subscriptions: fc.array(subscription, { minLength: 1, maxLength: 8 }),
    properties: properties(version, PacketType.Subscribe),
  });
}

function fieldsOf(version: ProtocolVersion, type: PacketType): fc.Arbitrary<unknown> {
  const common = { properties: properties(version, type) };
  const identified = { ...common, packetIdentifier };
  const codes = () => fc.array(reasonCode(version, type), { minLength: 1, maxLength: 8 });
  switch (type) {
    case PacketType.Connect:
      return connect(version);
    case PacketType.Publish:
      return publish(version);
    case PacketType.Subscribe:
      return subscribe(version);
    case PacketType.Connack:
      return fc.record({
        ...common,
        sessionPresent: version === 3 ? fc.constant(false) : fc.boolean(),
        reasonCode: reasonCode(version, type),
      }).map((packet) => ({
        ...packet,
        sessionPresent: packet.sessionPresent && packet.reasonCode === 0,
      }));
    case PacketType.Suback:
      return fc.record({ ...identified, reasonCodes: codes() });
    case PacketType.Unsuback:
      return fc.record({ ...identified, reasonCodes: version === 5 ? codes() : fc.constant([]) });
    case PacketType.Unsubscribe:
      return fc.record({
        ...identified,
        topicFilters: fc.array(text, { minLength: 1, maxLength: 8 }),
      });
    case PacketType.Pingreq:
    case PacketType.Pingresp:
      return fc.constant({});
    case PacketType.Disconnect:
    case PacketType.Auth:
      return fc.record({ ...common, reasonCode: reasonCode(version, type) });
    default:
      return fc.record({ ...identified, reasonCode: reasonCode(version, type) });
  }
}

/** A packet of any type that `version` has. */
export function packetOf(version: ProtocolVersion): fc.Arbitrary<Packet> {
  const types = Object.values(PacketType).filter((type) => version === 5 || type < PacketType.Auth);
  return fc.constantFrom(...types).chain((type) =>
    fieldsOf(version, type).map((fields) => ({ type, ...(fields as object) }) as Packet)
  );
}

/** A packet of any type and version. CONNECT has the version it is paired with. */
export const versionedPacket: fc.Arbitrary<VersionedPacket> = fc.constantFrom(3, 4, 5)
  .chain((version) => packetOf(version).map((packet) => ({ version, packet })));

/** Packets of one version, as they follow each other on a connection. */
export const packetSequence: fc.Arbitrary<{ version: ProtocolVersion; packets: Packet[] }> = fc
  .constantFrom(3, 4, 5).chain((version) =>
    fc.array(packetOf(version), { minLength: 1, maxLength: 6 })
      .map((packets) => ({ version, packets }))
  );
