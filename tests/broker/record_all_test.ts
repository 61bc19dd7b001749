import assert from "node:assert/strict";
import { recordAll } from "../../src/broker/record_all.ts";
import { SysTopics } from "../../src/broker/sys_topics.ts";
import { PacketType } from "../../src/protocol/packet.ts";
import { Core } from "../support/core.ts";
import { MemoryJournal } from "../support/memory_journal.ts";
import { acknowledgement, publishPacket, will } from "../support/packets.ts";

/** Forgets what was recorded, as a journal does whose file is gone. */
function lose(journal: MemoryJournal): void {
  journal.sessions.clear();
  journal.retained.clear();
}

/** A broker that holds something of every kind, and what its journal has recorded of it. */
function busyBroker(): { core: Core; journal: MemoryJournal } {
  const journal = new MemoryJournal();
  const core = new Core({ queueQoS0Messages: true }, journal);
  const lastWill = will("gone", "x", { properties: { willDelayInterval: 60 } });
  const properties = { receiveMaximum: 3, sessionExpiryInterval: 3600 };
  const subscriber = core.connectKept("s", 5, { properties, will: lastWill });
  subscriber.subscribed([{ topicFilter: "t", noLocal: true }, "$share/g/u"], {
    subscriptionIdentifiers: [7],
  });
  core.connect("clean").subscribed("t");
  const publisher = core.connectKept("p", 4);
  for (const id of [1, 2, 3, 4, 5]) {
    publisher.publish("t", `${id}`, { qos: id % 2 === 0 ? 1 : 2, packetIdentifier: id });
  }
  publisher.publish("u", "shared", { qos: 1, packetIdentifier: 6 });
  publisher.publish("t", "not kept", { qos: 0 });
  subscriber.input(acknowledgement(PacketType.Pubrec, 1), acknowledgement(PacketType.Puback, 2));
  publisher.input(acknowledgement(PacketType.Pubrel, 3));
  for (const topicName of ["a", "a/b", "$x/a"]) {
    publisher.input(publishPacket(topicName, "kept", { retain: true }));
  }
  subscriber.lose();
  return { core, journal };
}

Deno.test("recordAll() records all that the journal had", () => {
  const { core, journal } = busyBroker();
  journal.check(core.broker);
  lose(journal);
  recordAll(core.broker);
  journal.check(core.broker);
  const [subscriber, publisher] = [...journal.sessions];
  assert.equal(journal.sessions.size, 2);
  assert.equal(subscriber?.[1].subscriptions.size, 2);
  assert.deepEqual(
    [...subscriber?.[1].outgoing.values() ?? []],
    [
      { packetIdentifier: 1, released: true },
      { packetIdentifier: 3, released: false },
      { packetIdentifier: 4, released: false },
      { packetIdentifier: 0, released: false },
      { packetIdentifier: 0, released: false },
    ],
  );
  assert.deepEqual([...publisher?.[1].inbound ?? []], [1, 5]);
  assert.deepEqual([...journal.retained.keys()].sort(), ["$x/a", "a", "a/b"]);
});

Deno.test("recordAll() changes nothing in the broker", () => {
  const { core, journal } = busyBroker();
  const { queuedMessages, queuedBytes } = core.broker.statistics;
  const outgoing = [...core.broker.sessions.get("s")?.outgoing() ?? []];
  lose(journal);
  recordAll(core.broker);
  assert.deepEqual([...core.broker.sessions.get("s")?.outgoing() ?? []], outgoing);
  assert.equal(core.broker.statistics.queuedMessages, queuedMessages);
  assert.equal(core.broker.statistics.queuedBytes, queuedBytes);
  assert.equal(core.broker.retained.count, 3);
});

Deno.test("recordAll() leaves out $SYS messages, and sessions that end with their connection", () => {
  const journal = new MemoryJournal();
  const core = new Core({}, journal);
  new SysTopics(core.broker, "version 1").update({ currentBytes: 1, maximumBytes: 1 });
  core.connect("clean").subscribed("t");
  core.connect("p").publish("t", "x", { qos: 2 });
  assert.ok(core.broker.retained.count > 0);
  recordAll(core.broker);
  assert.equal(journal.recordings, 0);
});
