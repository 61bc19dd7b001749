/**
 * MQTT 5 section 3.14, DISCONNECT from the client. What becomes of its Will is in
 * 03_01_will_test.ts; the broker's own DISCONNECT is checked wherever it refuses something.
 */

import assert from "node:assert/strict";
import { packetName } from "../../src/protocol/describe.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { conformance, everyVersion, only311, only5, since311 } from "./fixture.ts";
import { fromHex, joined, noProperties, packet, properties, string, u16, u32 } from "./wire.ts";

const { MalformedPacket, ProtocolError } = ReasonCode;

conformance(since311, "rejects DISCONNECT with a flag set [MQTT-3.14.1-1]", async (t) => {
  const watcher = await t.connect();
  await watcher.subscribe(t.topic());
  const client = await t.connect({ will: { topicName: t.topic(), payload: "malformed" } });
  await client.sendBytes(fromHex("e1 00"));
  await client.expectRefusal(MalformedPacket);
  await watcher.expectMessage(t.topic(), "malformed");
});

conformance(only311, "rejects DISCONNECT with a body, section 3.14 of MQTT 3.1.1", async (t) => {
  const watcher = await t.connect();
  await watcher.subscribe(t.topic());
  const client = await t.connect({ will: { topicName: t.topic(), payload: "malformed" } });
  await client.sendBytes(fromHex("e0 01 00"));
  await client.expectClosed();
  await watcher.expectMessage(t.topic(), "malformed");
});

conformance(everyVersion, "closes when the client says DISCONNECT [MQTT-3.14.4-2]", async (t) => {
  const client = await t.connect();
  await client.sendBytes(fromHex("e0 00"));
  await client.expectClosed();
});

conformance(
  everyVersion,
  "does nothing with what follows a DISCONNECT [MQTT-3.14.4-1]",
  async (t) => {
    const watcher = await t.connect();
    await watcher.subscribe(t.topic());
    const client = await t.connect();
    await client.sendBytes(joined(
      packet(0x30, string(t.topic()), noProperties(t.version), 0x31),
      packet(0xe0),
      packet(0x30, string(t.topic()), noProperties(t.version), 0x32),
    ));
    await client.readToEnd();
    await watcher.expectMessage(t.topic(), "1");
    await watcher.expectNothing();
  },
);

conformance(
  only5,
  "sends what is on its way before its DISCONNECT, and nothing after it [MQTT-3.14.4-1]",
  async (t) => {
    for (const qos of [0, 1] as const) {
      // With another subscriber both get the same bytes, which may wait for more to come.
      const watcher = await t.connect();
      await watcher.subscribe(t.topic(), { qos });
      const client = await t.connect();
      await client.subscribe(t.topic(), { qos });
      const identifier = qos === 0 ? [] : u16(1);
      await client.sendBytes(joined(
        packet(0x30 | qos << 1, string(t.topic()), identifier, noProperties(5), 0x31),
        packet(0x36, string(t.topic()), u16(2), noProperties(5), 0x32), // QoS 3.
        packet(0x30, string(t.topic()), noProperties(5), 0x33),
      ));
      const before: string[] = [];
      for (let count = 0; count <= qos; count++) {
        before.push(packetName((await client.receive()).type));
      }
      assert.deepEqual(before.sort(), qos === 0 ? ["PUBLISH"] : ["PUBACK", "PUBLISH"]);
      await client.expectRefusal(MalformedPacket);
      await watcher.expectMessage(t.topic(), "1");
      await watcher.expectNothing();
    }
  },
);

const forms: [what: string, body: number[]][] = [
  ["no body", []],
  ["a Reason Code alone", [0x00]],
  ["an empty property list", [0x00, 0x00]],
  ["a Reason String", [0x00, ...properties(0x1f, string("bye"))]],
  ["User Properties", [0x00, ...properties(0x26, string("a"), string("b"))]],
  ["a Session Expiry Interval", [0x00, ...properties(0x11, u32(0))]],
];
for (const [what, body] of forms) {
  conformance(only5, `takes DISCONNECT with ${what} as normal, section 3.14.2`, async (t) => {
    const watcher = await t.connect();
    await watcher.subscribe(t.topic());
    const client = await t.connect({ will: { topicName: t.topic(), payload: "no" } });
    await client.sendBytes(packet(0xe0, body));
    await client.expectClosed();
    await watcher.expectNothing(); // [MQTT-3.14.4-3]
  });
}

const malformed: [what: string, body: number[]][] = [
  ["a Reason Code that is none [MQTT-3.14.2-1]", [0x05]],
  ["a Reason Code of SUBACK [MQTT-3.14.2-1]", [0x01]],
  ["a property list cut short", [0x00, 0x05, 0x11, 0x00]],
  ["bytes after its properties", [0x00, 0x00, 0x00]],
  ["Session Expiry Interval twice", [0x00, ...properties(0x11, u32(0), 0x11, u32(0))]],
  ["Reason String twice", [0x00, ...properties(0x1f, string("a"), 0x1f, string("b"))]],
  ["a Server Keep Alive", [0x00, ...properties(0x13, 0, 1)]],
];
for (const [what, body] of malformed) {
  conformance(only5, `rejects DISCONNECT with ${what}`, async (t) => {
    const client = await t.connect();
    await client.sendBytes(packet(0xe0, body));
    await client.expectRefusal(MalformedPacket, ProtocolError);
  });
}

conformance(
  only5,
  "rejects a Session Expiry Interval at DISCONNECT after 0 at CONNECT, section 3.14.2.2.2",
  async (t) => {
    for (const atConnect of [{}, { sessionExpiryInterval: 0 }]) {
      const client = await t.connect({ properties: atConnect });
      await client.sendBytes(packet(0xe0, 0x00, properties(0x11, u32(10))));
      await client.expectRefusal(ProtocolError);
    }
  },
);

conformance(
  only5,
  "ends the session when DISCONNECT sets its expiry to 0, section 3.14.2.2.2",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const client = await t.connectKeepingSession(clientIdentifier);
    await client.disconnect(ReasonCode.Success, { sessionExpiryInterval: 0 });
    const again = await t.connectKeepingSession(clientIdentifier);
    assert.equal(again.connack.sessionPresent, false);
  },
);

conformance(
  only5,
  "keeps the expiry of CONNECT when DISCONNECT says nothing, section 3.14.2.2.2",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const client = await t.connectKeepingSession(clientIdentifier);
    await client.disconnect();
    const again = await t.connectKeepingSession(clientIdentifier);
    assert.equal(again.connack.sessionPresent, true);
  },
);
