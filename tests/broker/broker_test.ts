import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { Core } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { publishPacket, will } from "../support/packets.ts";

const { Puback, Pubrec } = PacketType;

Deno.test("PINGREQ is answered with PINGRESP [MQTT-3.12.4-1]", () => {
  const client = new Core().connect("a");
  client.input({ type: PacketType.Pingreq });
  assert.deepEqual(client.received(), [{ type: PacketType.Pingresp }]);
});

Deno.test("AUTH, a second CONNECT and what only servers send are protocol errors", () => {
  const core = new Core();
  const inputs = [
    { type: PacketType.Auth, reasonCode: 0x18, properties: { authenticationMethod: "x" } },
    { type: PacketType.Pingresp },
    { type: PacketType.Connack, sessionPresent: false, reasonCode: 0, properties: {} },
    { type: PacketType.Suback, packetIdentifier: 1, reasonCodes: [0], properties: {} },
  ] as const;
  for (const packet of inputs) {
    const client = core.connect("a");
    client.input(packet as Parameters<FakeClient["input"]>[0]);
    assert.equal(client.failure?.reasonCode, 0x82);
    assert.equal(client.link.closed?.reasonCode, 0x82);
  }
  assert.equal(core.broker.statistics.clientsConnected, 0);
});

Deno.test("a session lives on for its Session Expiry Interval [MQTT-3.1.2-23]", () => {
  const core = new Core();
  const properties = { sessionExpiryInterval: 60 };
  const client = core.connectKept("a", 5, { properties }).subscribed("t");
  client.lose();
  core.advance(59_999);
  assert.equal(core.broker.sessions.size, 1);
  core.advance(1);
  assert.equal(core.broker.sessions.size, 0);
  assert.equal(core.broker.router.tree.size, 0);
  assert.deepEqual(core.events.take().slice(-1), ["a ended: Session Expiry Interval is over"]);
  assert.equal(core.connectKept("a").connack?.sessionPresent, false);
});

Deno.test("a session's time starts again with each connection that is lost", () => {
  const core = new Core();
  const fields = { properties: { sessionExpiryInterval: 60 } };
  core.connectKept("a", 5, fields).lose();
  core.advance(50_000);
  const client = core.connectKept("a", 5, fields);
  core.advance(50_000);
  assert.equal(client.session.ended, false, "it is connected");
  client.lose();
  core.advance(50_000);
  assert.equal(client.session.ended, false);
  core.advance(10_000);
  assert.equal(client.session.ended, true);
});

Deno.test("a session ends in its own time, whatever time it had before", () => {
  const core = new Core();
  const comeAndGo = (name: string, ...intervals: number[]) => {
    for (const sessionExpiryInterval of intervals) {
      core.connectKept(name, 5, { properties: { sessionExpiryInterval } }).lose();
    }
  };
  comeAndGo("shorter", 50, 20, 10);
  comeAndGo("longer", 10, 20, 50);
  comeAndGo("for ever, then not", 10, 0xffff_ffff, 20);
  comeAndGo("for ever", 10, 0xffff_ffff);
  core.connectKept("online", 5, { properties: { sessionExpiryInterval: 10 } }).lose();
  const online = core.connectKept("online", 5, { properties: { sessionExpiryInterval: 10 } });
  const names = () => [...core.broker.sessions.keys()].sort();
  core.advance(10_000);
  assert.deepEqual(names(), ["for ever", "for ever, then not", "longer", "online"]);
  core.advance(10_000);
  assert.deepEqual(names(), ["for ever", "longer", "online"]);
  core.advance(30_000);
  online.lose();
  core.advance(9999);
  assert.deepEqual(names(), ["for ever", "online"]);
  core.advance(1);
  assert.deepEqual(names(), ["for ever"]);
});

Deno.test("a session that never expires waits for ever", () => {
  const core = new Core({ persistentClientExpirationMs: Infinity });
  core.connectKept("a", 5, { properties: { sessionExpiryInterval: 0xffff_ffff } }).lose();
  core.connectKept("b", 4).lose();
  core.advance(1e15);
  assert.deepEqual([...core.broker.sessions.keys()], ["a", "b"]);
});

Deno.test("connectionLost() of a link that was replaced changes nothing", () => {
  const core = new Core();
  const first = core.connectKept("a");
  const second = core.connectKept("a");
  core.events.take();
  core.broker.connectionLost(first.session, first.link, "late");
  assert.deepEqual(core.events.take(), []);
  assert.equal(second.session.link, second.link);
  assert.equal(core.broker.statistics.clientsConnected, 1);
});

