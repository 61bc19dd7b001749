import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { NO_PROPERTIES } from "../../src/protocol/property.ts";
import {
  assertProtocolError,
  bytesOf,
  decode,
  decodeHex,
  encodeHex,
  testVectors,
} from "./vector.ts";

testVectors("connect");

Deno.test("decodeConnect() says which protocol it does not speak [MQTT-3.1.2-2]", () => {
  const message = assertProtocolError(
    () => decodeHex("10 0d 0004 4d515454 06 02 003c 00 0000", 5),
    0x84,
  );
  assert.equal(message, 'Cannot accept CONNECT: protocol "MQTT" level 6 is not spoken here');
});

Deno.test("decodeConnect() shortens and escapes a foreign Protocol Name [MQTT-3.1.2-1]", () => {
  const message = assertProtocolError(
    () => decodeHex(`10 22 001e 0a${"41".repeat(29)} 04 00`, 5),
    0x84,
  );
  assert.equal(
    message,
    `Cannot accept CONNECT: protocol "\\n${"A".repeat(19)}" level 4 is not spoken here`,
  );
});

Deno.test("decodeConnect() names a bad Will Topic as such [MQTT-3.1.3-11]", () => {
  const message = assertProtocolError(
    () => decodeHex("10 13 0004 4d515454 04 06 0000 0000 0003 612f23 0000", 4),
    0x90,
  );
  assert.equal(message, "Cannot accept Will Topic: contains a wildcard");
});

Deno.test("decodeConnect() names the field that is cut short [MQTT-3.1.2-19]", () => {
  const message = assertProtocolError(
    () => decodeHex("10 11 0004 4d515454 05 c0 0000 00 0000 0001 75 00", 5),
    0x81,
  );
  assert.equal(message, "Cannot decode Password: 2 bytes announced, 1 remain");
});

Deno.test("decodeConnect() shares the empty properties and has no absent fields", () => {
  const packet = decodeHex("10 0c 0004 4d515454 04 02 0000 0000", 5);
  assert.ok(packet.type === PacketType.Connect);
  assert.equal(packet.properties, NO_PROPERTIES);
  assert.deepEqual(
    Object.keys(packet).toSorted(),
    [
      ...["bridge", "cleanStart", "clientIdentifier", "keepAlive"],
      ...["properties", "protocolVersion", "type"],
    ],
  );
});

Deno.test("decodeConnect() copies Will Payload and Password", () => {
  const buffer = bytesOf("10 19 0004 4d515454 04 c6 0000 0000 0001 77 0001 aa 0001 75 0002 bbcc");
  const packet = decode(buffer, 4);
  buffer.fill(0);
  assert.ok(packet.type === PacketType.Connect);
  assert.deepEqual(packet.will?.payload, Uint8Array.of(0xaa));
  assert.deepEqual(packet.password, Uint8Array.of(0xbb, 0xcc));
});

Deno.test("encodeConnect() writes the Protocol Name of each version [MQTT-3.1.2-1]", () => {
  const packet = decodeHex("10 0c 0004 4d515454 04 02 0000 0000", 5);
  assert.ok(packet.type === PacketType.Connect);
  assert.equal(
    encodeHex({ ...packet, protocolVersion: 3 }, 3),
    "100e00064d51497364700302" + "00000000",
  );
  assert.equal(
    encodeHex({ ...packet, protocolVersion: 5 }, 5),
    "100d00044d5154540502000000" + "0000",
  );
});
