/**
 * A replay of retained messages goes on after a crash: what is noted on its subscription, and when.
 */

import assert from "node:assert/strict";
import { restore } from "../../src/broker/restore.ts";
import type { Subscription } from "../../src/broker/subscription.ts";
import { PacketType } from "../../src/protocol/packet.ts";
import { Core } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { MemoryJournal } from "../support/memory_journal.ts";

const { Puback } = PacketType;
const TOPICS = ["r/1", "r/2", "r/3", "r/4"];
const ALL = TOPICS.map((topic) => `${topic} x`);

/** Notes what was saved of subscriptions: "filter", or "filter pending". */
class NotingJournal extends MemoryJournal {
  saved: string[] = [];

  override saveSubscription(subscription: Subscription): void {
    super.saveSubscription(subscription);
    const { topicFilter, replayPending } = subscription;
    this.saved.push(replayPending ? `${topicFilter} pending` : topicFilter);
  }
}

/** A broker with four retained messages, of QoS 1 where `qos` says nothing else. */
function withRetained(qos: 0 | 1 = 1): { core: Core; journal: NotingJournal } {
  const journal = new NotingJournal();
  const core = new Core({}, journal);
  const publisher = core.connect("p");
  for (const topic of TOPICS) publisher.publish(topic, "x", { qos, retain: true });
  return { core, journal };
}

/** What a client gets, each message without its identifier; all are acknowledged. */
function messagesOf(client: FakeClient): string[] {
  const texts: string[] = [];
  for (let some = client.messages(); some.length > 0; some = client.messages()) {
    for (const text of some) {
      const [, message, identifier] = /^(\S+ \S+)(?: qos1 #(\d+))?/.exec(text) ?? [];
      texts.push(`${message}`);
      if (identifier !== undefined) client.acknowledge(Puback, Number(identifier));
    }
  }
  return texts;
}

/** The broker is killed, and another one starts with what was recorded. */
function restart(core: Core, journal: MemoryJournal): { core: Core; journal: NotingJournal } {
  const next = new NotingJournal();
  const following = new Core({}, next);
  following.nowMs = core.nowMs;
  restore(following.broker, journal.state(core.nowMs), next);
  next.check(following.broker);
  return { core: following, journal: next };
}

Deno.test("a replay that fits at once is not noted: the subscription is saved once", () => {
  for (const qos of [0, 1] as const) {
    const { core, journal } = withRetained(qos);
    const client = core.connectKept("s").subscribed(["r/#", "other", "$share/g/r/#"]);
    assert.deepEqual(journal.saved, ["r/#", "other", "$share/g/r/#"]);
    assert.deepEqual(journal.sessions.get(client.session)?.outgoing.size, qos === 0 ? 0 : 4);
  }
});

Deno.test("a replay that has to wait is noted in the call that made it, and until it is done", () => {
  const { core, journal } = withRetained();
  const client = core.connectKept("s", 5, { properties: { receiveMaximum: 2 } });
  client.subscribe("r/#");
  assert.deepEqual(journal.saved, ["r/#", "r/# pending"]);
  journal.check(core.broker);
  client.received();
  client.acknowledge(Puback, 1);
  assert.deepEqual(journal.saved.splice(0).length, 2);
  client.acknowledge(Puback, 2);
  client.acknowledge(Puback, 3);
  assert.deepEqual(journal.saved, ["r/#"], "all are on their way");
  journal.check(core.broker);
});

Deno.test("a session that ends with its connection notes nothing", () => {
  const { core, journal } = withRetained();
  const client = core.connect("s");
  client.link.isCongested = true;
  client.subscribe("r/#");
  assert.equal(client.session.subscriptions.get("r/#")?.replayPending, false);
  client.drain();
  assert.deepEqual(journal.saved, []);
});

Deno.test("a replay that a crash ended starts again, and loses nothing", () => {
  for (const qos of [0, 1] as const) {
    for (let acknowledged = 0; acknowledged < 4; acknowledged++) {
      const { core, journal } = withRetained(qos);
      const client = core.connectKept("s", 5, { properties: { receiveMaximum: 1 } });
      client.link.isCongested = qos === 0;
      client.subscribe("r/#");
      const before = client.messages().map((text) => text.slice(0, 5));
      for (let identifier = 1; qos === 1 && identifier <= acknowledged; identifier++) {
        client.acknowledge(Puback, identifier);
        before.push(...client.messages().map((text) => text.slice(0, 5)));
      }
      const next = restart(core, journal);
      const again = next.core.connectKept("s");
      const received = new Set([...before, ...messagesOf(again)]);
      assert.deepEqual([...received].sort(), ALL, `QoS ${qos}, ${acknowledged} acknowledged`);
      assert.equal(again.session.subscriptions.get("r/#")?.replayPending, false);
      next.journal.check(next.core.broker);
    }
  }
});

Deno.test("a replay that is started again is ended by UNSUBSCRIBE as any other", () => {
  const { core, journal } = withRetained();
  const client = core.connectKept("s");
  client.link.isCongested = true;
  client.subscribe("r/#");
  const next = restart(core, journal);
  const again = next.core.open(5);
  again.link.isCongested = true;
  again.connect({ ...connectAgain(), cleanStart: false });
  again.unsubscribe("r/#");
  again.drain();
  assert.deepEqual(again.messages(), []);
  next.journal.check(next.core.broker);
});

function connectAgain() {
  return {
    type: PacketType.Connect,
    protocolVersion: 5,
    clientIdentifier: "s",
    cleanStart: false,
    keepAlive: 0,
    properties: { sessionExpiryInterval: 3600 },
    bridge: false,
  } as const;
}

Deno.test("what a subscription was still to get is not lost when it is replaced [MQTT-3.8.4-4]", () => {
  for (const retainHandling of [0, 1, 2] as const) {
    const { core, journal } = withRetained();
    const client = core.connectKept("s");
    client.link.isCongested = true;
    client.subscribe("r/#");
    client.subscribe({ topicFilter: "r/#", qos: 1, retainHandling });
    journal.check(core.broker);
    client.drain();
    assert.deepEqual(messagesOf(client).sort(), ALL, `Retain Handling ${retainHandling}`);
    assert.equal(journal.saved.at(-1), "r/#");
    journal.check(core.broker);
  }
});

Deno.test("a Topic Filter twice in a packet is handled as if in two packets [MQTT-3.8.4-5]", () => {
  for (const retainHandling of [0, 2] as const) {
    const { core, journal } = withRetained();
    const client = core.connectKept("s");
    client.link.isCongested = true;
    client.subscribe(["r/#", { topicFilter: "r/#", qos: 0, retainHandling }]);
    assert.equal(client.session.subscriptions.get("r/#")?.replayPending, true);
    journal.check(core.broker);
    client.drain();
    assert.deepEqual(messagesOf(client).sort(), ALL);
    journal.check(core.broker);
  }
});

Deno.test("a replay goes over what the client may not receive, and then it is done", () => {
  const { core, journal } = withRetained();
  for (const topic of TOPICS.slice(1)) core.access.unreadable.add(topic);
  core.connectKept("s", 5, { properties: { receiveMaximum: 1 } }).subscribe("r/#");
  assert.deepEqual(journal.saved, ["r/#"]);
});