Deno.test("an empty retained message removes the one of its topic [MQTT-3.3.1-6]", () => {
  const core = new Core();
  const publisher = core.connect("publisher");
  const live = core.connect("live").subscribed("t");
  publisher.publish("t", "1", { retain: true });
  publisher.publish("t", "", { retain: true });
  assert.equal(core.broker.retained.count, 0);
  assert.deepEqual(live.messages(), ["t 1", "t "], "it is forwarded like any other");
});

Deno.test("a retained message goes when it expires, unless it was replaced", () => {
  const core = new Core();
  const publisher = core.connect("publisher");
  const expiring = { retain: true, properties: { messageExpiryInterval: 10 } };
  for (const topicName of ["a", "b", "c"]) publisher.publish(topicName, "x", expiring);
  core.advance(5000);
  publisher.publish("b", "newer", expiring);
  publisher.publish("c", "for ever", { retain: true });
  const retained = () => core.broker.retained.match("#").map(({ topic }) => topic.name).sort();
  core.advance(5000);
  assert.deepEqual(retained(), ["b", "c"]);
  core.advance(5000);
  assert.deepEqual(retained(), ["c"]);
});

Deno.test("a retained message goes in its own time, whatever its topic had before", () => {
  const core = new Core();
  const publisher = core.connect("publisher");
  const retain = (topicName: string, ...seconds: (number | undefined)[]) => {
    for (const messageExpiryInterval of seconds) {
      const properties = messageExpiryInterval === undefined ? {} : { messageExpiryInterval };
      publisher.publish(topicName, "x", { retain: true, properties });
    }
  };
  retain("shorter", 50, 20, 10);
  retain("longer", 10, 20, 50);
  retain("for ever, then not", 10, undefined, 20);
  retain("back and forth", 50, 10, 50);
  retain("for ever", 10, undefined);
  const retained = () => core.broker.retained.match("#").map(({ topic }) => topic.name).sort();
  core.advance(10_000);
  const others = ["back and forth", "for ever", "for ever, then not", "longer"];
  assert.deepEqual(retained(), others);
  core.advance(10_000);
  assert.deepEqual(retained(), ["back and forth", "for ever", "longer"]);
  core.advance(30_000);
  assert.deepEqual(retained(), ["for ever"]);
  publisher.publish("for ever", "", { retain: true });
  retain("for ever", 5);
  core.advance(5000);
  assert.deepEqual(retained(), []);
});

Deno.test("a client that leaves gets what was published to it before, in the same buffer", () => {
  const core = new Core();
  core.connect("b").subscribed("t");
  const client = core.connect("a").subscribed("t");
  client.input(
    publishPacket("t", "last"),
    { type: PacketType.Disconnect, reasonCode: 0, properties: {} },
  );
  assert.deepEqual(client.messages(), ["t last"]);
});

Deno.test("what a limit keeps from being retained is reported, and delivered all the same", () => {
  const core = new Core({ maximumRetainedMessages: 1 });
  const client = core.connect("a").subscribed("#");
  core.events.take();
  client.publish("t/1", "x", { retain: true });
  client.publish("t/2", "x", { retain: true });
  assert.deepEqual(core.events.take(), ["'t/2' not retained: 1 retained messages"]);
  assert.deepEqual(client.messages(), ["t/1 x", "t/2 x"]);
});

/** Two members of `$share/g/t`, of which the first got everything published so far. */
function withBusyMember(): [Core, FakeClient, FakeClient, FakeClient] {
  const core = new Core();
  const busy = core.connectKept("busy", 5, { properties: { sessionExpiryInterval: 60 } });
  busy.subscribed("$share/g/t");
  const publisher = core.connect("publisher");
  publisher.publish("t", "QoS 1", { qos: 1 });
  publisher.publish("t", "done", { qos: 1 });
  publisher.publish("t", "QoS 2", { qos: 2 });
  publisher.publish("t", "QoS 2 released", { qos: 2, packetIdentifier: 2 });
  busy.acknowledge(Puback, 2);
  busy.acknowledge(Pubrec, 4);
  busy.lose();
  publisher.publish("t", "queued 1", { qos: 1 });
  publisher.publish("t", "queued 2", { qos: 2, packetIdentifier: 3 });
  const properties = { messageExpiryInterval: 30 };
  publisher.publish("t", "expires", { qos: 1, properties });
  const other = core.connect("other").subscribed("$share/g/t");
  return [core, busy, other, publisher];
}

