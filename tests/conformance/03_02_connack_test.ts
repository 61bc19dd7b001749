/**
 * MQTT 5 section 3.2, CONNACK: when it is sent, its flags, and what its properties may say.
 */

import assert from "node:assert/strict";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { conformance, everyVersion, only31, only311, only5, since311 } from "./fixture.ts";
import { fromHex, noProperties, packet, protocolOf, string, u16 } from "./wire.ts";

conformance(
  everyVersion,
  "sends CONNACK first and once, whatever waits for the session [MQTT-3.2.0-1] [MQTT-3.2.0-2]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const first = await t.connectKeepingSession(clientIdentifier);
    await first.subscribe(t.topic(), { qos: 1 });
    await first.disconnect();
    const publisher = await t.connect();
    await publisher.publish(t.topic(), "waiting", { qos: 1 });
    // The fixture's clients expect CONNACK as the first packet.
    const second = await t.connectKeepingSession(clientIdentifier);
    await second.expectMessage(t.topic(), "waiting");
    await second.expectNothing();
  },
);

for (const version of [3, 4] as const) {
  conformance(
    version === 3 ? only31 : only311,
    "sends a CONNACK of exactly four bytes, section 3.2",
    async (t) => {
      const client = await t.connect();
      await client.barrier();
      assert.deepEqual(client.bytesReceived.slice(0, 4), fromHex("20 02 00 00"));
      assert.deepEqual(client.bytesReceived.slice(4), fromHex("d0 00"));
    },
  );
}

conformance(only311, "sets bit 0 alone for Session Present [MQTT-3.2.2-1]", async (t) => {
  const clientIdentifier = t.clientIdentifier();
  await (await t.connectKeepingSession(clientIdentifier)).disconnect();
  const again = await t.connectKeepingSession(clientIdentifier);
  assert.deepEqual(again.bytesReceived.slice(0, 4), fromHex("20 02 01 00"));
});

conformance(only31, "leaves the reserved byte 0: MQTT 3.1 has no Session Present", async (t) => {
  const clientIdentifier = t.clientIdentifier();
  await (await t.connectKeepingSession(clientIdentifier)).disconnect();
  const again = await t.connectKeepingSession(clientIdentifier);
  assert.deepEqual(again.bytesReceived.slice(0, 4), fromHex("20 02 00 00"));
});

conformance(
  since311,
  "sends Session Present 0 with Clean Start, session or not [MQTT-3.2.2-2]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const first = await t.connectKeepingSession(clientIdentifier);
    assert.equal(first.connack.sessionPresent, false);
    await first.disconnect();
    const second = await t.connect({ clientIdentifier });
    assert.equal(second.connack.sessionPresent, false);
  },
);

conformance(
  since311,
  "sends Session Present 1 when it has the session, 0 when not [MQTT-3.2.2-3]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const first = await t.connectKeepingSession(clientIdentifier);
    assert.equal(first.connack.sessionPresent, false);
    await first.disconnect();
    const second = await t.connectKeepingSession(clientIdentifier);
    assert.equal(second.connack.sessionPresent, true);
  },
);

conformance(
  only5,
  "sends Session Present 0 with an error, though the session exists [MQTT-3.2.2-6]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    await (await t.connectKeepingSession(clientIdentifier)).disconnect();
    const client = await t.open();
    await client.sendConnect({
      clientIdentifier,
      cleanStart: false,
      properties: { authenticationMethod: "unheard-of" },
    });
    await client.expectConnectRefused(ReasonCode.BadAuthenticationMethod);
  },
);

conformance(only5, "closes after a CONNACK with an error [MQTT-3.2.2-7]", async (t) => {
  const client = await t.open();
  await client.sendBytes(packet(
    0x10,
    protocolOf[5],
    0x02,
    u16(0),
    [3, 0x21, 0, 0],
    string(t.clientIdentifier()),
  ));
  await client.expectConnectRefused(ReasonCode.ProtocolError, ReasonCode.MalformedPacket);
});

conformance(only5, "sends a Property Length even if it is 0 [MQTT-2.2.2-1]", async (t) => {
  const client = await t.connect();
  const [firstByte, remainingLength, flags, code, propertyLength] = client.bytesReceived;
  assert.deepEqual([firstByte, flags, code], [0x20, 0, 0]);
  assert.equal(propertyLength, remainingLength as number - 3);
});

conformance(
  only5,
  "announces only values that the specification allows [MQTT-3.2.2-8] [MQTT-4.12.0-6]",
  async (t) => {
    const { properties } = (await t.connect()).connack;
    const { maximumQoS, receiveMaximum, maximumPacketSize, retainAvailable } = properties;
    assert(maximumQoS === undefined || maximumQoS === 0 || maximumQoS === 1);
    assert(receiveMaximum === undefined || receiveMaximum > 0);
    assert(maximumPacketSize === undefined || maximumPacketSize > 0);
    assert(retainAvailable === undefined || retainAvailable <= 1);
    // A client that asked for no authentication hears of none.
    assert.equal(properties.authenticationMethod, undefined);
    assert.equal(properties.authenticationData, undefined);
  },
);

conformance(
  only5,
  "announces QoS 2, retained messages, wildcards, identifiers and shares [MQTT-3.2.2-9]",
  async (t) => {
    const { properties } = (await t.connect()).connack;
    assert.equal(properties.maximumQoS, undefined); // Absent means QoS 2.
    assert.equal(properties.retainAvailable ?? 1, 1);
    assert.equal(properties.wildcardSubscriptionAvailable ?? 1, 1);
    assert.equal(properties.subscriptionIdentifierAvailable ?? 1, 1);
    assert.equal(properties.sharedSubscriptionAvailable ?? 1, 1);
  },
);

conformance(
  only5,
  "tells no Session Expiry Interval, Keep Alive or identifier but the client's own [MQTT-3.2.2-22]",
  async (t) => {
    const client = await t.connect({
      keepAlive: 60,
      cleanStart: false,
      properties: { sessionExpiryInterval: 30 },
    });
    const { properties } = client.connack;
    assert.equal(properties.sessionExpiryInterval ?? 30, 30);
    assert.equal(properties.serverKeepAlive ?? 60, 60);
    assert.equal(properties.assignedClientIdentifier, undefined);
  },
);

conformance(
  only311,
  "answers a good CONNECT before anything else that comes with it [MQTT-3.1.4-5]",
  async (t) => {
    const client = await t.open();
    const connect = packet(0x10, protocolOf[4], 0x02, u16(0), string(t.clientIdentifier()));
    const publish = packet(0x32, string(t.topic()), u16(1), noProperties(4));
    await client.sendBytes(Uint8Array.from([...connect, ...publish]));
    await client.expectAccepted();
    await client.find(4);
    assert.deepEqual(client.bytesReceived, fromHex("20 02 00 00 40 02 00 01"));
  },
);
