/**
 * The place of a new subscription among the retained messages.
 */

import assert from "node:assert/strict";
import type { Message } from "../../src/broker/message.ts";
import { newReplay, Replay, ReplayList } from "../../src/broker/replay.ts";
import type { Subscription } from "../../src/broker/subscription.ts";
import type { QoS } from "../../src/protocol/packet.ts";
import { Core } from "../support/core.ts";

function withRetained(...names: string[]): Core {
  const core = new Core();
  const publisher = core.connect("p");
  for (const name of names) publisher.publish(name, name, { qos: 1, retain: true });
  return core;
}

function replayOf(core: Core, topicFilter: string, qos: QoS = 1, identifier = 0): Replay {
  const subscription: Subscription = {
    session: core.connect(`s${topicFilter}`).session,
    topicFilter,
    qos,
    noLocal: false,
    retainAsPublished: false,
    identifier,
    shareName: undefined,
    replayPending: false,
  };
  return new Replay(subscription, core.broker);
}

function rest(replay: Replay): string[] {
  const names: string[] = [];
  for (let message = replay.peek(); message !== undefined; message = replay.peek()) {
    names.push(message.topic.name);
    replay.advance();
  }
  return names;
}

Deno.test("Replay goes through the retained messages of its filter once", () => {
  const core = withRetained("a/1", "b/1", "a/2");
  const replay = replayOf(core, "a/+");
  assert.equal(replay.peek(), replay.peek());
  assert.deepEqual(rest(replay), ["a/1", "a/2"]);
  assert.equal(replay.peek(), undefined);
});

Deno.test("Replay gives the values of the time when they are asked for", () => {
  const core = withRetained("a", "b", "c");
  const replay = replayOf(core, "#");
  assert.equal(replay.peek()?.topic.name, "a");
  replay.advance();
  const publisher = core.connect("q");
  publisher.publish("b", "", { retain: true });
  publisher.publish("c", "newer", { retain: true });
  const next = replay.peek() as Message;
  assert.deepEqual([next.topic.name, next.payloadLength], ["c", "newer".length]);
});

Deno.test("Replay passes over what has expired, even what it had found before", () => {
  const core = new Core();
  const properties = { messageExpiryInterval: 10 };
  core.connect("p").publish("a", "x", { retain: true, properties });
  core.connect("p").publish("b", "x", { retain: true });
  const replay = replayOf(core, "#");
  assert.equal(replay.peek()?.topic.name, "a");
  core.nowMs += 11_000;
  assert.deepEqual(rest(replay), ["b"]);
});

Deno.test("Replay delivers at the lower QoS, with the Subscription Identifier", () => {
  const core = withRetained("a");
  const replay = replayOf(core, "a", 0, 5);
  assert.equal(replay.qosOf(replay.peek() as Message), 0);
  assert.deepEqual(replay.subscriptionIdentifiers, [5]);
  assert.deepEqual(replayOf(core, "+").subscriptionIdentifiers, []);
});

Deno.test("ReplayList goes on with the next replay when one is at its end", () => {
  const core = withRetained("a", "b");
  const list = new ReplayList(core.connect("listed").session);
  const [first, second] = [replayOf(core, "a"), replayOf(core, "b")];
  list.add(replayOf(core, "nobody"));
  list.add(first);
  list.add(second);
  assert.equal(list.current(), first);
  first.advance();
  assert.equal(list.current(), second);
  list.remove("b");
  assert.equal(list.current(), undefined);
});

Deno.test("ReplayList starts a Topic Filter again that comes again", () => {
  const core = withRetained("a/1", "a/2");
  const list = new ReplayList(core.connect("listed").session);
  list.add(replayOf(core, "a/#"));
  list.current()?.advance();
  const again = replayOf(core, "a/#");
  list.add(again);
  assert.equal(list.current(), again);
  assert.deepEqual(rest(again), ["a/1", "a/2"]);
  assert.equal(list.current(), undefined);
});

Deno.test("Replay gives only what its client may receive by the rules of now", () => {
  const core = withRetained("a", "b", "c");
  core.access.unreadable.add("a");
  const replay = replayOf(core, "#");
  assert.equal(replay.peek()?.topic.name, "b");
  core.access.unreadable.add("b");
  assert.deepEqual(rest(replay), ["c"]);
});

Deno.test("newReplay() goes through what the broker has retained for a subscription", () => {
  const core = withRetained("a/1", "b/1");
  const { subscription } = replayOf(core, "a/#");
  assert.deepEqual(rest(newReplay(core.broker, subscription)), ["a/1"]);
});

Deno.test("Replay looks no further than the budget goes, and goes on when there is more", () => {
  const core = withRetained("a/1", "a/2", "b/1");
  core.access.unreadable.add("a/1").add("a/2");
  const replay = replayOf(core, "#");
  while (core.broker.replayBudget.take());
  assert.deepEqual([replay.peek(), replay.hasEnded], [undefined, false]);
  core.nowMs += 1;
  core.broker.replayBudget.fill();
  assert.deepEqual(rest(replay), ["b/1"]);
  assert.equal(replay.hasEnded, true);
});
