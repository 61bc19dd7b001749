import assert from "node:assert/strict";
import { serverKeepAlive, sessionExpiryMs } from "../../src/broker/handle_connect.ts";
import type { BrokerLimits } from "../../src/broker/limits.ts";
import { type ConnectPacket, PacketType, type ProtocolVersion } from "../../src/protocol/packet.ts";
import { Core } from "../support/core.ts";
import { DEFAULT_LIMITS } from "../support/default_limits.ts";
import { connectPacket, type Fields, will } from "../support/packets.ts";

/** Connects with these limits and gives the properties of the CONNACK. */
function connackProperties(limits: Partial<BrokerLimits>, fields: Fields<ConnectPacket> = {}) {
  return new Core(limits).connect(fields.clientIdentifier ?? "a", 5, fields).connack?.properties;
}

/** The Reason Code that a CONNECT is refused with; undefined when it is accepted. */
function refusal(
  core: Core,
  version: ProtocolVersion,
  fields: Fields<ConnectPacket>,
): number | undefined {
  const client = core.open(version);
  client.connect(connectPacket("a", version, fields));
  if (client.refusal === undefined) return undefined;
  assert.equal(core.broker.statistics.clientsConnected, 0);
  return client.refusal.reasonCode;
}

const ALWAYS_THERE = { receiveMaximum: 1000, maximumPacketSize: 16_777_216, topicAliasMaximum: 32 };

Deno.test("CONNACK says what differs from the defaults of the specification, and no more", () => {
  assert.deepEqual(connackProperties({}), ALWAYS_THERE);
  const { topicAliasMaximum: _none, ...withoutAliases } = ALWAYS_THERE;
  assert.deepEqual(connackProperties({ topicAliasMaximum: 0 }), withoutAliases);
  const retainAvailable = connackProperties({ retainAvailable: false });
  assert.deepEqual(retainAvailable, { ...ALWAYS_THERE, retainAvailable: 0 });
});

Deno.test("CONNACK carries Maximum QoS when it is less than 2 [MQTT-3.2.2-9]", () => {
  for (const maximumQoS of [0, 1] as const) {
    assert.deepEqual(connackProperties({ maximumQoS }), { ...ALWAYS_THERE, maximumQoS });
  }
});

Deno.test("CONNACK carries no properties before MQTT 5", () => {
  for (const version of [3, 4] as const) {
    assert.deepEqual(new Core().connect("a", version).connack?.properties, {});
  }
});

Deno.test("CONNACK tells a Session Expiry Interval that is shorter than the wanted one", () => {
  const limits = { maximumSessionExpiryMs: 60_000 };
  const granted = (sessionExpiryInterval: number) =>
    connackProperties(limits, { properties: { sessionExpiryInterval } })?.sessionExpiryInterval;
  assert.deepEqual([30, 60, 61, 0xffff_ffff].map(granted), [undefined, undefined, 60, 60]);
});

Deno.test("CONNACK tells the Server Keep Alive when it is not what was asked [MQTT-3.1.2-21]", () => {
  const told = (keepAlive: number) =>
    connackProperties({ maximumKeepAlive: 100 }, { keepAlive })?.serverKeepAlive;
  assert.deepEqual([0, 60, 100, 101].map(told), [100, undefined, undefined, 100]);
  const none = { ...DEFAULT_LIMITS, maximumKeepAlive: 0 };
  assert.deepEqual([0, 60, 65_535].map((each) => serverKeepAlive(none, each)), [0, 60, 65_535]);
});

Deno.test("Response Information is given to those who ask for it [MQTT-3.1.2-28]", () => {
  const given = (clientIdentifier: string, requestResponseInformation: number) =>
    connackProperties({}, { clientIdentifier, properties: { requestResponseInformation } })
      ?.responseInformation;
  assert.equal(given("a", 1), "response/a/");
  assert.equal(given("a", 0), undefined);
  assert.equal(given("a/+", 1), undefined, "it could not be published to");
});

Deno.test("a client without Client Identifier gets one of its own [MQTT-3.1.3-6]", () => {
  const core = new Core();
  const clients = [core.connect("", 5), core.connect("", 5), core.connect("", 4)];
  const identifiers = clients.map(({ session }) => session.clientIdentifier);
  assert.equal(new Set(identifiers).size, 3);
  assert.deepEqual([...core.broker.sessions.keys()], identifiers);
});

