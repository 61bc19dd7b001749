import assert from "node:assert/strict";
import { PacketType, type Properties } from "../../src/protocol/packet.ts";
import {
  encodeProperties,
  NO_PROPERTIES,
  PROPERTY_TABLE,
  type PropertyScope,
  readProperties,
  WILL_PROPERTIES,
  writeProperties,
} from "../../src/protocol/property.ts";
import { Reader } from "../../src/protocol/reader.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { assertProtocolError, bytesOf, hexOf } from "./vector.ts";

const SCOPES: Record<string, PropertyScope> = { Will: WILL_PROPERTIES, ...PacketType };

/** MQTT 5 table 2-4 once more, as text: identifier, one valid value, where it belongs. */
const TABLE_2_4: [number, string, string][] = [
  [0x01, "01", "Publish Will"],
  [0x02, "00000001", "Publish Will"],
  [0x03, "0000", "Publish Will"],
  [0x08, "0001 61", "Publish Will"],
  [0x09, "0000", "Publish Will"],
  [0x0b, "01", "Publish Subscribe"],
  [0x11, "00000000", "Connect Connack Disconnect"],
  [0x12, "0000", "Connack"],
  [0x13, "0000", "Connack"],
  [0x15, "0000", "Connect Connack Auth"],
  [0x16, "0000", "Connect Connack Auth"],
  [0x17, "00", "Connect"],
  [0x18, "00000000", "Will"],
  [0x19, "00", "Connect"],
  [0x1a, "0000", "Connack"],
  [0x1c, "0000", "Connack Disconnect"],
  [0x1f, "0000", "Connack Puback Pubrec Pubrel Pubcomp Suback Unsuback Disconnect Auth"],
  [0x21, "0001", "Connect Connack"],
  [0x22, "0000", "Connect Connack"],
  [0x23, "0001", "Publish"],
  [0x24, "00", "Connack"],
  [0x25, "00", "Connack"],
  [
    0x26,
    "0000 0000",
    "Connect Connack Publish Will Puback Pubrec Pubrel Pubcomp Subscribe Suback Unsubscribe " +
    "Unsuback Disconnect Auth",
  ],
  [0x27, "00000001", "Connect Connack"],
  [0x28, "00", "Connack"],
  [0x29, "00", "Connack"],
  [0x2a, "00", "Connack"],
];

function read(hex: string, scope: PropertyScope): Properties {
  const reader = new Reader(bytesOf(hex));
  const properties = readProperties(reader, scope);
  reader.expectEnd("Properties");
  return properties;
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, "0");
}

Deno.test("readProperties() takes every property where table 2-4 has it and nowhere else", () => {
  for (const [identifier, value, packets] of TABLE_2_4) {
    const block = hexByte(identifier) + value.replaceAll(" ", "");
    const hex = hexByte(block.length / 2) + block;
    for (const [name, scope] of Object.entries(SCOPES)) {
      if (packets.split(" ").includes(name)) {
        assert.equal(Object.keys(read(hex, scope)).length, 1, `0x${hexByte(identifier)} ${name}`);
      } else {
        assertProtocolError(() => read(hex, scope), 0x81); // Section 2.2.2.2
      }
    }
  }
});

Deno.test("readProperties() rejects every identifier that table 2-4 does not have", () => {
  const known = new Set(TABLE_2_4.map(([identifier]) => identifier));
  for (let identifier = 0; identifier < 128; identifier++) {
    if (known.has(identifier)) continue;
    assertProtocolError(() => read(`05${hexByte(identifier)}00000000`, PacketType.Connack), 0x81);
  }
  assertProtocolError(() => read("02 8001", PacketType.Connack), 0x81);
});

Deno.test("readProperties() returns the same frozen object for every empty block", () => {
  assert.equal(read("00", PacketType.Publish), NO_PROPERTIES);
  assert.equal(read("00", WILL_PROPERTIES), NO_PROPERTIES);
  assert.ok(Object.isFrozen(NO_PROPERTIES));
  assert.deepEqual(Object.keys(NO_PROPERTIES), []);
});

Deno.test("readProperties() stops at Property Length and leaves the rest", () => {
  const reader = new Reader(bytesOf("02 0101 0101"));
  assert.deepEqual(readProperties(reader, PacketType.Publish), { payloadFormatIndicator: 1 });
  assert.equal(reader.remaining, 2);
});

Deno.test("readProperties() does not let a value reach past Property Length", () => {
  const message = assertProtocolError(() => read("04 03 0002 61 62", PacketType.Publish), 0x81);
  assert.equal(message, "Cannot decode Content Type: 2 bytes announced, 1 remain");
});

