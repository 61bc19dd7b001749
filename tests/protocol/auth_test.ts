import assert from "node:assert/strict";
import { type AuthPacket, PacketType } from "../../src/protocol/packet.ts";
import { encodeHex, testVectors } from "./vector.ts";

testVectors("auth");

Deno.test("encodeAuth() refuses to write AUTH before MQTT 5: that is our bug", () => {
  const packet: AuthPacket = { type: PacketType.Auth, reasonCode: 0x18, properties: {} };
  for (const version of [3, 4] as const) {
    assert.throws(
      () => encodeHex(packet, version),
      new Error("Cannot encode AUTH: it does not exist before MQTT 5"),
    );
  }
});

Deno.test("encodeAuth() leaves out Reason Code and properties both or none", () => {
  const packet: AuthPacket = { type: PacketType.Auth, reasonCode: 0x00, properties: {} };
  assert.equal(encodeHex(packet, 5), "f000");
  assert.equal(encodeHex({ ...packet, reasonCode: 0x19 }, 5), "f0021900");
});
