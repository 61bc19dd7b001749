/**
 * Access in the core, from where messages and clients come: nobody publishes or receives what the
 * rules of now forbid, whichever way it would take.
 */

import assert from "node:assert/strict";
import { notAuthorized } from "../../src/broker/access.ts";
import { PacketType } from "../../src/protocol/packet.ts";
import { Core, SetAccess } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { MemoryJournal } from "../support/memory_journal.ts";
import { will } from "../support/packets.ts";

const { Puback, Pubcomp, Pubrec, Pubrel } = PacketType;

/** A broker that forgets nothing, whose rules `forbid` topics from then on. */
function withJournal(): { core: Core; journal: MemoryJournal; forbid(topic: string): void } {
  const journal = new MemoryJournal();
  const core = new Core({}, journal);
  const forbid = (topic: string) => {
    core.access.unreadable.add(topic);
    core.broker.setAccess(core.broker.access);
  };
  return { core, journal, forbid };
}

const typesOf = (client: FakeClient) => client.received().map(({ type }) => type);

Deno.test("notAuthorized() tells the rule to the log, and 0x87 to the client", () => {
  assert.deepEqual(notAuthorized("rule 7"), {
    reasonCode: 0x87,
    reasonString: "Not authorized",
    rule: "rule 7",
  });
});

Deno.test("of what a wildcard matches, a client gets what it may receive", () => {
  const { core, forbid } = withJournal();
  const publisher = core.connect("p");
  const clients = [3, 4, 5, 5].map((version, index) =>
    core.connect(`s${index}`, version as 3 | 4 | 5).subscribed("#")
  );
  forbid("secret");
  for (const qos of [0, 1, 2] as const) {
    publisher.publish("secret", "x", { qos, packetIdentifier: qos });
    publisher.publish("open", "x", { qos, packetIdentifier: qos + 3 });
  }
  for (const client of clients) {
    assert.deepEqual(client.messages(), ["open x", "open x qos1 #1", "open x qos2 #2"]);
  }
});

Deno.test("a publisher is told that nobody matches when nobody may receive it", () => {
  const { core, forbid } = withJournal();
  core.connect("s").subscribed(["#", "$share/g/#"]);
  forbid("secret");
  const publisher = core.connect("p");
  publisher.publish("secret", "x", { qos: 1 });
  const [puback] = publisher.received();
  assert.equal(puback?.type === Puback && puback.reasonCode, 0x10);
});

Deno.test("what waits in a chunk was allowed when it came, and is handed over first", () => {
  const { core, forbid } = withJournal();
  const clients = ["a", "b"].map((name) => core.connect(name).subscribed("t"));
  const message = core.broker.transient;
  message.topic = core.broker.topics.findByName("t");
  core.broker.publishMessage(message, undefined);
  assert.deepEqual(clients.map((client) => client.messages()), [[], []], "it waits");
  forbid("t");
  core.broker.publishMessage(message, undefined);
  core.broker.settle();
  assert.deepEqual(clients.map((client) => client.messages()), [["t "], ["t "]]);
});

Deno.test("setAccess() lets other rules hold at once, for those who are connected as well", () => {
  const { core } = withJournal();
  const client = core.connect("s").subscribed("t");
  const publisher = core.connect("p");
  const access = new SetAccess();
  access.unreadable.add("t");
  access.topics.add("other");
  core.broker.setAccess(access);
  publisher.publish("t", "1");
  publisher.publish("other", "x");
  assert.deepEqual(client.messages(), []);
  core.broker.setAccess(new SetAccess());
  publisher.publish("t", "2");
  assert.deepEqual(client.messages(), ["t 2"]);
  assert.equal(core.broker.statistics.publishRefused, 1);
});

Deno.test("what waits for a client is judged when it is sent, and forgotten when it is forbidden", () => {
  const { core, journal, forbid } = withJournal();
  core.connectKept("s").subscribed("#").lose();
  const publisher = core.connect("p");
  for (const topic of ["secret", "open"]) publisher.publish(topic, "x", { qos: 1 });
  forbid("secret");
  core.events.take();
  assert.deepEqual(core.connectKept("s").messages(), ["open x qos1 #1"]);
  assert.deepEqual(core.events.take(), [
    "s connected again",
    "s dropped 1 of 'secret': not_authorized",
  ]);
  assert.equal(core.broker.statistics.publishDropped, 1);
  journal.check(core.broker);
});

Deno.test("a QoS 1 message that was sent and is forbidden now is not sent again", () => {
  const { core, journal, forbid } = withJournal();
  const client = core.connectKept("s").subscribed("#");
  core.connect("p").publish("secret", "x", { qos: 1 });
  client.lose();
  forbid("secret");
  const again = core.connectKept("s");
  assert.deepEqual(again.received(), []);
  assert.equal(again.session.inflightCount, 0);
  journal.check(core.broker);
  again.acknowledge(Puback, 1);
  assert.ok(again.isOpen, "it may acknowledge what it got before");
});

