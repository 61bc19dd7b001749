/**
 * What a client is told whose CONNECT is refused, for each version it may have announced.
 */

import assert from "node:assert/strict";
import { announcedVersion, refusal } from "../../src/net/refusal.ts";
import { decodePacket, encodePacket } from "../../src/protocol/codec.ts";
import { type ConnackPacket, PacketType, type ProtocolVersion } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { Writer } from "../../src/protocol/writer.ts";

/** The start of a CONNECT body: Protocol Name and Protocol Version. */
function connectBody(protocolName: string, protocolVersion: number): Uint8Array {
  const name = new TextEncoder().encode(protocolName);
  return Uint8Array.from([0, name.length, ...name, protocolVersion]);
}

const MQTT_5 = connectBody("MQTT", 5);
const MQTT_311 = connectBody("MQTT", 4);
const MQTT_31 = connectBody("MQIsdp", 3);

/** The bytes that the client of an undecoded CONNECT is answered with. */
function refusalPacket(
  bytes: Uint8Array,
  bodyStart: number,
  reasonCode: ReasonCode,
  reasonString: string,
): Uint8Array | undefined {
  const version = announcedVersion(bytes, bodyStart);
  const packet = refusal(version, reasonCode, reasonString);
  if (packet === undefined) return undefined;
  const writer = new Writer();
  encodePacket(writer, packet, version);
  return writer.written();
}

function connack(bytes: Uint8Array | undefined, version: ProtocolVersion): ConnackPacket {
  assert(bytes !== undefined, "There is no answer");
  const packet = decodePacket(bytes[0] as number, bytes, 2, bytes.length, version);
  assert.equal(packet.type, PacketType.Connack);
  return packet as ConnackPacket;
}

Deno.test("refusal() says why in MQTT 5, without Session Present [MQTT-3.2.2-6]", () => {
  const answer = refusalPacket(MQTT_5, 0, ReasonCode.MalformedPacket, "Cannot decode it");
  assert.deepEqual(connack(answer, 5), {
    type: PacketType.Connack,
    sessionPresent: false,
    reasonCode: ReasonCode.MalformedPacket,
    properties: { reasonString: "Cannot decode it" },
  });
});

Deno.test("refusal() gives MQTT 3.1 and 3.1.1 a Connect Return code, where there is one", () => {
  const returnCodes: [ReasonCode, number][] = [
    [ReasonCode.UnsupportedProtocolVersion, 1],
    [ReasonCode.ClientIdentifierNotValid, 2],
    [ReasonCode.ServerUnavailable, 3],
    [ReasonCode.ServerBusy, 3],
    [ReasonCode.BadUserNameOrPassword, 4],
    [ReasonCode.NotAuthorized, 5],
    [ReasonCode.Banned, 5],
  ];
  for (const body of [MQTT_311, MQTT_31]) {
    const answers = returnCodes.map(([reasonCode]) => refusalPacket(body, 0, reasonCode, "no"));
    assert.deepEqual(
      answers.map((bytes) => [...bytes ?? []]),
      returnCodes.map(([, returnCode]) => [0x20, 2, 0, returnCode]),
    );
  }
});

Deno.test("refusal() has nothing to say to MQTT 3.1.1 about a malformed CONNECT", () => {
  for (
    const reasonCode of [
      ReasonCode.MalformedPacket,
      ReasonCode.ProtocolError,
      ReasonCode.PacketTooLarge,
      ReasonCode.ImplementationSpecificError,
    ]
  ) assert.equal(refusalPacket(MQTT_311, 0, reasonCode, "no"), undefined);
});

Deno.test("refusal() answers versions after 5 as MQTT 5, others as 3.1.1 [MQTT-3.1.2-2]", () => {
  const refuse = (body: Uint8Array) =>
    refusalPacket(body, 0, ReasonCode.UnsupportedProtocolVersion, "no");
  for (const version of [5, 6, 0x7f]) {
    const { reasonCode } = connack(refuse(connectBody("MQTT", version)), 5);
    assert.equal(reasonCode, ReasonCode.UnsupportedProtocolVersion);
  }
  const others = [connectBody("MQTT", 0), connectBody("MQTT", 3), connectBody("MQTT", 0x84)];
  for (const body of [...others, connectBody("MQIsdp", 9), connectBody("", 5)]) {
    assert.deepEqual([...refuse(body) ?? []], [0x20, 2, 0, 1]);
  }
});

Deno.test("refusal() finds the body behind other bytes, and endures one that is cut off", () => {
  const moved = Uint8Array.from([0xff, 0xff, 0xff, ...MQTT_5]);
  assert.equal(connack(refusalPacket(moved, 3, ReasonCode.Banned, ""), 5).reasonCode, 0x8a);
  for (let end = 0; end < MQTT_5.length; end++) {
    const answer = refusalPacket(MQTT_5.slice(0, end), 0, ReasonCode.Banned, "no");
    assert.deepEqual([...answer ?? []], [0x20, 2, 0, 5], `${end} bytes`);
  }
});

Deno.test("refusal() shortens a reason that is too long for a string", () => {
  const answer = refusalPacket(MQTT_5, 0, ReasonCode.BadAuthenticationMethod, "x".repeat(70_000));
  assert(answer !== undefined && answer.length < 70_000);
});
