import assert from "node:assert/strict";
import { payloadsOf, publishNumbers, withAway } from "./away_fixture.ts";
import type { BrokerLimits } from "../../src/broker/limits.ts";
import { PacketType } from "../../src/protocol/packet.ts";
import { Core } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { publishes } from "../support/fake_link.ts";
import { connectPacket, publishPacket, subscribePacket } from "../support/packets.ts";

const { Puback } = PacketType;

Deno.test("QoS 0 does not wait for a client that is away, unless it is told to", () => {
  for (const queueQoS0Messages of [false, true]) {
    const [core, , publisher] = withAway({ queueQoS0Messages });
    publishNumbers(publisher, 2, 0);
    publisher.publish("t", "3", { qos: 1 });
    const expected = queueQoS0Messages ? ["1", "2", "3"] : ["3"];
    assert.deepEqual(payloadsOf(core.connectKept("a")), expected);
    assert.deepEqual(core.events.take(), ["a connected again"]);
  }
});

Deno.test("QoS 0 waits too when others shared its bytes before the client went away", () => {
  const core = new Core({ queueQoS0Messages: true });
  const client = core.connectKept("a").subscribed({ topicFilter: "t", retainAsPublished: true });
  core.connect("b").subscribed({ topicFilter: "t", retainAsPublished: true });
  const publisher = core.connect("publisher");
  publisher.publish("t", "1");
  assert.deepEqual(client.messages(), ["t 1"]);
  client.lose();
  publisher.input(
    publishPacket("t", "2", { properties: { contentType: "x", messageExpiryInterval: 60 } }),
    publishPacket("t", "3", { retain: true }),
  );
  core.advance(10_000);
  const packets = publishes(core.connectKept("a").received());
  assert.deepEqual(packets.map(({ retain }) => retain), [false, true]);
  assert.deepEqual(packets[0]?.properties, { messageExpiryInterval: 50, contentType: "x" });
  assert.deepEqual(new TextDecoder().decode(packets[1]?.payload), "3");
});

Deno.test("a slow reader loses QoS 0, one by one or shared, and keeps the rest for later", () => {
  const core = new Core();
  const slow = core.connect("slow").subscribed("+");
  const quick = core.connect("quick").subscribed("t");
  const publisher = core.connect("publisher");
  core.events.take();
  slow.link.isCongested = true;
  publisher.input(publishPacket("t", "1"), publishPacket("t", "2"));
  publisher.publish("alone", "3");
  publisher.publish("t", "4", { qos: 1 });
  assert.deepEqual(core.events.take(), [
    "slow dropped 2 of '': slow_reader",
    "slow dropped 1 of 'alone': slow_reader",
  ]);
  assert.deepEqual(quick.messages(), ["t 1", "t 2", "t 4 qos1 #1"]);
  assert.equal(slow.session.queuedCount, 1);
  slow.drain();
  assert.deepEqual(slow.messages(), ["t 4 qos1 #1"]);
  assert.equal(core.broker.statistics.publishDropped, 3);
});

Deno.test("what has expired in the queue is deleted, not sent [MQTT-3.3.2-5]", () => {
  const [core, , publisher] = withAway({});
  for (const [payload, messageExpiryInterval] of [["1", 10], ["2", 100], ["3", 5]] as const) {
    publisher.publish("t", payload, { qos: 1, properties: { messageExpiryInterval } });
  }
  core.advance(10_000);
  const packets = publishes(core.connectKept("a").received());
  assert.deepEqual(packets.map(({ properties }) => properties), [{ messageExpiryInterval: 90 }]);
  assert.deepEqual(core.events.take(), [
    "a connected again",
    "a dropped 1 of 't': expired",
    "a dropped 1 of 't': expired",
  ]);
  assert.equal(core.broker.statistics.queuedMessages, 0);
});

Deno.test("an expired message that was sent is sent again with nothing left", () => {
  const core = new Core();
  const client = core.connectKept("a").subscribed("t");
  const properties = { messageExpiryInterval: 10 };
  core.connect("publisher").publish("t", "1", { qos: 2, properties });
  client.lose();
  core.advance(60_000);
  const [packet] = publishes(core.connectKept("a").received());
  assert.deepEqual(packet?.properties, { messageExpiryInterval: 0 });
  assert.equal(packet?.duplicate, true);
});