Deno.test("CONNACK tells the assigned Client Identifier [MQTT-3.1.3-7]", () => {
  const client = new Core().connect("");
  const { assignedClientIdentifier } = client.connack?.properties ?? {};
  assert.equal(assignedClientIdentifier, client.session.clientIdentifier);
});

Deno.test("an empty Client Identifier is refused where it cannot be assigned [MQTT-3.1.3-8]", () => {
  const empty = { clientIdentifier: "" };
  assert.equal(refusal(new Core({ allowZeroLengthClientIdentifier: false }), 5, empty), 0x85);
  assert.equal(refusal(new Core(), 4, { ...empty, cleanStart: false }), 0x85);
  assert.equal(refusal(new Core(), 3, empty), 0x85);
  assert.equal(refusal(new Core(), 5, { ...empty, cleanStart: false }), undefined);
});

Deno.test("an Authentication Method that nobody has seen to is refused [MQTT-4.12.0-1]", () => {
  assert.equal(refusal(new Core(), 5, { properties: { authenticationMethod: "SCRAM" } }), 0x8c);
});

Deno.test("a Will over the Maximum QoS is refused [MQTT-3.2.2-12]", () => {
  const core = () => new Core({ maximumQoS: 1 });
  assert.equal(refusal(core(), 5, { will: will("t", "x", { qos: 2 }) }), 0x9b);
  assert.equal(refusal(core(), 5, { will: will("t", "x", { qos: 1 }) }), undefined);
});

Deno.test("a Will to be retained is refused where nothing is retained [MQTT-3.2.2-13]", () => {
  const core = new Core({ retainAvailable: false });
  assert.equal(refusal(core, 5, { will: will("t", "x", { retain: true }) }), 0x9a);
});

Deno.test("a Will Topic is held to the limits on topics", () => {
  const core = new Core({ maximumTopicLength: 5, maximumTopicLevels: 2 });
  assert.equal(refusal(core, 5, { will: will("\u00e9\u00e9\u00e9", "x") }), 0x90);
  assert.equal(refusal(core, 5, { will: will("a/b/c", "x") }), 0x90);
});

Deno.test("over the number of sessions only those that have one may connect", () => {
  const core = new Core({ maximumSessions: 1 });
  core.connectKept("kept").lose();
  assert.equal(refusal(core, 5, {}), 0x89);
  assert.equal(core.connectKept("kept").connack?.sessionPresent, true);
});

Deno.test("Session Present is 0 after Clean Start, whatever was there [MQTT-3.2.2-2]", () => {
  const core = new Core();
  core.connectKept("a").subscribed("t").lose();
  const client = core.connect("a");
  assert.equal(client.connack?.sessionPresent, false);
  assert.equal(client.session.subscriptionCount, 0);
});

Deno.test("Session Present is 1 exactly when a session is resumed [MQTT-3.2.2-3]", () => {
  for (const version of [3, 4, 5] as const) {
    const core = new Core();
    const first = core.connectKept("a", version).subscribed("t");
    assert.equal(first.connack?.sessionPresent, false);
    first.lose();
    const second = core.connectKept("a", version);
    assert.equal(second.session, first.session);
    // MQTT 3.1 has no such flag on the wire.
    assert.equal(second.connack?.sessionPresent, version !== 3);
    assert.equal(second.session.subscriptionCount, 1);
  }
});

Deno.test("Clean Start discards the session that was there [MQTT-3.1.2-4]", () => {
  const core = new Core();
  core.connectKept("a").subscribed("t").lose();
  core.connect("publisher").publish("t", "waits", { qos: 1 });
  const client = core.connect("a");
  assert.deepEqual(client.messages(), []);
  assert.equal(core.broker.statistics.queuedMessages, 0);
  assert.equal(core.broker.router.tree.size, 0);
  assert.ok(core.events.take().includes("a ended: replaced by a clean start"));
});

