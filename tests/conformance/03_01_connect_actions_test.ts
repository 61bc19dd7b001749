/**
 * MQTT 5 sections 3.1.2 to 3.1.4: what a broker does with a CONNECT that it accepts, or that it
 * refuses although more packets follow. Sessions are in 04_01_sessions_test.ts.
 */

import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import {
  conformance,
  conformanceTogether,
  everyVersion,
  only311,
  only5,
  scenario,
  since311,
} from "./fixture.ts";
import { joined, noProperties, packet, protocolOf, string, u16 } from "./wire.ts";

conformance(
  everyVersion,
  "accepts Client Identifiers of 1 to 23 letters and digits [MQTT-3.1.3-5]",
  async (t) => {
    await t.connect({ clientIdentifier: "Z" });
    await t.connect({ clientIdentifier: "0123456789abcdefghijKLM" });
    const mixed = `aZ09${t.clientIdentifier()}`;
    const client = await t.connect({ clientIdentifier: mixed });
    await client.expectNothing();
  },
);

conformance(
  only5,
  "assigns each client without an identifier one of its own [MQTT-3.1.3-6] [MQTT-3.2.2-16]",
  async (t) => {
    const first = await t.connect({ clientIdentifier: "" });
    const second = await t.connect({ clientIdentifier: "" });
    const assigned = [first, second].map((client) =>
      client.connack.properties.assignedClientIdentifier
    );
    assert(assigned.every((identifier) => identifier !== undefined && identifier.length > 0));
    assert.notEqual(assigned[0], assigned[1]);
    await first.expectNothing(); // Still there: the second did not take it over.
  },
);

conformance(
  only5,
  "treats an assigned Client Identifier as if the client had sent it [MQTT-3.1.3-7]",
  async (t) => {
    const client = await t.connect({
      clientIdentifier: "",
      cleanStart: true,
      properties: { sessionExpiryInterval: 60 },
    });
    const clientIdentifier = client.connack.properties.assignedClientIdentifier as string;
    await client.subscribe(t.topic());
    await client.disconnect();
    const again = await t.connectKeepingSession(clientIdentifier);
    assert.equal(again.connack.sessionPresent, true);
    assert.equal(again.connack.properties.assignedClientIdentifier, undefined);
  },
);

conformance(
  only5,
  "assigns a Client Identifier without Clean Start as well, section 3.1.3.1",
  async (t) => {
    const client = await t.connect({ clientIdentifier: "", cleanStart: false });
    assert(client.connack.properties.assignedClientIdentifier);
    assert.equal(client.connack.sessionPresent, false);
  },
);

conformance(
  since311,
  "accepts an empty Client Identifier with Clean Start [MQTT-3.1.3-6]",
  async (t) => {
    const client = await t.connect({ clientIdentifier: "" });
    await client.subscribe(t.topic());
    await client.publish(t.topic(), "x");
    await client.expectMessage(t.topic(), "x");
  },
);

conformance(
  everyVersion,
  "reads the payload in its order, every field present [MQTT-3.1.3-1]",
  async (t) => {
    const watcher = await t.connect();
    await watcher.subscribe(t.topic());
    const client = await t.open();
    await client.sendBytes(packet(
      0x10,
      protocolOf[t.version],
      0xc6,
      u16(0),
      noProperties(t.version),
      string(t.clientIdentifier()),
      joined(noProperties(t.version), string(t.topic()), string("will")),
      string("user"),
      string("password"),
    ));
    await client.expectAccepted();
    client.close();
    await watcher.expectMessage(t.topic(), "will");
  },
);

conformance(
  everyVersion,
  "handles packets that a client sends before its CONNACK, section 3.1.4",
  async (t) => {
    const client = await t.open();
    const none = noProperties(t.version);
    await client.sendBytes(joined(
      packet(0x10, protocolOf[t.version], 0x02, u16(0), none, string(t.clientIdentifier())),
      packet(0x82, u16(1), none, string(t.topic()), 0),
      packet(0x30, string(t.topic()), none, [0x78]),
    ));
    await client.expectAccepted();
    await client.expect(PacketType.Suback);
    await client.expectMessage(t.topic(), "x");
  },
);

conformance(
  since311,
  "does nothing with what follows a refused CONNECT [MQTT-3.1.4-6]",
  async (t) => {
    const watcher = await t.connect();
    await watcher.subscribe(t.topic(), { qos: 1 });
    const client = await t.open();
    const none = noProperties(t.version);
    await client.sendBytes(joined(
      packet(0x10, protocolOf[t.version], 0x03, u16(0), none, string(t.clientIdentifier())),
      packet(0x30, string(t.topic()), none, [0x78]),
    ));
    await client.readToEnd();
    await watcher.expectNothing();
  },
);

