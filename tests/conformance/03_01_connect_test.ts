/**
 * MQTT 5 section 3.1, CONNECT: what a broker must refuse before it accepts a client. What it does
 * with a client it has accepted is in 03_01_connect_actions_test.ts and 03_01_will_test.ts.
 */

import assert from "node:assert/strict";
import type { ProtocolVersion } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { before5, conformance, everyVersion, only31, only311, only5, since311 } from "./fixture.ts";
import {
  fromHex,
  joined,
  noProperties,
  packet,
  type Piece,
  properties,
  protocolOf,
  string,
  u16,
  u32,
} from "./wire.ts";

const { MalformedPacket, ProtocolError } = ReasonCode;

/** CONNECT with these flags; `payload` follows the properties. */
function connect(version: ProtocolVersion, flags: number, ...payload: Piece[]): Uint8Array {
  return packet(0x10, protocolOf[version], flags, u16(0), noProperties(version), ...payload);
}

const notConnect: [name: string, build: (version: ProtocolVersion) => Uint8Array][] = [
  ["PUBLISH", (version) => packet(0x30, string("a"), noProperties(version))],
  ["PUBACK", () => packet(0x40, u16(1))],
  ["PUBREL", () => packet(0x62, u16(1))],
  ["SUBSCRIBE", (version) => packet(0x82, u16(1), noProperties(version), string("a"), 0)],
  ["UNSUBSCRIBE", (version) => packet(0xa2, u16(1), noProperties(version), string("a"))],
  ["PINGREQ", () => packet(0xc0)],
  ["DISCONNECT", () => packet(0xe0)],
  ["AUTH", () => packet(0xf0)],
  ["CONNACK", () => packet(0x20, 0, 0)],
];
for (const [name, build] of notConnect) {
  conformance(
    only5,
    `closes without a word when ${name} comes first [MQTT-3.1.0-1] [MQTT-3.14.0-1]`,
    async (t) => {
      const client = await t.open();
      await client.sendBytes(build(t.version));
      assert.equal((await client.readToEnd()).length, 0);
    },
  );
}

conformance(everyVersion, "closes when bytes are not MQTT at all [MQTT-3.1.0-1]", async (t) => {
  const client = await t.open();
  const request = [
    "GET / HTTP/1.1",
    "Host: broker",
    "User-Agent: a browser of some kind",
    "Accept: */*",
    "",
    "",
  ];
  await client.sendBytes(new TextEncoder().encode(request.join("\r\n")));
  assert.equal((await client.readToEnd()).length, 0);
});

conformance(everyVersion, "rejects a second CONNECT [MQTT-3.1.0-2]", async (t) => {
  const clientIdentifier = t.clientIdentifier();
  const client = await t.connect({ clientIdentifier });
  await client.sendConnect({ clientIdentifier });
  await client.expectRefusal(ProtocolError);
});

for (const name of ["MQTt", "", "MQTTX", "HTTP"]) {
  conformance(only5, `closes when the Protocol Name is "${name}" [MQTT-3.1.2-1]`, async (t) => {
    const client = await t.open();
    await client.sendBytes(packet(0x10, string(name), 5, 0x02, u16(0), 0, string("a")));
    if ((await client.readToEnd()).length > 0) await expectVersionRefused(client);
  });
}

/** A broker knows no later version, so it answers as 3.1.1 or as 5 does; both are allowed. */
async function expectVersionRefused(client: { readToEnd(): Promise<Uint8Array> }): Promise<void> {
  const answer = [...await client.readToEnd()];
  const expected = answer[1] === 2 ? [0x20, 0x02, 0x00, 0x01] : [0x20, answer[1], 0x00, 0x84];
  assert.deepEqual(answer.slice(0, 4), expected);
  assert.equal(answer.length, 2 + (answer[1] as number), "More than a CONNACK was sent");
}

for (const level of [0, 2, 6, 127]) {
  conformance(
    only311,
    `refuses Protocol Level ${level} with CONNACK and closes [MQTT-3.1.2-2]`,
    async (t) => {
      const client = await t.open();
      await client.sendBytes(packet(0x10, string("MQTT"), level, 0x02, u16(0), string("a")));
      await expectVersionRefused(client);
    },
  );
}

for (const [name, level] of [["MQIsdp", 4], ["MQIsdp", 5], ["MQTT", 3]] as const) {
  conformance(
    only311,
    `does not accept Protocol Name "${name}" with level ${level} [MQTT-3.1.2-2]`,
    async (t) => {
      const client = await t.open();
      const rest = level === 5 ? [0, ...string("a")] : string("a");
      await client.sendBytes(packet(0x10, string(name), level, 0x02, u16(0), rest));
      const answer = await client.readToEnd();
      if (answer.length > 0) assert([0x01, 0x84].includes(answer[3] as number));
    },
  );
}

conformance(since311, "refuses CONNECT with its reserved flag set [MQTT-3.1.2-3]", async (t) => {
  const client = await t.open();
  await client.sendBytes(connect(t.version, 0x03, string(t.clientIdentifier())));
  await client.expectConnectRefused(MalformedPacket, ProtocolError);
});

