import assert from "node:assert/strict";
import { PacketType, type PubackPacket } from "../../src/protocol/packet.ts";
import { NO_PROPERTIES } from "../../src/protocol/property.ts";
import { assertProtocolError, decodeHex, encodeHex, testVectors } from "./vector.ts";

testVectors("puback");
testVectors("pubrec");
testVectors("pubrel");
testVectors("pubcomp");

const PUBACK: PubackPacket = {
  type: PacketType.Puback,
  packetIdentifier: 10,
  reasonCode: 0x00,
  properties: NO_PROPERTIES,
};

Deno.test("decodeAcknowledgement() reads all three lengths of MQTT 5 as the same (section 3.4.2)", () => {
  for (const hex of ["4002 000a", "4003 000a 00", "4004 000a 00 00"]) {
    assert.deepEqual(decodeHex(hex, 5), PUBACK);
  }
});

Deno.test("encodeAcknowledgement() writes the shortest form that says everything", () => {
  assert.equal(encodeHex(PUBACK, 5), "4002000a");
  assert.equal(encodeHex({ ...PUBACK, reasonCode: 0x10 }, 5), "4003000a10");
  const properties = { reasonString: "" };
  assert.equal(encodeHex({ ...PUBACK, properties }, 5), "4007000a00031f0000");
  assert.equal(encodeHex({ ...PUBACK, reasonCode: 0x87, properties }, 4), "4002000a");
});

Deno.test("decodeAcknowledgement() names the packet in its errors [MQTT-3.6.2-1]", () => {
  assert.equal(
    assertProtocolError(() => decodeHex("6203 000a 10", 5), 0x82),
    "Cannot accept PUBREL: 0x10 is not one of its Reason Codes",
  );
  assert.equal(
    assertProtocolError(() => decodeHex("7002 0000", 4), 0x82),
    "Cannot accept PUBCOMP: Packet Identifier 0 is not allowed",
  );
  assert.equal(
    assertProtocolError(() => decodeHex("5004 000a 0000", 4), 0x81),
    "Cannot decode PUBREC: 2 bytes too many",
  );
});
