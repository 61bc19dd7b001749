/**
 * Which answers wait for a commit, and which do not: what only concerns sessions that end with
 * their connection does not.
 */

import assert from "node:assert/strict";
import { NO_JOURNAL } from "../../src/broker/journal.ts";
import { SysTopics } from "../../src/broker/sys_topics.ts";
import { PacketType } from "../../src/protocol/packet.ts";
import { Core } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { MemoryJournal } from "../support/memory_journal.ts";
import { acknowledgement, publishPacket } from "../support/packets.ts";

const COMMIT = 5;

function setUp(): { core: Core; journal: MemoryJournal } {
  const journal = new MemoryJournal();
  journal.pendingCommit = COMMIT;
  return { core: new Core({}, journal), journal };
}

/** The commits that what comes from `act` waits for. */
function gatesOf(client: FakeClient, act: () => void): number[] {
  const before = client.link.gates.length;
  act();
  return client.link.gates.slice(before);
}

Deno.test("CONNACK of a durable session waits for its commit", () => {
  const { core } = setUp();
  assert.deepEqual(core.connectKept("kept").link.gates, [COMMIT]);
  assert.deepEqual(core.connect("clean").link.gates, []);
});

Deno.test("SUBACK and UNSUBACK of a durable session wait for their commit", () => {
  const { core } = setUp();
  for (
    const [client, expected] of [[core.connectKept("k"), [COMMIT]], [
      core.connect("c"),
      [],
    ]] as const
  ) {
    assert.deepEqual(gatesOf(client, () => void client.subscribed("t")), expected);
    assert.deepEqual(gatesOf(client, () => client.unsubscribe("t")), expected);
  }
});

Deno.test("PUBACK waits when a durable session gets the message, and when it is retained", () => {
  const { core } = setUp();
  core.connectKept("kept").subscribe({ topicFilter: "kept", qos: 1 });
  core.connect("clean").subscribe({ topicFilter: "clean", qos: 1 });
  const publisher = core.connect("p");
  const publish = (topicName: string, retain = false) =>
    gatesOf(publisher, () => publisher.publish(topicName, "x", { qos: 1, retain }));
  assert.deepEqual(publish("kept"), [COMMIT]);
  assert.deepEqual(publish("clean"), []);
  assert.deepEqual(publish("nobody"), []);
  assert.deepEqual(publish("nobody", true), [COMMIT]);
});

Deno.test("QoS 2 of a durable publisher waits at PUBREC, at its repetition, and at PUBCOMP", () => {
  const { core } = setUp();
  const publisher = core.connectKept("p");
  const packet = publishPacket("nobody", "x", { qos: 2, packetIdentifier: 3 });
  assert.deepEqual(gatesOf(publisher, () => publisher.input(packet)), [COMMIT]);
  const again = { ...packet, duplicate: true };
  assert.deepEqual(gatesOf(publisher, () => publisher.input(again)), [COMMIT]);
  const release = acknowledgement(PacketType.Pubrel, 3);
  assert.deepEqual(gatesOf(publisher, () => publisher.input(release)), [COMMIT]);
});

Deno.test("QoS 2 to a durable session waits at PUBLISH and at PUBREL; QoS 1 does not wait", () => {
  const { core } = setUp();
  const subscriber = core.connectKept("s");
  subscriber.subscribe(["two", { topicFilter: "one", qos: 1 }]);
  const publisher = core.connect("p");
  const publish = (topicName: string) =>
    gatesOf(subscriber, () => publisher.publish(topicName, "x", { qos: 2, packetIdentifier: 1 }));
  assert.deepEqual(publish("one"), []);
  publisher.input(acknowledgement(PacketType.Pubrel, 1));
  assert.deepEqual(publish("two"), [COMMIT]);
  const pubrec = acknowledgement(PacketType.Pubrec, 2);
  assert.deepEqual(gatesOf(subscriber, () => subscriber.input(pubrec)), [COMMIT]);
});

Deno.test("nothing waits where nothing is recorded", () => {
  const core = new Core({}, NO_JOURNAL);
  const client = core.connectKept("k");
  client.subscribe("t");
  client.publish("t", "x", { qos: 2, retain: true });
  assert.deepEqual(client.link.gates, []);
});

Deno.test("a session that gives up its expiry at DISCONNECT is not kept", () => {
  const { core, journal } = setUp();
  const client = core.connectKept("k");
  client.subscribe("t");
  assert.equal(journal.sessions.size, 1);
  client.disconnect(0, { sessionExpiryInterval: 0 });
  assert.equal(journal.sessions.size, 0);
});

Deno.test("a session that is resumed without expiry is not kept any longer, though it goes on", () => {
  const { core, journal } = setUp();
  core.connectKept("k").subscribe("t");
  const again = core.connect("k", 5, { cleanStart: false });
  assert.equal(journal.sessions.size, 0);
  journal.check(core.broker);
  core.connect("p").publish("t", "x", { qos: 1 });
  assert.deepEqual(again.messages().length, 1);
});

Deno.test("$SYS topics are not recorded", () => {
  const { core, journal } = setUp();
  new SysTopics(core.broker, "version 1").update({ currentBytes: 1, maximumBytes: 1 });
  assert(core.broker.retained.count > 0);
  core.connect("p").publish("t", "x", { retain: true });
  assert.deepEqual([...journal.retained.keys()], ["t"]);
});

Deno.test("CONNACK of a clean start waits for the end of the durable session before it", () => {
  const { core } = setUp();
  core.connectKept("a").lose();
  assert.deepEqual(core.connect("a").link.gates, [COMMIT]);
  assert.deepEqual(core.connect("a").link.gates, [COMMIT], "it may still be there after a crash");
  assert.deepEqual(core.connect("b").link.gates, []);
});

Deno.test("CONNACK waits for the end of a durable session, however it has ended", () => {
  const ways: ((core: Core) => void)[] = [
    (core) => core.connectKept("a").disconnect(0, { sessionExpiryInterval: 0 }),
    (core) => {
      core.connectKept("a").lose();
      core.advance(3_600_000);
    },
    (core) => {
      core.connectKept("a").lose();
      core.connect("a", 5, { cleanStart: false }).lose();
    },
  ];
  for (const end of ways) {
    const { core, journal } = setUp();
    end(core);
    assert.equal(journal.sessions.size, 0);
    assert.deepEqual(core.connect("a", 5, { cleanStart: false }).link.gates, [COMMIT]);
    journal.pendingCommit = 0;
    assert.deepEqual(core.connect("a").link.gates, []);
  }
});

Deno.test("PUBACK of what clears a retained message waits, though another has cleared it before", () => {
  const { core } = setUp();
  const publisher = core.connect("p");
  publisher.publish("r", "value", { qos: 1, retain: true });
  const clear = () =>
    gatesOf(publisher, () => publisher.publish("r", "", { qos: 1, retain: true }));
  assert.deepEqual([clear(), clear()], [[COMMIT], [COMMIT]]);
});
