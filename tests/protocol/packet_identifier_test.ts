import assert from "node:assert/strict";
import { readPacketIdentifier } from "../../src/protocol/packet_identifier.ts";
import { Reader } from "../../src/protocol/reader.ts";
import { assertProtocolError, bytesOf } from "./vector.ts";

Deno.test("readPacketIdentifier() takes 1 to 65,535", () => {
  for (const [hex, value] of [["0001", 1], ["0100", 256], ["ffff", 65_535]] as const) {
    assert.equal(readPacketIdentifier(new Reader(bytesOf(hex)), "PUBACK"), value);
  }
});

Deno.test("readPacketIdentifier() rejects 0 [MQTT-2.2.1-3] [MQTT-2.2.1-4]", () => {
  assert.equal(
    assertProtocolError(() => readPacketIdentifier(new Reader(bytesOf("0000")), "PUBREL"), 0x82),
    "Cannot accept PUBREL: Packet Identifier 0 is not allowed",
  );
});