Deno.test("readProperties() says in words what is wrong", () => {
  const cases: [string, PropertyScope, number, string][] = [
    ["02 0400", PacketType.Publish, 0x81, "Cannot decode Properties: 0x4 is not a property"],
    [
      "03 210001",
      PacketType.Publish,
      0x81,
      "Cannot decode Properties: Receive Maximum does not belong here",
    ],
    [
      "04 0100 0100",
      PacketType.Publish,
      0x82,
      "Cannot accept Payload Format Indicator: it is there more than once",
    ],
    ["02 2402", PacketType.Connack, 0x82, "Cannot accept Maximum QoS: 2 is not allowed"],
    ["03 230000", PacketType.Publish, 0x94, "Cannot accept Topic Alias: 0 is not allowed"],
    ["03 080000", PacketType.Publish, 0x82, "Cannot accept Response Topic: it is empty"],
    [
      "05 26 0002 6162",
      PacketType.Auth,
      0x81,
      "Cannot decode User Property value: 2 bytes announced, 0 remain",
    ],
    ["09", PacketType.Auth, 0x81, "Cannot decode Properties: 9 bytes announced, 0 remain"],
  ];
  for (const [hex, scope, reasonCode, message] of cases) {
    assert.equal(assertProtocolError(() => read(hex, scope), reasonCode), message);
  }
});

Deno.test("readProperties() copies binary data out of the read buffer", () => {
  const bytes = bytesOf("05 09 0002 aabb");
  const properties = readProperties(new Reader(bytes), PacketType.Publish);
  bytes.fill(0);
  assert.deepEqual(properties.correlationData, Uint8Array.of(0xaa, 0xbb));
});

Deno.test("readProperties() reads a single repeatable property as a list", () => {
  assert.deepEqual(read("02 0b05", PacketType.Subscribe), { subscriptionIdentifiers: [5] });
  assert.deepEqual(read("07 26 0001 61 0001 62", PacketType.Auth), {
    userProperties: [["a", "b"]],
  });
});

Deno.test("a property named like a member of Object is not taken for one", () => {
  const properties = read("0b 26 0005 5f5f70725f 0001 62", PacketType.Auth);
  assert.deepEqual(properties, { userProperties: [["__pr_", "b"]] });
  const foreign = { toString: "x" } as unknown as Properties;
  assert.throws(() => encodeProperties(PacketType.Auth, foreign), /toString does not belong here/);
});

Deno.test("writeProperties() writes Property Length 0 for no properties [MQTT-2.2.2-1]", () => {
  const writer = new Writer(1);
  writeProperties(writer, PacketType.Publish, NO_PROPERTIES);
  writeProperties(writer, WILL_PROPERTIES, {});
  assert.equal(hexOf(writer.written()), "0000");
});

Deno.test("writeProperties() writes what encodeProperties() returns after its length", () => {
  const properties: Properties = {
    contentType: "c".repeat(130),
    subscriptionIdentifiers: [1, 128],
    userProperties: [["a", "b"], ["a", ""]],
  };
  const encoded = encodeProperties(PacketType.Publish, properties);
  const writer = new Writer(1);
  writeProperties(writer, PacketType.Publish, properties);
  const length = encoded.length;
  assert.equal(hexOf(writer.written()), hexByte(length & 0x7f | 0x80) + "01" + hexOf(encoded));
  assert.deepEqual(read(hexOf(writer.written()), PacketType.Publish), properties);
});

Deno.test("encodeProperties() leaves out what is undefined", () => {
  const properties = { contentType: undefined, topicAlias: 1 } as unknown as Properties;
  assert.equal(hexOf(encodeProperties(PacketType.Publish, properties)), "230001");
});

Deno.test("encodeProperties() refuses what does not belong there", () => {
  for (const { name, scopes } of PROPERTY_TABLE) {
    for (const scope of Object.values(SCOPES)) {
      if (scopes >> scope & 1) continue;
      const properties = { [name]: 1 } as Properties;
      assert.throws(
        () => encodeProperties(scope, properties),
        new Error(`Cannot encode Properties: ${name} does not belong here`),
      );
    }
  }
});

Deno.test("encodeProperties() refuses numbers that their type cannot hold", () => {
  const cases: [PropertyScope, Properties][] = [
    [PacketType.Connack, { maximumQoS: 2 }],
    [PacketType.Connack, { receiveMaximum: 0 }],
    [PacketType.Connack, { receiveMaximum: 65_536 }],
    [PacketType.Connack, { maximumPacketSize: 0 }],
    [PacketType.Connack, { sessionExpiryInterval: 0x1_0000_0000 }],
    [PacketType.Connack, { sessionExpiryInterval: -1 }],
    [PacketType.Connack, { sessionExpiryInterval: 1.5 }],
    [PacketType.Publish, { topicAlias: 0 }],
    [PacketType.Publish, { subscriptionIdentifiers: [268_435_456] }],
    [PacketType.Publish, { subscriptionIdentifiers: [0] }],
  ];
  for (const [scope, properties] of cases) {
    assert.throws(() => encodeProperties(scope, properties), RangeError);
  }
});

Deno.test("encodeProperties() refuses texts and data over 65,535 bytes", () => {
  const text = "a".repeat(65_536);
  const data = new Uint8Array(65_536);
  assert.throws(() => encodeProperties(PacketType.Publish, { contentType: text }), RangeError);
  assert.throws(() => encodeProperties(PacketType.Publish, { correlationData: data }), RangeError);
});