Deno.test("QoS 0 that waits beside shared bytes keeps its expiry and properties", () => {
  const core = new Core({ queueQoS0Messages: true });
  const clients = ["a", "b"].map((name) => core.connectKept(name, 4).subscribed("t"));
  const publisher = core.connect("publisher");
  publisher.publish("t", "builds the route");
  for (const client of clients) client.lose();
  for (const [payload, messageExpiryInterval] of [["short", 5], ["long", 50]] as const) {
    const properties = { messageExpiryInterval, contentType: "text" };
    publisher.publish("t", payload, { properties });
  }
  core.advance(10_000);
  const packets = publishes(core.connectKept("a", 5).received());
  assert.deepEqual(packets.map(({ properties }) => properties), [
    { messageExpiryInterval: 40, contentType: "text" },
  ]);
});

/** A core with retained messages r/1 to r/9, at QoS 0 and 1 in turn. */
function withRetained(limits: Partial<BrokerLimits> = {}): [Core, FakeClient] {
  const core = new Core(limits);
  const publisher = core.connect("publisher");
  for (let number = 1; number <= 9; number++) {
    const qos = number % 2 as 0 | 1;
    publisher.publish(`r/${number}`, `${number}`, { qos, retain: true });
  }
  return [core, publisher];
}

Deno.test("retained messages wait for a congested client, outside its queue, and are then of now", () => {
  const [core, publisher] = withRetained({ maximumQueuedMessages: 2 });
  const client = core.connect("a");
  client.link.isCongested = true;
  client.subscribe("r/#");
  assert.equal(client.session.queuedCount, 0);
  publisher.publish("r/2", "newer", { retain: true });
  publisher.publish("r/3", "", { retain: true });
  for (const payload of ["live 1", "live 2"]) publisher.publish("r/4", payload, { qos: 1 });
  assert.equal(client.session.queuedCount, 2, "there is room for what comes meanwhile");
  client.messages();
  client.drain();
  const texts = client.messages();
  assert.deepEqual(texts.toSorted(), [
    "r/1 1 qos1 #3 retain",
    "r/2 newer retain",
    "r/4 4 retain",
    "r/4 live 1 qos1 #1",
    "r/4 live 2 qos1 #2",
    "r/5 5 qos1 #4 retain",
    "r/6 6 retain",
    "r/7 7 qos1 #5 retain",
    "r/8 8 retain",
    "r/9 9 qos1 #6 retain",
  ]);
  assert.equal(core.broker.statistics.queuedBytes, 0);
});

Deno.test("retained messages stop at the Receive Maximum and go on with the acknowledgements", () => {
  const [core] = withRetained();
  const client = core.connect("a", 5, { properties: { receiveMaximum: 1 } });
  client.subscribe("r/#");
  const texts = client.messages();
  for (let identifier = 1; identifier <= 5; identifier++) {
    client.acknowledge(Puback, identifier);
    texts.push(...client.messages());
  }
  assert.deepEqual(texts.map((text) => text.split(" ")[1]).sort(), [..."123456789"]);
});

Deno.test("QoS 0 messages do not overtake each other, single or shared, while some wait", () => {
  const core = new Core({ queueQoS0Messages: true });
  const publisher = core.connect("publisher");
  const client = core.connectKept("a").subscribed("t");
  const other = core.connect("b").subscribed("t");
  client.lose();
  publisher.publish("t", "away");
  const again = core.open(5);
  again.link.isCongested = true;
  again.connect(
    connectPacket("a", 5, { cleanStart: false, properties: { sessionExpiryInterval: 9 } }),
  );
  publisher.input(publishPacket("t", "live 1"), publishPacket("t", "live 2"));
  assert.equal(again.session.queuedCount, 3);
  again.drain();
  assert.deepEqual(again.messages(), ["t away", "t live 1", "t live 2"]);
  assert.deepEqual(other.messages(), ["t away", "t live 1", "t live 2"]);
});

