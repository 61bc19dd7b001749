import assert from "node:assert/strict";
import { PacketType } from "../../src/protocol/packet.ts";
import { Core } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { publishes } from "../support/fake_link.ts";
import { publishPacket, subscribePacket } from "../support/packets.ts";

/** Publishes these "topic payload" texts at QoS 0 in one buffer. */
function publishAll(publisher: FakeClient, ...texts: string[]): void {
  publisher.input(...texts.map((text) => {
    const [topicName, payload] = text.split(" ") as [string, string];
    return publishPacket(topicName, payload);
  }));
}

Deno.test("messages of one buffer to one audience are handed over as one chunk", () => {
  const core = new Core();
  const [a, b] = [core.connect("a").subscribed("#"), core.connect("b").subscribed("#")];
  const texts = ["t 1", "t 2", "u 3", "t 4"];
  publishAll(core.connect("publisher"), ...texts);
  for (const client of [a, b]) {
    assert.equal(client.link.sharedChunks, 1);
    assert.deepEqual(client.messages(), texts);
  }
});

Deno.test("messages of one publisher stay in order when the audience alternates", () => {
  const core = new Core();
  const both = [core.connect("a").subscribed("#"), core.connect("b").subscribed("#")];
  const odd = [core.connect("c").subscribed("odd"), core.connect("d").subscribed("odd")];
  const alone = core.connect("e").subscribed("+");
  const texts = ["odd 1", "even 2", "odd 3", "odd 5", "even 6", "odd 7", "even 8"];
  publishAll(core.connect("publisher"), ...texts);
  const odds = texts.filter((text) => text.startsWith("odd"));
  for (const client of [...both, alone]) assert.deepEqual(client.messages(), texts);
  for (const client of odd) assert.deepEqual(client.messages(), odds);
});

Deno.test("shared chunks do not overtake messages that are served one by one", () => {
  const core = new Core();
  const a = core.connect("a").subscribed("#");
  core.connect("b").subscribed("shared");
  const publisher = core.connect("publisher");
  publisher.input(
    publishPacket("shared", "1"),
    publishPacket("alone", "2"),
    publishPacket("shared", "3"),
    publishPacket("shared", "4", { qos: 1 }),
    publishPacket("shared", "5"),
  );
  const texts = ["shared 1", "alone 2", "shared 3", "shared 4 qos1 #1", "shared 5"];
  assert.deepEqual(a.messages(), texts);
});

Deno.test("a message to a shared group does not overtake the chunk that waits", () => {
  const core = new Core();
  const a = core.connect("a").subscribed(["#", "$share/g/s"]);
  core.connect("b").subscribed("#");
  publishAll(core.connect("publisher"), "t 1", "s 2", "t 3");
  assert.deepEqual(a.messages(), ["t 1", "s 2", "s 2", "t 3"]);
});

Deno.test("a new subscription is part of the route at once, exact, wildcard or shared", () => {
  const core = new Core();
  const publisher = core.connect("publisher");
  const first = core.connect("first").subscribed("home/x");
  publishAll(publisher, "home/x 1");
  for (const [index, filter] of ["home/x", "home/#", "$share/g/home/x"].entries()) {
    const client = core.connect(`c${index}`).subscribed(filter);
    publishAll(publisher, `home/x ${filter}`);
    assert.deepEqual(client.messages(), [`home/x ${filter}`]);
  }
  assert.equal(first.messages().length, 4);
});

Deno.test("an ended subscription is out of the route at once, exact, wildcard or shared", () => {
  const core = new Core();
  const publisher = core.connect("publisher");
  for (const [index, filter] of ["home/x", "home/#", "$share/g/home/x"].entries()) {
    const client = core.connect(`c${index}`).subscribed(filter);
    publishAll(publisher, "home/x 1");
    assert.deepEqual(client.messages(), ["home/x 1"]);
    client.unsubscribe(filter);
    publishAll(publisher, "home/x 2");
    assert.deepEqual(client.messages(), []);
  }
});