Deno.test("a second connection with the same identifier closes the first [MQTT-3.1.4-3]", () => {
  const core = new Core();
  const first = core.connectKept("a").subscribed("t");
  core.events.take();
  const second = core.connectKept("a");
  assert.equal(first.link.closed?.reasonCode, 0x8e);
  const [last] = first.received().slice(-1);
  assert.equal(last?.type, PacketType.Disconnect);
  assert.equal(second.session, first.session);
  assert.equal(second.session.link, second.link);
  assert.deepEqual(core.events.take(), [
    "a taken over: a:1 by a:1",
    "a disconnected: Another client connected with this Client Identifier",
    "a connected again",
  ]);
  assert.equal(core.broker.statistics.clientsConnected, 1);
  core.connect("publisher").publish("t", "for the second");
  assert.deepEqual(second.messages(), ["t for the second"]);
});

Deno.test("a taken-over session without expiry ends, and a new one starts", () => {
  const core = new Core();
  const first = core.connect("a").subscribed("t");
  const second = core.connect("a", 5, { cleanStart: false });
  assert.equal(second.connack?.sessionPresent, false);
  assert.notEqual(second.session, first.session);
  assert.equal(first.session.ended, true);
  assert.equal(core.broker.router.tree.size, 0);
});

Deno.test("a session of MQTT 3.1.1 without Clean Session lives as the configuration says", () => {
  const core = new Core({ persistentClientExpirationMs: 5000 });
  assert.equal(core.connect("a", 4, { cleanStart: false }).session.expiryIntervalMs, 5000);
  assert.equal(core.connect("b", 4).session.expiryIntervalMs, 0);
  assert.equal(core.connect("c", 5, { cleanStart: false }).session.expiryIntervalMs, 0);
});

Deno.test("sessionExpiryMs() is for ever at 0xFFFFFFFF, and at most what is allowed", () => {
  const limits = (maximumSessionExpiryMs: number) => ({
    ...DEFAULT_LIMITS,
    maximumSessionExpiryMs,
  });
  assert.equal(sessionExpiryMs(limits(Infinity), 0xffff_ffff), Infinity);
  assert.equal(sessionExpiryMs(limits(Infinity), 0xffff_fffe), 0xffff_fffe * 1000);
  assert.equal(sessionExpiryMs(limits(7000), 0xffff_ffff), 7000);
  assert.equal(sessionExpiryMs(limits(7000), 3), 3000);
});

Deno.test("a bridge gets No Local and Retain As Published with every subscription", () => {
  const core = new Core();
  const bridge = core.connect("bridge", 4, { bridge: true }).subscribed("#");
  bridge.publish("t", "own");
  core.connect("a").publish("t", "other", { retain: true });
  assert.deepEqual(bridge.messages(), ["t other retain"]);
});

Deno.test("a listener may allow a lower QoS than the broker: CONNACK, Will, PUBLISH, SUBACK", () => {
  for (const [broker, listener] of [[2, 1], [1, 2], [1, 1]] as const) {
    const core = new Core({ maximumQoS: broker });
    const open = (fields: Fields<ConnectPacket> = {}) => {
      const client = core.open();
      client.terms = { maximumQoS: listener };
      client.connect(connectPacket("a", 5, fields));
      return client;
    };
    assert.equal(open({ will: will("t", "x", { qos: 2 }) }).refusal?.reasonCode, 0x9b);
    assert.equal(open({ will: will("t", "x", { qos: 1 }) }).refusal, undefined);
    const client = open();
    assert.equal(client.connack?.properties.maximumQoS, 1);
    client.subscribe(["t", { topicFilter: "u", qos: 0 }]);
    const [suback] = client.received();
    assert.deepEqual(suback?.type === PacketType.Suback && suback.reasonCodes, [1, 0]);
    client.publish("t", "x", { qos: 1 });
    assert.ok(client.isOpen);
    client.publish("t", "x", { qos: 2 });
    assert.equal(client.link.closed?.reasonCode, 0x9b);
  }
});

Deno.test("the listener of the connection counts, not that of the one before", () => {
  const core = new Core();
  const connect = (maximumQoS: 0 | 1 | 2) => {
    const client = core.open();
    client.terms = { maximumQoS };
    const properties = { sessionExpiryInterval: 60 };
    client.connect(connectPacket("a", 5, { cleanStart: false, properties }));
    return client.session.maximumQoS;
  };
  assert.deepEqual([connect(0), connect(2), connect(1)], [0, 2, 1]);
});