Deno.test("a repeated SUBSCRIBE starts its retained messages again, and UNSUBSCRIBE ends them", () => {
  const [, publisher] = withRetained();
  const client = publisher;
  client.received();
  client.link.isCongested = true;
  for (let time = 0; time < 100; time++) client.subscribe("r/#");
  client.subscribe("r/2");
  client.received();
  client.unsubscribe("r/2");
  client.drain();
  assert.equal(client.messages().length, 9);
});

Deno.test("a client that is disconnected while messages wait is disconnected once", () => {
  const limits = { maximumQueuedMessages: 1, queueOverflow: "disconnect" } as const;
  const [core, publisher] = withRetained(limits);
  const client = core.connect("a");
  core.connect("b").subscribed("r/2");
  client.subscribed({ topicFilter: "r/2", qos: 1 });
  client.link.isCongested = true;
  publisher.publish("r/2", "waits", { qos: 1 });
  core.events.take();
  client.input(publishPacket("r/2", "live", { qos: 1 }), subscribePacket(["x/#", "y/#"]));
  assert.equal(client.link.closed?.reasonCode, 0x97);
  assert.deepEqual(core.events.take(), [
    "a disconnected: Cannot queue more messages for this client",
    "a ended: the client left",
    "a dropped 1 of 'r/2': session_ended",
  ]);
  assert.equal(core.broker.statistics.clientsConnected, 2);
  assert.equal(core.broker.router.tree.size, 1, "nothing of the ended session is left");
  publisher.publish("x/1", "1", { qos: 1 });
  assert.equal(core.broker.statistics.queuedMessages, 0);
});

Deno.test("a client that is disconnected for a full queue is not disconnected again", () => {
  const limits = { maximumQueuedMessages: 1, queueOverflow: "disconnect" } as const;
  const [core, publisher] = withRetained(limits);
  const client = core.connectKept("a");
  core.connect("b").subscribed("r/2");
  client.subscribed({ topicFilter: "r/2", qos: 1 });
  client.link.isCongested = true;
  publisher.publish("r/2", "waits", { qos: 1 });
  core.events.take();
  client.input(
    publishPacket("r/2", "live", { qos: 1 }),
    { type: PacketType.Disconnect, reasonCode: 0, properties: {} },
  );
  assert.deepEqual(core.events.take(), [
    "a disconnected: Cannot queue more messages for this client",
    "a dropped 1 of 'r/2': queue_full",
  ]);
  assert.equal(core.broker.statistics.clientsConnected, 2);
});

Deno.test("a message waits in the queue while there is no room for another copy of it", () => {
  const core = new Core();
  const publisher = core.connect("publisher");
  const client = core.connect("a").subscribed("t");
  client.link.roomBytes = 1000;
  publisher.publish("t", "x".repeat(2000), { qos: 1 });
  publisher.publish("t", "small", { qos: 1 });
  publisher.publish("t", "y".repeat(2000));
  assert.equal(client.session.queuedCount, 2, "QoS 0 is dropped, order is kept");
  assert.deepEqual(client.received(), []);
  client.link.roomBytes = 4000;
  client.session.pump();
  assert.deepEqual(client.messages().map((text) => text.length), [`t  qos1 #1`.length + 2000, 15]);
});

Deno.test("a message that is sent again waits for room as well, and nothing overtakes it", () => {
  const core = new Core();
  const publisher = core.connect("publisher");
  core.connectKept("a").subscribed("t");
  publisher.publish("t", "x".repeat(2000), { qos: 1 });
  const again = core.open(5);
  again.link.roomBytes = 1000;
  again.connect(
    connectPacket("a", 5, { cleanStart: false, properties: { sessionExpiryInterval: 9 } }),
  );
  publisher.publish("t", "small", { qos: 1 });
  assert.equal(again.received().filter(({ type }) => type === PacketType.Publish).length, 0);
  again.link.roomBytes = 4000;
  again.session.pump();
  assert.deepEqual(publishes(again.received()).map(({ duplicate }) => duplicate), [true, false]);
});
