import assert from "node:assert/strict";
import { PacketType, type PublishPacket } from "../../src/protocol/packet.ts";
import { NO_PROPERTIES } from "../../src/protocol/property.ts";
import { assertProtocolError, decodeHex, encodeHex, testVectors } from "./vector.ts";

testVectors("publish");

Deno.test("decodePublish() says what is wrong with QoS and DUP [MQTT-3.3.1-4] [MQTT-3.3.1-2]", () => {
  assert.equal(
    assertProtocolError(() => decodeHex("36 05 0001 74 0001", 4), 0x81),
    "Cannot decode PUBLISH: QoS 3",
  );
  assert.equal(
    assertProtocolError(() => decodeHex("38 03 0001 74", 4), 0x81),
    "Cannot decode PUBLISH: DUP is set at QoS 0",
  );
});

Deno.test("decodePublish() names the Topic Name that is cut short [MQTT-3.3.2-1]", () => {
  assert.equal(
    assertProtocolError(() => decodeHex("30 05 000c 616263", 4), 0x81),
    "Cannot decode Topic Name: 12 bytes announced, 3 remain",
  );
});

Deno.test("decodePublish() wants Topic Name or Topic Alias (section 3.3.2.1)", () => {
  assert.equal(
    assertProtocolError(() => decodeHex("30 03 0000 00", 5), 0x82),
    "Cannot accept PUBLISH: neither Topic Name nor Topic Alias",
  );
  assert.equal(
    assertProtocolError(() => decodeHex("30 02 0000", 4), 0x90),
    "Cannot accept Topic Name: it is empty",
  );
});

Deno.test("decodePublish() checks the Topic Name that comes with a Topic Alias [MQTT-3.3.2-2]", () => {
  assertProtocolError(() => decodeHex("30 07 0001 2b 03 230001", 5), 0x90);
});

Deno.test("decodePublish() shares the empty properties", () => {
  for (const hex of ["30 04 0001 74 00", "30 05 0001 74 00 ff"]) {
    assert.equal((decodeHex(hex, 5) as PublishPacket).properties, NO_PROPERTIES);
  }
});

Deno.test("encodePublish() has no Packet Identifier at QoS 0 [MQTT-2.2.1-2]", () => {
  const packet: PublishPacket = {
    type: PacketType.Publish,
    topicName: "t",
    payload: Uint8Array.of(1),
    qos: 0,
    retain: false,
    duplicate: false,
    packetIdentifier: 77,
    properties: {},
  };
  assert.equal(encodeHex(packet, 4), "300400017401");
  assert.equal(encodeHex({ ...packet, qos: 1 }, 4), "3206000174004d01");
});