Deno.test("a QoS 2 message that was sent and is forbidden now is released, so that its identifier is free", () => {
  const { core, journal, forbid } = withJournal();
  const client = core.connectKept("s", 5, { properties: { receiveMaximum: 1 } }).subscribed("#");
  core.connect("p").publish("secret", "x", { qos: 2 });
  client.lose();
  forbid("secret");
  const again = core.connectKept("s", 5, { properties: { receiveMaximum: 1 } });
  assert.deepEqual(typesOf(again), [Pubrel]);
  journal.check(core.broker);
  again.acknowledge(Pubcomp, 1, 0x92);
  assert.equal(again.session.inflightCount, 0);
  journal.check(core.broker);
  core.connect("q").publish("open", "x", { qos: 2 });
  assert.deepEqual(again.messages(), ["open x qos2 #2"]);
  again.acknowledge(Pubrec, 2);
  assert.deepEqual(typesOf(again), [Pubrel]);
});

Deno.test("a shared message that its member may not receive any more goes to another", () => {
  const journal = new MemoryJournal();
  const core = new Core({}, journal);
  core.connectKept("away").subscribed("$share/g/t").lose();
  core.connect("p").publish("t", "x", { qos: 1 });
  const other = core.connect("other").subscribed("$share/g/t");
  const all = core.broker.access;
  core.broker.setAccess({
    accessOf: (clientIdentifier) => ({
      ...all.accessOf("", other.session.identity),
      mayReceive: () => clientIdentifier !== "away",
    }),
  });
  core.events.take();
  assert.deepEqual(core.connectKept("away").messages(), []);
  assert.deepEqual(other.messages(), ["t x qos1 #1"]);
  assert.deepEqual(core.events.take(), ["away connected again"]);
  journal.check(core.broker);
});

Deno.test("a shared subscription gives a message to members who may receive it only", () => {
  const { core } = withJournal();
  const members = ["a", "b", "c"].map((name) => core.connect(name).subscribed("$share/g/t"));
  core.broker.setAccess({
    accessOf: (clientIdentifier) => ({
      mayPublish: () => undefined,
      mayReceive: () => clientIdentifier !== "b",
      maySubscribe: () => undefined,
    }),
  });
  const publisher = core.connect("p");
  for (let count = 0; count < 6; count++) publisher.publish("t", "x");
  assert.deepEqual(members.map((member) => member.messages().length), [3, 0, 3]);
});

Deno.test("a retained message is sent by the rules of now, not of when the client subscribed", () => {
  const { core, forbid } = withJournal();
  const publisher = core.connect("p");
  for (const topic of ["a", "b", "c"]) publisher.publish(topic, "x", { retain: true });
  const client = core.connect("s");
  client.link.isCongested = true;
  client.subscribe("#");
  client.received();
  forbid("a");
  forbid("c");
  client.drain();
  assert.deepEqual(client.messages(), ["b x retain"]);
});

Deno.test("a response is judged by the rules of who responds, whoever asked for it", () => {
  const { core } = withJournal();
  core.access.topics.add("secret");
  const responder = core.connect("responder").subscribed("request");
  const watcher = core.connect("watcher").subscribed("#");
  core.connect("p").publish("request", "x", { properties: { responseTopic: "secret" } });
  const [request] = responder.received();
  const topic = request?.type === PacketType.Publish ? request.properties.responseTopic : "";
  assert.equal(topic, "secret");
  responder.publish(`${topic}`, "answer", { qos: 1 });
  const [puback] = responder.received();
  assert.equal(puback?.type === Puback && puback.reasonCode, 0x87);
  assert.deepEqual(watcher.messages(), ["request x"]);
});

Deno.test("a Will is judged when it is published, by the rules of then", () => {
  const { core } = withJournal();
  const watcher = core.connect("watcher").subscribed("#");
  const properties = { willDelayInterval: 10 };
  core.connectKept("a", 5, { will: will("w", "gone", { properties }) }).lose();
  core.access.topics.add("w");
  core.broker.setAccess(core.broker.access);
  core.events.take();
  core.advance(10_000);
  assert.deepEqual(watcher.messages(), []);
  assert.deepEqual(core.events.take(), ["a may not publish 'w': rule 1"]);
  assert.equal(core.broker.statistics.publishRefused, 1);
});

Deno.test("a session that is resumed is judged by who its client is now", () => {
  const core = new Core();
  core.broker.setAccess({
    accessOf: (_clientIdentifier, { username }) => ({
      mayPublish: () => undefined,
      mayReceive: () => username === undefined,
      maySubscribe: () => undefined,
    }),
  });
  core.connectKept("s").subscribed("t").lose();
  const publisher = core.connect("p");
  publisher.publish("t", "queued", { qos: 1 });
  const client = core.connectKept("s", 5, { username: "ann" });
  publisher.publish("t", "live");
  assert.equal(client.connack?.sessionPresent, true);
  assert.deepEqual(client.messages(), []);
});
