import assert from "node:assert/strict";
import {
  fromConnectReturnCode,
  isLegalReasonCode,
  readReasonCode,
  readSubackReturnCode,
  toConnectReturnCode,
  toSubackReturnCode,
} from "../../src/protocol/legal_reason_code.ts";
import { PacketType } from "../../src/protocol/packet.ts";
import { Reader } from "../../src/protocol/reader.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { assertProtocolError } from "./vector.ts";

/** MQTT 5 table 2-6 once more, by packet, as text. */
const TABLE_2_6: [PacketType, string][] = [
  [
    PacketType.Connack,
    "00 80 81 82 83 84 85 86 87 88 89 8a 8c 90 95 97 99 9a 9b 9c 9d 9f",
  ],
  [PacketType.Puback, "00 10 80 83 87 90 91 97 99"],
  [PacketType.Pubrec, "00 10 80 83 87 90 91 97 99"],
  [PacketType.Pubrel, "00 92"],
  [PacketType.Pubcomp, "00 92"],
  [PacketType.Suback, "00 01 02 80 83 87 8f 91 97 9e a1 a2"],
  [PacketType.Unsuback, "00 11 80 83 87 8f 91"],
  [
    PacketType.Disconnect,
    "00 04 80 81 82 83 87 89 8b 8c 8d 8e 8f 90 93 94 95 96 97 98 99 9a 9b 9c 9d 9e 9f a0 a1 a2",
  ],
  [PacketType.Auth, "00 18 19"],
];

Deno.test("isLegalReasonCode() knows exactly the Reason Codes of table 2-6", () => {
  const legalIn = new Map(TABLE_2_6);
  for (const type of Object.values(PacketType)) {
    const legal = new Set((legalIn.get(type) ?? "").split(" "));
    for (let value = 0; value < 256; value++) {
      const expected = legal.has(value.toString(16).padStart(2, "0"));
      assert.equal(isLegalReasonCode(type, value), expected, `type ${type}, ${value}`);
    }
  }
});

Deno.test("readReasonCode() names packet and Reason Code in its error [MQTT-3.4.2-1]", () => {
  const reader = new Reader(Uint8Array.of(0x92));
  assert.equal(
    assertProtocolError(() => readReasonCode(reader, PacketType.Puback, "PUBACK"), 0x82),
    "Cannot accept PUBACK: 0x92 is not one of its Reason Codes",
  );
});

Deno.test("Connect Return codes 0 to 5 have one Reason Code each, both ways", () => {
  const expected = [0x00, 0x84, 0x85, 0x88, 0x86, 0x87];
  const codes = [0, 1, 2, 3, 4, 5];
  assert.deepEqual(codes.map(fromConnectReturnCode), expected);
  assert.deepEqual(codes.map((code) => toConnectReturnCode(fromConnectReturnCode(code))), codes);
  assertProtocolError(() => fromConnectReturnCode(6), 0x82);
});

Deno.test("toConnectReturnCode() never makes an acceptance of a refusal", () => {
  for (const reasonCode of Object.values(ReasonCode)) {
    const returnCode = toConnectReturnCode(reasonCode);
    assert.ok(returnCode >= 0 && returnCode <= 5);
    if (reasonCode >= 0x80) assert.notEqual(returnCode, 0);
  }
});

Deno.test("toSubackReturnCode() knows one failure before MQTT 5", () => {
  for (const reasonCode of Object.values(ReasonCode)) {
    assert.equal(toSubackReturnCode(reasonCode, 5), reasonCode);
    if (reasonCode < 0x80) continue;
    assert.equal(toSubackReturnCode(reasonCode, 4), 0x80);
    assert.equal(toSubackReturnCode(reasonCode, 3), 0x80);
  }
  for (const qos of [0, 1, 2] as const) assert.equal(toSubackReturnCode(qos, 3), qos);
});

Deno.test("readSubackReturnCode() takes 0, 1, 2 and 0x80 only", () => {
  for (let value = 0; value < 256; value++) {
    const reader = new Reader(Uint8Array.of(value));
    if (value < 3 || value === 0x80) assert.equal(readSubackReturnCode(reader), value);
    else assertProtocolError(() => readSubackReturnCode(reader), 0x82);
  }
});