/** A Will as the payload has it, after the Client Identifier. */
function will(version: ProtocolVersion, topicName: string): Uint8Array {
  return joined(noProperties(version), string(topicName), string("bye"));
}

conformance(since311, "refuses Will QoS 3 [MQTT-3.1.2-12]", async (t) => {
  const client = await t.open();
  const payload = joined(string(t.clientIdentifier()), will(t.version, t.topic()));
  await client.sendBytes(connect(t.version, 0x02 | 0x04 | 0x18, payload));
  await client.expectConnectRefused(MalformedPacket, ProtocolError);
});

for (const qos of [1, 2]) {
  conformance(since311, `refuses Will QoS ${qos} without a Will [MQTT-3.1.2-11]`, async (t) => {
    const client = await t.open();
    await client.sendBytes(connect(t.version, 0x02 | qos << 3, string(t.clientIdentifier())));
    await client.expectConnectRefused(MalformedPacket, ProtocolError);
  });
}

conformance(since311, "refuses Will Retain without a Will [MQTT-3.1.2-13]", async (t) => {
  const client = await t.open();
  await client.sendBytes(connect(t.version, 0x02 | 0x20, string(t.clientIdentifier())));
  await client.expectConnectRefused(MalformedPacket, ProtocolError);
});

conformance(everyVersion, "refuses a Will Flag without a Will [MQTT-3.1.2-9]", async (t) => {
  const client = await t.open();
  await client.sendBytes(connect(t.version, 0x02 | 0x04, string(t.clientIdentifier())));
  await client.expectConnectRefused(MalformedPacket, ProtocolError);
});

conformance(everyVersion, "refuses a Will without its payload [MQTT-3.1.2-9]", async (t) => {
  const client = await t.open();
  const payload = joined(string(t.clientIdentifier()), noProperties(t.version), string(t.topic()));
  await client.sendBytes(connect(t.version, 0x02 | 0x04, payload));
  await client.expectConnectRefused(MalformedPacket, ProtocolError);
});

conformance(since311, "refuses a User Name without its flag [MQTT-3.1.2-16]", async (t) => {
  const client = await t.open();
  const payload = joined(string(t.clientIdentifier()), string("user"));
  await client.sendBytes(connect(t.version, 0x02, payload));
  await client.expectConnectRefused(MalformedPacket, ProtocolError);
});

conformance(since311, "refuses the User Name Flag without a name [MQTT-3.1.2-17]", async (t) => {
  const client = await t.open();
  await client.sendBytes(connect(t.version, 0x82, string(t.clientIdentifier())));
  await client.expectConnectRefused(MalformedPacket, ProtocolError);
});

conformance(since311, "refuses a Password without its flag [MQTT-3.1.2-18]", async (t) => {
  const client = await t.open();
  const payload = joined(string(t.clientIdentifier()), string("user"), string("secret"));
  await client.sendBytes(connect(t.version, 0x82, payload));
  await client.expectConnectRefused(MalformedPacket, ProtocolError);
});

conformance(since311, "refuses the Password Flag without a password [MQTT-3.1.2-19]", async (t) => {
  const client = await t.open();
  const payload = joined(string(t.clientIdentifier()), string("user"));
  await client.sendBytes(connect(t.version, 0xc2, payload));
  await client.expectConnectRefused(MalformedPacket, ProtocolError);
});

conformance(
  only311,
  "refuses a Password without a User Name, MQTT-3.1.2-22 of MQTT 3.1.1",
  async (t) => {
    const client = await t.open();
    const payload = joined(string(t.clientIdentifier()), string("secret"));
    await client.sendBytes(connect(t.version, 0x42, payload));
    await client.expectConnectRefused();
  },
);

conformance(
  only5,
  "takes a Password without a User Name, section 3.1.2.9",
  async (t) => {
    const client = await t.open();
    const payload = joined(string(t.clientIdentifier()), string("secret"));
    await client.sendBytes(connect(t.version, 0x42, payload));
    const connack = await client.receive();
    assert.equal("reasonCode" in connack && connack.reasonCode, ReasonCode.Success);
  },
);

conformance(everyVersion, "refuses CONNECT without Client Identifier [MQTT-3.1.3-3]", async (t) => {
  const client = await t.open();
  await client.sendBytes(connect(t.version, 0x02));
  await client.expectConnectRefused(MalformedPacket, ProtocolError);
});

conformance(everyVersion, "refuses CONNECT that ends in its Keep Alive", async (t) => {
  const client = await t.open();
  await client.sendBytes(packet(0x10, protocolOf[t.version], 0x02, 0x00));
  const answer = await client.readToEnd();
  if (answer.length > 0) assert.deepEqual([t.version, answer[3]], [5, 0x81]);
});