Deno.test("a shared message is done again by another member when a session ends, not at QoS 2", () => {
  const [core, busy, other] = withBusyMember();
  assert.deepEqual(other.messages(), []);
  core.events.take();
  core.advance(60_000);
  assert.equal(busy.session.ended, true);
  // QoS 2 messages in flight belong to the one member for ever [MQTT-4.8.2-5].
  const expected = ["t QoS 1 qos1 #1", "t queued 1 qos1 #2", "t queued 2 qos2 #3"];
  assert.deepEqual(other.messages(), expected);
  assert.deepEqual(core.events.take(), [
    "busy dropped 1 of 't': expired",
    "busy ended: Session Expiry Interval is over",
  ]);
});

Deno.test("QoS 2 messages in flight go to no other member [MQTT-4.8.2-5]", () => {
  const core = new Core();
  const first = core.connect("first").subscribed("$share/g/t");
  core.connect("publisher").publish("t", "x", { qos: 2 });
  const second = core.connect("second").subscribed("$share/g/t");
  first.lose();
  assert.deepEqual(second.messages(), []);
});

Deno.test("a shared message comes to its member again when that one is back in time", () => {
  const [core, , other] = withBusyMember();
  const again = core.connectKept("busy");
  assert.deepEqual(again.messages(), [
    "t QoS 1 qos1 #1 dup",
    "t QoS 2 qos2 #3 dup",
    "t queued 1 qos1 #5",
    "t queued 2 qos2 #6",
    "t expires qos1 #7",
  ]);
  assert.deepEqual(other.messages(), []);
});

Deno.test("a member finds the messages of a group that was empty in between", () => {
  const core = new Core();
  const first = core.connectKept("first").subscribed("$share/g/t");
  core.connect("publisher").publish("t", "x", { qos: 1 });
  first.received();
  first.unsubscribe("$share/g/t");
  const second = core.connect("second").subscribed("$share/g/t");
  first.disconnect(0, { sessionExpiryInterval: 0 });
  assert.deepEqual(second.messages(), ["t x qos1 #1"]);
});

Deno.test("when the last member of a group goes, what it had is gone with it", () => {
  const core = new Core();
  const only = core.connect("only").subscribed("$share/g/t");
  core.connect("publisher").publish("t", "x", { qos: 1 });
  only.lose();
  const later = core.connect("later").subscribed("$share/g/t");
  assert.deepEqual(later.messages(), []);
  const { queuedMessages, queuedBytes } = core.broker.statistics;
  assert.deepEqual([queuedMessages, queuedBytes], [0, 0]);
});

Deno.test("the Wills of sessions that end at once are published in the order of their time", () => {
  const core = new Core();
  const watcher = core.connect("watcher").subscribed("#");
  for (const [name, seconds] of [["c", 30], ["a", 10], ["b", 20]] as const) {
    const properties = { sessionExpiryInterval: seconds };
    const delayed = will(name, "gone", { properties: { willDelayInterval: 100 } });
    core.connectKept(name, 5, { properties, will: delayed }).lose();
  }
  core.advance(60_000);
  assert.deepEqual(watcher.messages(), ["a gone", "b gone", "c gone"]);
});

Deno.test("an earlier absence does not make a session end before its time", () => {
  const core = new Core();
  const watcher = core.connect("watcher").subscribed("w");
  const fields = (payload: string, delay: number) => ({
    properties: { sessionExpiryInterval: 30 },
    will: will("w", payload, { properties: { willDelayInterval: delay } }),
  });
  core.connectKept("a", 5, fields("a", 60)).lose();
  core.advance(5000);
  core.connectKept("a", 5, fields("a", 60)).lose();
  core.connectKept("b", 5, fields("b", 29)).lose();
  // One late tick for everything: what was due first is done first.
  core.advance(60_000);
  assert.deepEqual(watcher.messages(), ["w b", "w a"]);
});

Deno.test("two brokers in one process know nothing of each other", () => {
  const [one, other] = [new Core(), new Core()];
  const client = one.connect("a").subscribed("t");
  other.connect("a").publish("t", "x", { retain: true });
  assert.deepEqual(client.messages(), []);
  assert.equal(one.broker.retained.count, 0);
  assert.equal(client.isOpen, true);
});
