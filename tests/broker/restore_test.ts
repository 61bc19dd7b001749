/**
 * What a journal kept is put back: the next broker goes on where the last one ended.
 */

import assert from "node:assert/strict";
import type { StoredState } from "../../src/broker/journal.ts";
import { UNKNOWN_SECONDS } from "../../src/broker/message.ts";
import { restore, type Restored } from "../../src/broker/restore.ts";
import { PacketType } from "../../src/protocol/packet.ts";
import { Core } from "../support/core.ts";
import { MemoryJournal } from "../support/memory_journal.ts";
import { acknowledgement, publishPacket, will } from "../support/packets.ts";

/** A broker, and the one that follows it. */
function restart(core: Core, journal: MemoryJournal, downMs = 0): {
  core: Core;
  journal: MemoryJournal;
  restored: Restored;
} {
  const next = new MemoryJournal();
  const following = new Core({}, next);
  following.nowMs = core.nowMs + downMs;
  const restored = restore(following.broker, journal.state(core.nowMs), next);
  following.broker.tick();
  next.check(following.broker);
  return { core: following, journal: next, restored };
}

Deno.test("restore() puts back queues in order, with what was in flight first and DUP", () => {
  const journal = new MemoryJournal();
  const core = new Core({}, journal);
  const subscriber = core.connectKept("s", 5, { properties: { receiveMaximum: 2 } });
  subscriber.subscribed({ topicFilter: "t", qos: 2 });
  const publisher = core.connect("p");
  for (const [index, payload] of ["1", "2", "3", "4"].entries()) {
    publisher.input(publishPacket("t", payload, { qos: 1, packetIdentifier: index + 1 }));
  }
  subscriber.received();
  const next = restart(core, journal);
  assert.deepEqual(next.restored, { sessions: 1, subscriptions: 1, messages: 4, retained: 0 });
  const again = next.core.connectKept("s", 5);
  const publishes = again.received().filter((packet) => packet.type === PacketType.Publish);
  assert.deepEqual(
    publishes.map(({ payload, duplicate, packetIdentifier }) => [
      new TextDecoder().decode(payload),
      duplicate,
      packetIdentifier,
    ]),
    [["1", true, 1], ["2", true, 2], ["3", false, 3], ["4", false, 4]],
  );
});

Deno.test("restore() does not send a released QoS 2 message again, but its PUBREL [MQTT-4.4.0-1]", () => {
  const journal = new MemoryJournal();
  const core = new Core({}, journal);
  const subscriber = core.connectKept("s");
  subscriber.subscribed({ topicFilter: "t", qos: 2 });
  core.connect("p").input(publishPacket("t", "x", { qos: 2, packetIdentifier: 9 }));
  subscriber.input(acknowledgement(PacketType.Pubrec, 1));
  const next = restart(core, journal);
  const packets = next.core.connectKept("s").received();
  assert.deepEqual(packets.map(({ type }) => type), [PacketType.Pubrel]);
});

Deno.test("restore() keeps inbound QoS 2 identifiers, so that no message comes twice", () => {
  const journal = new MemoryJournal();
  const core = new Core({}, journal);
  const publisher = core.connectKept("p");
  publisher.input(publishPacket("t", "x", { qos: 2, packetIdentifier: 7 }));
  const next = restart(core, journal);
  const subscriber = next.core.connect("s");
  subscriber.subscribed({ topicFilter: "t", qos: 2 });
  subscriber.received();
  const again = next.core.connectKept("p");
  again.input(publishPacket("t", "x", { qos: 2, packetIdentifier: 7, duplicate: true }));
  assert.deepEqual(subscriber.received(), []);
  assert.deepEqual(again.received().map(({ type }) => type), [PacketType.Pubrec]);
});

Deno.test("restore() puts back retained messages that have not expired meanwhile", () => {
  const journal = new MemoryJournal();
  const core = new Core({}, journal);
  const publisher = core.connect("p");
  publisher.input(publishPacket("kept", "x", { retain: true }));
  const properties = { messageExpiryInterval: 10 };
  publisher.input(publishPacket("short", "x", { retain: true, properties }));
  const soon = restart(core, journal, 9_000);
  assert.equal(soon.restored.retained, 2);
  const late = restart(core, journal, 11_000);
  assert.equal(late.restored.retained, 1);
  assert.deepEqual([...late.core.broker.retained.match("#")].map(({ topic }) => topic.name), [
    "kept",
  ]);
});