Deno.test("subscribing in the middle of a buffer takes effect for what follows in it", () => {
  const core = new Core();
  const a = core.connect("a").subscribed("t");
  const b = core.connect("b").subscribed("t");
  const c = core.connect("c");
  c.input(
    publishPacket("t", "1"),
    subscribePacket(["t"]),
    publishPacket("t", "2"),
    { type: PacketType.Unsubscribe, packetIdentifier: 9, topicFilters: ["t"], properties: {} },
    publishPacket("t", "3"),
  );
  assert.deepEqual(c.messages(), ["t 2"]);
  for (const client of [a, b]) assert.deepEqual(client.messages(), ["t 1", "t 2", "t 3"]);
});

Deno.test("a session that comes back with another version gets bytes of that version", () => {
  const core = new Core();
  const publisher = core.connect("publisher");
  const [a, b] = [core.connectKept("a", 4).subscribed("t"), core.connect("b", 4).subscribed("t")];
  publishAll(publisher, "t 1");
  assert.deepEqual([a.messages(), b.messages()], [["t 1"], ["t 1"]]);
  a.lose();
  publishAll(publisher, "t 2");
  const again = core.connectKept("a", 5);
  assert.equal(again.connack?.sessionPresent, true);
  publishAll(publisher, "t 3");
  assert.deepEqual(again.messages(), ["t 3"]);
  assert.deepEqual(b.messages(), ["t 2", "t 3"]);
});

Deno.test("a Will that its own session would get survives a take-over with another version", () => {
  const core = new Core();
  const statusWill = { topicName: "status", payload: new Uint8Array(1), qos: 0, retain: false };
  const old = core.connectKept("a", 4, {
    will: { ...statusWill, qos: 0, properties: {} },
  }).subscribed("status");
  const watcher = core.connect("watcher", 4).subscribed("status");
  publishAll(core.connect("publisher"), "status 1");
  assert.deepEqual(old.messages(), ["status 1"]);
  const taker = core.connectKept("a", 5);
  assert.deepEqual(taker.messages(), [], "the message was published before it was there");
  assert.equal(watcher.messages().length, 2);
  publishAll(core.connect("other publisher"), "status 2");
  assert.deepEqual(taker.messages(), ["status 2"]);
});

Deno.test("RETAIN is forwarded only where the subscription asks for it [MQTT-3.3.1-12]", () => {
  const core = new Core();
  const plain = [core.connect("a").subscribed("t"), core.connect("b").subscribed("t")];
  const asPublished = ["c", "d", "e"].map((name) =>
    core.connect(name).subscribed({ topicFilter: "t", retainAsPublished: true })
  );
  asPublished[2]?.subscribed(
    { topicFilter: "t", retainAsPublished: true },
    { subscriptionIdentifiers: [4] },
  );
  core.connect("publisher").publish("t", "1", { retain: true });
  for (const client of plain) assert.deepEqual(client.messages(), ["t 1"]);
  for (const client of asPublished) assert.deepEqual(client.messages(), ["t 1 retain"]);
});

Deno.test("No Local keeps a message from its publisher [MQTT-3.8.3-3]", () => {
  const core = new Core();
  const a = core.connect("a").subscribed({ topicFilter: "t", noLocal: true });
  const b = core.connect("b").subscribed({ topicFilter: "t", noLocal: true });
  a.publish("t", "from a");
  b.publish("t", "from b", { qos: 1 });
  assert.deepEqual(a.messages(), ["t from b qos1 #1"]);
  assert.deepEqual(b.messages(), ["t from a"]);
});

