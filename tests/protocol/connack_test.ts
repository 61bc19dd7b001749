import assert from "node:assert/strict";
import { type ConnackPacket, PacketType } from "../../src/protocol/packet.ts";
import type { ReasonCode } from "../../src/protocol/reason_code.ts";
import { encodeHex, testVectors } from "./vector.ts";

testVectors("connack");

function connack(reasonCode: ReasonCode, sessionPresent = false): ConnackPacket {
  return { type: PacketType.Connack, sessionPresent, reasonCode, properties: {} };
}

Deno.test("encodeConnack() never says Session Present in a refusal [MQTT-3.2.2-6]", () => {
  assert.equal(encodeHex(connack(0x87, true), 5), "2003008700");
  assert.equal(encodeHex(connack(0x87, true), 4), "20020005");
  assert.equal(encodeHex(connack(0x00, true), 4), "20020100");
});

Deno.test("encodeConnack() has no Session Present in MQTT 3.1", () => {
  assert.equal(encodeHex(connack(0x00, true), 3), "20020000");
});

Deno.test("encodeConnack() tells MQTT 3.1.1 the nearest Connect Return code", () => {
  const cases: [ReasonCode, string][] = [
    [0x8a, "05"],
    [0x8c, "04"],
    [0x90, "05"],
    [0x9a, "05"],
    [0x9b, "05"],
    [0x80, "03"],
    [0x81, "03"],
    [0x89, "03"],
    [0x95, "03"],
    [0x97, "03"],
    [0x9c, "03"],
    [0x9f, "03"],
  ];
  for (const [reasonCode, returnCode] of cases) {
    assert.equal(encodeHex(connack(reasonCode), 4), `200200${returnCode}`);
    assert.equal(encodeHex(connack(reasonCode), 3), encodeHex(connack(reasonCode), 4));
  }
});