conformance(
  everyVersion,
  "ends the older connection when its Client Identifier connects again [MQTT-3.1.4-3]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const older = await t.connect({ clientIdentifier });
    const newer = await t.connect({ clientIdentifier });
    await older.expectRefusal(ReasonCode.SessionTakenOver);
    await newer.expectNothing();
  },
);

conformance(
  everyVersion,
  "does not take over a Client Identifier that differs in case [MQTT-3.1.3-2]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const lower = await t.connect({ clientIdentifier });
    await t.connect({ clientIdentifier: clientIdentifier.toUpperCase() });
    await lower.expectNothing();
  },
);

conformance(
  everyVersion,
  "keeps the subscriptions of a session that is taken over [MQTT-3.1.2-5]",
  async (t) => {
    const clientIdentifier = t.clientIdentifier();
    const older = await t.connectKeepingSession(clientIdentifier);
    await older.subscribe(t.topic(), { qos: 1 });
    const newer = await t.connectKeepingSession(clientIdentifier);
    await older.expectRefusal(ReasonCode.SessionTakenOver);
    const publisher = await t.connect();
    await publisher.publish(t.topic(), "to the newer", { qos: 1 });
    await newer.expectMessage(t.topic(), "to the newer");
  },
);

conformanceTogether(
  "Keep Alive",
  scenario(
    everyVersion,
    "gives a client up after one and a half Keep Alive without a packet [MQTT-3.1.2-22]",
    async (t) => {
      const watcher = await t.connect();
      await watcher.subscribe(t.topic());
      const will = { topicName: t.topic(), payload: "silent" };
      const client = await t.connect({ keepAlive: 1, will });
      const started = performance.now();
      if (t.version === 5) {
        const disconnect = await client.expect(PacketType.Disconnect);
        assert.equal(disconnect.reasonCode, ReasonCode.KeepAliveTimeout);
      }
      await client.expectClosed();
      assert(performance.now() - started >= 1_400, "Closed before 1.5 times Keep Alive");
      await watcher.expectMessage(t.topic(), "silent");
    },
  ),
);

conformance(
  only5,
  "takes part in no response information unless it is asked [MQTT-3.1.2-28]",
  async (t) => {
    const unasked = await t.connect({ properties: { requestResponseInformation: 0 } });
    assert.equal(unasked.connack.properties.responseInformation, undefined);
    const silent = await t.connect();
    assert.equal(silent.connack.properties.responseInformation, undefined);
  },
);

conformance(only5, "accepts Request Response Information 1, section 3.1.2.11.6", async (t) => {
  const client = await t.connect({ properties: { requestResponseInformation: 1 } });
  await client.expectNothing();
});

conformance(
  only5,
  "sends no Reason String where the client wants none [MQTT-3.1.2-29]",
  async (t) => {
    const client = await t.connect({ properties: { requestProblemInformation: 0 } });
    const answers = [await client.unsubscribe(t.topic())];
    await client.send(client.publishPacket(t.topic(), "x", { qos: 1, packetIdentifier: 50 }));
    const puback = await client.expect(PacketType.Puback);
    await client.sendAcknowledgement(PacketType.Pubrel, 51);
    const pubcomp = await client.expect(PacketType.Pubcomp);
    for (const { properties } of [...answers, puback, pubcomp]) {
      assert.deepEqual([properties.reasonString, properties.userProperties], [
        undefined,
        undefined,
      ]);
    }
  },
);

conformance(only5, "takes User Properties in CONNECT, section 3.1.2.11.8", async (t) => {
  const client = await t.connect({ properties: { userProperties: [["a", "1"], ["a", "1"]] } });
  await client.expectNothing();
});

conformance(
  only5,
  "takes Session Expiry Interval, Receive Maximum and others at their largest, section 3.1.2.11",
  async (t) => {
    const client = await t.connect({
      properties: {
        sessionExpiryInterval: 0xffff_ffff,
        receiveMaximum: 65_535,
        maximumPacketSize: 0xffff_ffff,
        topicAliasMaximum: 65_535,
        requestProblemInformation: 1,
      },
    });
    await client.expectNothing();
  },
);

conformance(
  only311,
  "takes the bridge flag in the Protocol Level: RETAIN as published, nothing back of its own",
  async (t) => {
    // Not in the specification: Mosquitto's bridges say it with bit 7, and others understand it.
    const bridge = await t.open();
    const level = [...string("MQTT"), 0x84];
    await bridge.sendBytes(packet(0x10, level, 0x02, u16(0), string(t.clientIdentifier())));
    await bridge.expectAccepted();
    await bridge.subscribe(t.topic("#"), { qos: 1 });
    const other = await t.connect();
    await bridge.publish(t.topic("own"), "x", { qos: 1 });
    await other.publish(t.topic("kept"), "y", { qos: 1, retain: true });
    assert.equal((await bridge.expectMessage(t.topic("kept"), "y")).retain, true);
    await bridge.expectNothing();
  },
);
