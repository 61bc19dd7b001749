import assert from "node:assert/strict";
import {
  describePacket,
  describeReasonCode,
  packetName,
  quoteText,
} from "../../src/protocol/describe.ts";
import { PacketType, type ProtocolVersion } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { toPacket } from "./vector.ts";

const SECRET = "73656372657421";

function describe(json: Record<string, unknown>, version: ProtocolVersion = 5): string {
  return describePacket(toPacket(json), version);
}

const PUBLISH = {
  type: "PUBLISH",
  topicName: "home/temp",
  payload: SECRET.repeat(3),
  qos: 1,
  retain: false,
  duplicate: false,
  packetIdentifier: 5,
};
const CONNECT = {
  type: "CONNECT",
  protocolVersion: 4,
  cleanStart: true,
  keepAlive: 60,
  clientIdentifier: "kitchen",
};

Deno.test("describePacket() says of PUBLISH what mosquitto -v says", () => {
  assert.equal(describe(PUBLISH), "PUBLISH (d0, q1, r0, m5, 'home/temp', 21 bytes)");
  assert.equal(
    describe({ ...PUBLISH, payload: "00", duplicate: true, retain: true, qos: 2 }),
    "PUBLISH (d1, q2, r1, m5, 'home/temp', 1 byte)",
  );
  const properties = { topicAlias: 3, contentType: "text/plain", userProperties: [["a", "b"]] };
  assert.equal(
    describe({ ...PUBLISH, topicName: "", properties }),
    "PUBLISH (d0, q1, r0, m5, '', topicAlias 3, contentType 'text/plain', userProperties 1, " +
      "21 bytes)",
  );
});

Deno.test("describePacket() describes CONNECT of each version", () => {
  assert.equal(describe(CONNECT), "CONNECT (MQTT 3.1.1, c1, k60, 'kitchen')");
  assert.equal(
    describe({ ...CONNECT, protocolVersion: 3, bridge: true, cleanStart: false }),
    "CONNECT (MQTT 3.1, c0, k60, 'kitchen', bridge)",
  );
  assert.equal(
    describe({
      ...CONNECT,
      protocolVersion: 5,
      username: "bob",
      password: SECRET,
      will: {
        topicName: "a/b",
        payload: SECRET,
        qos: 1,
        retain: true,
        properties: { willDelayInterval: 5 },
      },
      properties: { sessionExpiryInterval: 60 },
    }),
    "CONNECT (MQTT 5, c1, k60, 'kitchen', user 'bob', with password, " +
      "will 'a/b' q1 r1 7 bytes willDelayInterval 5, sessionExpiryInterval 60)",
  );
});

Deno.test("describePacket() describes answers", () => {
  const identified = { packetIdentifier: 5 };
  const connack = { type: "CONNACK", sessionPresent: false, reasonCode: "0x87" };
  assert.equal(describe(connack), "CONNACK (s0, 0x87 Not authorized)");
  assert.equal(describe(connack, 4), "CONNACK (s0, 5 Not authorized)");
  const puback = { ...identified, type: "PUBACK", reasonCode: "0x10" };
  assert.equal(describe(puback), "PUBACK (m5, 0x10 No matching subscribers)");
  assert.equal(describe(puback, 4), "PUBACK (m5)");
  assert.equal(
    describe({ ...identified, type: "SUBACK", reasonCodes: ["0x00", "0x02", "0x8f"] }),
    "SUBACK (m5, q0, q2, 0x8f Topic filter invalid)",
  );
  assert.equal(
    describe({ ...identified, type: "UNSUBACK", reasonCodes: ["0x11"] }),
    "UNSUBACK (m5, 0x11 No subscription existed)",
  );
  assert.equal(describe({ ...identified, type: "UNSUBACK", reasonCodes: [] }, 4), "UNSUBACK (m5)");
});

Deno.test("describePacket() describes the rest", () => {
  const option = { qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 };
  assert.equal(
    describe({
      type: "SUBSCRIBE",
      packetIdentifier: 5,
      subscriptions: [
        { ...option, topicFilter: "a/#" },
        { topicFilter: "b", qos: 1, noLocal: true, retainAsPublished: true, retainHandling: 2 },
      ],
      properties: { subscriptionIdentifiers: [7] },
    }),
    "SUBSCRIBE (m5, 'a/#' q0, 'b' q1 No Local Retain As Published Retain Handling 2, " +
      "subscriptionIdentifiers 7)",
  );
  assert.equal(
    describe({ type: "UNSUBSCRIBE", packetIdentifier: 5, topicFilters: ["a", "b/+"] }),
    "UNSUBSCRIBE (m5, 'a', 'b/+')",
  );
  assert.equal(describe({ type: "PINGREQ" }), "PINGREQ");
  assert.equal(describe({ type: "PINGRESP" }), "PINGRESP");
  const disconnect = { type: "DISCONNECT", reasonCode: "0x00" };
  assert.equal(describe(disconnect, 4), "DISCONNECT");
  assert.equal(describe(disconnect), "DISCONNECT (0x00 Normal disconnection)");
  assert.equal(
    describe({ ...disconnect, reasonCode: "0x8e", properties: { reasonString: "bye" } }),
    "DISCONNECT (0x8e Session taken over, reasonString 'bye')",
  );
  assert.equal(
    describe({ type: "AUTH", reasonCode: "0x19" }),
    "AUTH (0x19 Re-authenticate)",
  );
});

Deno.test("describePacket() never shows payload, password, authentication or correlation data", () => {
  const properties = {
    authenticationMethod: "m",
    authenticationData: SECRET,
    userProperties: [["token", "secret!"]],
  };
  const will = {
    topicName: "w",
    payload: SECRET,
    qos: 0,
    retain: false,
    properties: { correlationData: SECRET },
  };
  const lines = [
    describe({ ...CONNECT, protocolVersion: 5, username: "u", password: SECRET, properties, will }),
    describe({ type: "AUTH", reasonCode: "0x18", properties }),
    describe({ ...PUBLISH, properties: { correlationData: SECRET } }),
  ];
  for (const line of lines) {
    assert.doesNotMatch(line, /secret|115,? ?101/);
    assert.match(line, /7 bytes|21 bytes/);
  }
});

Deno.test("quoteText() lets no text forge or hide a part of a line", () => {
  assert.equal(quoteText("a'b\\c"), String.raw`'a\'b\\c'`);
  assert.equal(quoteText("a\r\nb\x1b[2J\x7f"), String.raw`'a\u{d}\u{a}b\u{1b}[2J\u{7f}'`);
  assert.equal(quoteText("\u202e\u2028\u0085\ufeff"), String.raw`'\u{202e}\u{2028}\u{85}\u{feff}'`);
  assert.equal(quoteText("\ud800"), String.raw`'\u{d800}'`);
  assert.equal(quoteText("h\u00e9/\u{1f600}"), "'h\u00e9/\u{1f600}'");
});

Deno.test("quoteText() shortens long texts", () => {
  assert.equal(quoteText("a".repeat(200)), `'${"a".repeat(200)}'`);
  assert.equal(quoteText("a".repeat(201)), `'${"a".repeat(200)}...'`);
});

Deno.test("describeReasonCode() and packetName() know every code and type", () => {
  for (const reasonCode of Object.values(ReasonCode)) {
    assert.match(describeReasonCode(reasonCode), /^0x[0-9a-f]{2} [A-Z][A-Za-z0-9 -]+$/);
  }
  assert.equal(describeReasonCode(ReasonCode.QoSNotSupported), "0x9b QoS not supported");
  for (const type of Object.values(PacketType)) assert.match(packetName(type), /^[A-Z]+$/);
});
