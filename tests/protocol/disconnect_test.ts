import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { encodeHex, testVectors } from "./vector.ts";

testVectors("disconnect");

Deno.test("encodeDisconnect() refuses a Reason Code before MQTT 5: that is our bug", () => {
  for (const version of [3, 4] as const) {
    assert.throws(
      () => encodeHex({ type: PacketType.Disconnect, reasonCode: 0x8b, properties: {} }, version),
      new Error("Cannot encode DISCONNECT: no Reason Codes before MQTT 5"),
    );
  }
});

Deno.test("encodeDisconnect() writes 0x00 when properties follow it", () => {
  const properties = { sessionExpiryInterval: 0 };
  assert.equal(
    encodeHex({ type: PacketType.Disconnect, reasonCode: 0, properties }, 5),
    "e00700051100000000",
  );
});