Deno.test("restore() counts the time that the broker was away towards session expiry", () => {
  const journal = new MemoryJournal();
  const core = new Core({}, journal);
  core.connectKept("s").lose();
  assert.equal(restart(core, journal, 3_599_000).core.broker.sessions.size, 1);
  const late = restart(core, journal, 3_601_000);
  assert.equal(late.core.broker.sessions.size, 0);
  assert.equal(late.journal.sessions.size, 0);
});

Deno.test("restore() publishes a Will whose delay has passed, and waits for the rest of another", () => {
  for (const [downMs, expected] of [[4_000, 0], [6_000, 1]] as const) {
    const journal = new MemoryJournal();
    const core = new Core({}, journal);
    const watcher = core.connectKept("w");
    watcher.subscribed({ topicFilter: "will", qos: 1 });
    const delayed = will("will", "x", { qos: 1, properties: { willDelayInterval: 5 } });
    core.connectKept("s", 5, { will: delayed }).lose();
    const next = restart(core, journal, downMs);
    assert.equal(next.core.broker.sessions.get("w")?.queuedCount, expected);
    next.core.advance(5_000);
    assert.equal(next.core.broker.sessions.get("w")?.queuedCount, 1);
  }
});

Deno.test("restore() finds the shared group of a message, for the time its session ends", () => {
  const journal = new MemoryJournal();
  const core = new Core({}, journal);
  const [one, two] = [core.connectKept("one"), core.connectKept("two")];
  one.subscribed({ topicFilter: "$share/g/t", qos: 1 });
  two.subscribed({ topicFilter: "$share/g/t", qos: 1 });
  one.lose();
  two.lose();
  const publisher = core.connect("p");
  publisher.input(publishPacket("t", "x", { qos: 1, packetIdentifier: 1 }));
  const { core: next } = restart(core, journal);
  const [holder, other] = ["one", "two"].sort((first) =>
    next.broker.sessions.get(first)?.queuedCount === 1 ? -1 : 1
  ) as [string, string];
  next.broker.endSession(next.broker.sessions.get(holder)!, "test");
  assert.equal(next.broker.sessions.get(other)?.queuedCount, 1);
});

Deno.test("restore() finds a shared group whose members come later, and one without members", () => {
  for (const mayJoinLater of [false, true]) {
    const journal = new MemoryJournal();
    const core = new Core({}, journal);
    const holder = core.connectKept("holder");
    holder.subscribed({ topicFilter: "$share/g/t", qos: 1 });
    holder.lose();
    core.connect("p").input(publishPacket("t", "x", { qos: 1, packetIdentifier: 1 }));
    const again = core.connectKept("holder");
    again.received();
    again.unsubscribe("$share/g/t");
    again.lose();
    const other = core.connectKept("other");
    if (!mayJoinLater) other.subscribed({ topicFilter: "$share/g/t", qos: 1 });
    other.lose();
    const { core: next } = restart(core, journal);
    if (mayJoinLater) {
      const joined = next.connectKept("other");
      joined.subscribed({ topicFilter: "$share/g/t", qos: 1 });
      joined.lose();
    }
    next.broker.endSession(next.broker.sessions.get("holder")!, "test");
    assert.equal(next.broker.sessions.get("other")?.queuedCount, 1);
  }
});

Deno.test("restore() reads sessions one by one, then retained messages, then publishes Wills", () => {
  const journal = new MemoryJournal();
  const core = new Core({}, journal);
  for (const name of ["one", "two"]) {
    const lastWill = will("status", `${name} left`, {
      retain: true,
      properties: { willDelayInterval: 5 },
    });
    const client = core.connectKept(name, 5, { will: lastWill });
    client.subscribed({ topicFilter: "t", qos: 1 });
    client.lose();
  }
  const publisher = core.connect("p");
  publisher.publish("t", "x", { qos: 1 });
  publisher.publish("status", "all is well", { retain: true });
  const { sessions, retained } = journal.state(core.nowMs);
  const read: string[] = [];
  const state: StoredState = {
    sessions: noting(sessions, ({ clientIdentifier }) => read.push(`reads ${clientIdentifier}`)),
    retained: noting(retained, ({ topicName }) => read.push(`reads ${topicName}`)),
  };
  const next = new MemoryJournal();
  const following = new Core({}, next);
  following.nowMs = core.nowMs + 10_000;
  const { broker } = following;
  restore(broker, state, {
    adoptSession(session, stored) {
      read.push(`adopts ${session.clientIdentifier}`);
      next.adoptSession(session, stored);
    },
    adoptOutgoing(session, outgoing) {
      read.push(`adopts a message of ${session.clientIdentifier}`);
      next.adoptOutgoing(session, outgoing);
    },
    adoptRetained(message) {
      read.push(`adopts ${message.topic.name}`);
      assert.equal(broker.sessions.get("two")?.will?.topicName, "status");
      next.adoptRetained(message);
    },
  });
  assert.deepEqual(read, [
    ...["reads one", "adopts one", "adopts a message of one"],
    ...["reads two", "adopts two", "adopts a message of two"],
    ...["reads status", "adopts status"],
  ]);
  const kept = broker.retained.get("status");
  assert.equal(new TextDecoder().decode(kept?.payload), "two left");
  next.check(broker);
});