const illFormedFields: [field: string, flags: number, build: (v: ProtocolVersion) => Piece[]][] = [
  ["Client Identifier [MQTT-3.1.3-4]", 0x02, () => [string([0xc3, 0x28])]],
  ["Will Topic [MQTT-3.1.3-11]", 0x06, (version) => [
    string("a"),
    noProperties(version),
    string([0x61, 0xed, 0xa0, 0x80]),
    string("bye"),
  ]],
  ["User Name [MQTT-3.1.3-12]", 0x82, () => [string("a"), string([0xff])]],
];
for (const [field, flags, build] of illFormedFields) {
  conformance(since311, `refuses ill-formed UTF-8 in the ${field}`, async (t) => {
    const client = await t.open();
    await client.sendBytes(connect(t.version, flags, ...build(t.version)));
    await client.expectConnectRefused(MalformedPacket, ReasonCode.ClientIdentifierNotValid);
  });
}

for (const topicName of ["a/+/b", "a/#", ""]) {
  conformance(since311, `refuses "${topicName}" as Will Topic, section 4.7`, async (t) => {
    const client = await t.open();
    await client.sendConnect({ clientIdentifier: t.clientIdentifier(), will: { topicName } });
    await client.expectConnectRefused(ReasonCode.TopicNameInvalid, MalformedPacket, ProtocolError);
  });
}

conformance(only31, "refuses an empty Client Identifier with return code 2", async (t) => {
  const client = await t.open();
  await client.sendConnect({ clientIdentifier: "" });
  assert.deepEqual(await client.readToEnd(), fromHex("20 02 00 02"));
});

conformance(
  only311,
  "refuses an empty Client Identifier without Clean Session, MQTT-3.1.3-8 of MQTT 3.1.1",
  async (t) => {
    const client = await t.open();
    await client.sendConnect({ clientIdentifier: "", cleanStart: false });
    assert.deepEqual(await client.readToEnd(), fromHex("20 02 00 02"));
  },
);

/** CONNECT properties that are wrong in value, number or place (section 3.1.2.11). */
const wrongProperties: [what: string, list: number[]][] = [
  ["Receive Maximum 0", [0x21, 0, 0]],
  ["Maximum Packet Size 0", [0x27, 0, 0, 0, 0]],
  ["Request Response Information 2", [0x19, 2]],
  ["Request Problem Information 2", [0x17, 2]],
  ["Authentication Data without a method", [0x16, 0, 1, 0xaa]],
  ["Session Expiry Interval twice", [0x11, ...u32(1), 0x11, ...u32(1)]],
  ["Receive Maximum twice", [0x21, 0, 1, 0x21, 0, 1]],
  ["Maximum Packet Size twice", [0x27, ...u32(99), 0x27, ...u32(99)]],
  ["Topic Alias Maximum twice", [0x22, 0, 1, 0x22, 0, 1]],
  ["Request Response Information twice", [0x19, 1, 0x19, 1]],
  ["Request Problem Information twice", [0x17, 1, 0x17, 1]],
  ["Authentication Method twice", [0x15, ...string("a"), 0x15, ...string("a")]],
  ["Will Delay Interval outside the Will", [0x18, ...u32(1)]],
  ["Topic Alias", [0x23, 0, 1]],
  ["Reason String", [0x1f, ...string("a")]],
  ["Server Keep Alive", [0x13, 0, 1]],
  ["an unknown property", [0x7f, 0]],
];
for (const [what, list] of wrongProperties) {
  conformance(only5, `refuses CONNECT with ${what} [MQTT-3.1.4-1]`, async (t) => {
    const client = await t.open();
    const body = [protocolOf[5], 0x02, u16(0), properties(list), string(t.clientIdentifier())];
    await client.sendBytes(packet(0x10, ...body));
    await client.expectConnectRefused(ProtocolError, MalformedPacket);
  });
}

const wrongWillProperties: [what: string, list: number[]][] = [
  ["Payload Format Indicator 2", [0x01, 2]],
  ["Will Delay Interval twice", [0x18, ...u32(1), 0x18, ...u32(1)]],
  ["Message Expiry Interval twice", [0x02, ...u32(1), 0x02, ...u32(1)]],
  ["Topic Alias", [0x23, 0, 1]],
  ["Session Expiry Interval", [0x11, ...u32(1)]],
  ["Subscription Identifier", [0x0b, 1]],
];
for (const [what, list] of wrongWillProperties) {
  conformance(only5, `refuses a Will with ${what}, section 3.1.3.2`, async (t) => {
    const client = await t.open();
    const willPart = joined(properties(list), string(t.topic()), string("bye"));
    await client.sendBytes(connect(5, 0x06, string(t.clientIdentifier()), willPart));
    await client.expectConnectRefused(ProtocolError, MalformedPacket);
  });
}

conformance(before5, "answers no malformed CONNECT, MQTT-3.1.4-1 of MQTT 3.1.1", async (t) => {
  const client = await t.open();
  await client.sendBytes(packet(0x10, protocolOf[t.version], 0x02, u16(0), u16(9), [0x61]));
  assert.equal((await client.readToEnd()).length, 0);
});