Deno.test("the QoS is the lower one of message and subscription [MQTT-3.8.4-8]", () => {
  const core = new Core();
  const clients = ([0, 1, 2] as const).map((qos) =>
    core.connect(`${qos}`).subscribed({ topicFilter: "t", qos })
  );
  const publisher = core.connect("publisher");
  for (const qos of [0, 1, 2] as const) publisher.publish("t", `${qos}`, { qos });
  assert.deepEqual(clients.map((client) => client.messages()), [
    ["t 0", "t 1", "t 2"],
    ["t 0", "t 1 qos1 #1", "t 2 qos1 #2"],
    ["t 0", "t 1 qos1 #1", "t 2 qos2 #2"],
  ]);
});

Deno.test("each message of a shared subscription goes to one member, at its QoS [MQTT-4.8.2-3]", () => {
  const core = new Core();
  const low = core.connect("low").subscribed({ topicFilter: "$share/g/t", qos: 0 });
  const high = core.connect("high").subscribed(
    { topicFilter: "$share/g/t", qos: 1 },
    { subscriptionIdentifiers: [3] },
  );
  const publisher = core.connect("publisher");
  for (const packetIdentifier of [1, 2, 3, 4]) {
    publisher.publish("t", `${packetIdentifier}`, { qos: 2, packetIdentifier });
  }
  assert.deepEqual(low.messages(), ["t 1", "t 3"]);
  const got = publishes(high.received());
  assert.deepEqual(got.map(({ qos }) => qos), [1, 1]);
  assert.deepEqual(got.map(({ properties }) => properties.subscriptionIdentifiers), [[3], [3]]);
});

Deno.test("topics that nobody wants share one route until the next subscription", () => {
  const core = new Core();
  const publisher = core.connect("publisher");
  publishAll(publisher, "nobody/1 x", "nobody/2 x");
  const { topics } = core.broker;
  assert.equal(topics.findByName("nobody/1").route, topics.findByName("nobody/2").route);
  const client = core.connect("a").subscribed("nobody/#");
  publishAll(publisher, "nobody/1 y", "nobody/2 y");
  assert.deepEqual(client.messages(), ["nobody/1 y", "nobody/2 y"]);
});

Deno.test("the Message Expiry Interval of a shared chunk is what remains", () => {
  const core = new Core();
  const clients = [core.connect("a").subscribed("t"), core.connect("b").subscribed("t")];
  core.connect("publisher").publish("t", "1", { properties: { messageExpiryInterval: 60 } });
  for (const client of clients) {
    const [packet] = publishes(client.received());
    assert.deepEqual(packet?.properties, { messageExpiryInterval: 60 });
  }
});

Deno.test("a client that a QoS 0 message overflows takes it from nobody else", () => {
  const core = new Core({
    queueOverflow: "disconnect",
    queueQoS0Messages: true,
    maximumQueuedMessages: 3,
    maximumInflightMessages: 1,
  });
  const publisher = core.connect("p");
  const filters = [{ topicFilter: "t", qos: 0 }, { topicFilter: "q/#", qos: 1 }] as const;
  const waiting = ([5, 4] as const).map((version) => {
    const name = `slow${version}`;
    core.connectKept(name, version).subscribed(
      filters.map((each) => each.qos === 1 ? { ...each, topicFilter: `q/${version}` } : each),
    ).lose();
    core.connect(`quick${version}`, version).subscribed("t");
    return name;
  });
  for (const topic of ["q/5", "q/5", "q/5", "q/4", "q/4"]) {
    publisher.publish(topic, "1", { qos: 1 });
  }
  const [full, other] = waiting.map((name, index) => {
    return core.connectKept(name, index === 0 ? 5 : 4);
  });
  assert.ok(full && other);
  full.lose();
  other.lose();
  publisher.publish("t", "0");
  const [slow5, slow4] = waiting.map((name, index) => core.connectKept(name, index === 0 ? 5 : 4));
  assert.ok(slow5 && slow4);
  assert.deepEqual([slow5.session.queuedCount, slow4.session.queuedCount], [3, 2]);
  publisher.publish("t", "x");
  assert.deepEqual([slow5.isOpen, slow4.isOpen], [false, true]);
  assert.equal(slow4.session.queuedCount, 3);
});