/** The same values, each reported when it is asked for. */
function* noting<Value>(values: Iterable<Value>, note: (value: Value) => void): Generator<Value> {
  for (const value of values) {
    note(value);
    yield value;
  }
}

Deno.test("restore() of nothing is a broker like new", () => {
  const state: StoredState = { sessions: [], retained: [] };
  const core = new Core();
  const restored = restore(core.broker, state, new MemoryJournal());
  assert.deepEqual(restored, { sessions: 0, subscriptions: 0, messages: 0, retained: 0 });
  assert.equal(core.broker.sessions.size, 0);
});

Deno.test("restore() takes nothing away because a limit was lowered", () => {
  const journal = new MemoryJournal();
  const core = new Core({}, journal);
  const publisher = core.connect("p");
  for (const topicName of ["a", "b", "c"]) publisher.publish(topicName, "1", { retain: true });
  const next = new MemoryJournal();
  const following = new Core({ maximumRetainedMessages: 1 }, next);
  const restored = restore(following.broker, journal.state(core.nowMs), next);
  assert.deepEqual([restored.retained, following.broker.retained.count], [3, 3]);
  next.check(following.broker);
});

Deno.test("restore() queues a message whose Packet Identifier another has: a damaged file may say so", () => {
  const journal = new MemoryJournal();
  const core = new Core({}, journal);
  const subscriber = core.connectKept("s").subscribed({ topicFilter: "t", qos: 1 });
  const publisher = core.connect("p");
  for (const payload of ["1", "2"]) {
    publisher.publish("t", payload, { qos: 1, packetIdentifier: 1 });
  }
  subscriber.received();
  const state = journal.state(core.nowMs);
  const sessions = [...state.sessions].map((session) => ({
    ...session,
    outgoing: session.outgoing.map((each) => ({ ...each, packetIdentifier: 1 })),
  }));
  const following = new Core({}, new MemoryJournal());
  const adopter = new MemoryJournal();
  restore(following.broker, { sessions, retained: [] }, adopter);
  const session = following.broker.sessions.get("s");
  assert.deepEqual([session?.inflightCount, session?.queuedCount], [1, 1]);
});

Deno.test("restore() puts back when messages were retained, and by whom", () => {
  const journal = new MemoryJournal();
  const core = new Core({}, journal);
  const publisher = core.connect("p");
  publisher.input(publishPacket("t/1", "a", { retain: true }));
  core.advance(10_000);
  publisher.input(publishPacket("t/2", "b", { retain: true }));
  const known = (one: Core) =>
    [...one.broker.retained.values()].map(({ topic, retainedAtSeconds, publisher }) =>
      [topic.name, retainedAtSeconds, publisher] as const
    );
  assert.deepEqual(known(core), [["t/1", 1000, "p"], ["t/2", 1010, "p"]]);
  assert.deepEqual(known(restart(core, journal, 5000).core), known(core));
  // By a clock that is behind, what is stored may be of the future: it was before the start.
  assert.deepEqual(known(restart(core, journal, -3000).core), [
    ["t/1", 1000, "p"],
    ["t/2", 1006, "p"],
  ]);
});

Deno.test("restore() does not make up when a message was retained", () => {
  const journal = new MemoryJournal();
  const core = new Core({}, journal);
  core.connect("p").input(publishPacket("t", "a", { retain: true }));
  const state = journal.state(core.nowMs);
  const [stored] = state.retained;
  assert(stored !== undefined);
  const { retainedAtMs: _at, publisher: _publisher, ...unknown } = stored;
  const next = new Core();
  restore(next.broker, { ...state, retained: [unknown] }, new MemoryJournal());
  const [message] = next.broker.retained.values();
  assert.deepEqual([message?.retainedAtSeconds, message?.publisher], [UNKNOWN_SECONDS, undefined]);
});
