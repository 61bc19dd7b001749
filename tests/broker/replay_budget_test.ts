/**
 * What looking for retained messages may cost, whatever Topic Filters a client sends.
 */

import assert from "node:assert/strict";
import { MAXIMUM_STEPS, ReplayBudget } from "../../src/broker/replay_budget.ts";
import { Core } from "../support/core.ts";
import { MemoryJournal } from "../support/memory_journal.ts";

/** Takes all there is; returns how many steps it was. */
function takeAll(budget: ReplayBudget): number {
  let steps = 0;
  while (budget.take()) steps++;
  return steps;
}

/** A broker with `count` retained messages that nobody may receive, and then one for everybody. */
function withSecrets(count: number, journal?: MemoryJournal): Core {
  const core = new Core({}, journal);
  const publisher = core.connect("p");
  for (let index = 0; index < count; index++) {
    publisher.publish(`secret/${index}`, "x", { retain: true });
    core.access.unreadable.add(`secret/${index}`);
  }
  publisher.publish("the/open", "x", { retain: true });
  return core;
}

/** How often the rules are asked while `act` runs. */
function asked(core: Core, act: () => void): number {
  let count = 0;
  const { access } = core.broker;
  core.broker.setAccess({
    accessOf: (clientIdentifier, identity) => {
      const of = access.accessOf(clientIdentifier, identity);
      return { ...of, mayReceive: (topicName) => (count++, of.mayReceive(topicName)) };
    },
  });
  act();
  core.broker.setAccess(access);
  return count;
}

Deno.test("ReplayBudget grows with time alone, and never over its maximum", () => {
  const clock = { ms: 0, nowMs: () => clock.ms };
  const budget = new ReplayBudget(clock);
  assert.equal(takeAll(budget), MAXIMUM_STEPS);
  budget.fill();
  assert.equal(takeAll(budget), 0);
  clock.ms += 2;
  assert.equal(takeAll(budget), 0, "nobody has filled it");
  budget.fill();
  assert.equal(takeAll(budget), 200);
  clock.ms += 1e9;
  budget.fill();
  assert.equal(takeAll(budget), MAXIMUM_STEPS);
});

Deno.test("ReplayBudget counts no step that has found something", () => {
  const budget = new ReplayBudget({ nowMs: () => 0 });
  for (let step = 0; step < 2 * MAXIMUM_STEPS; step++) {
    assert.ok(budget.take());
    budget.giveBack();
  }
  assert.equal(takeAll(budget), MAXIMUM_STEPS);
});

Deno.test("ReplayBudget calls those who wait once, in their order, while there are steps", () => {
  const clock = { ms: 0, nowMs: () => clock.ms };
  const budget = new ReplayBudget(clock);
  const called: string[] = [];
  takeAll(budget);
  const first = { pump: () => void called.push("first") };
  for (const seeker of [first, { pump: () => void called.push(`${takeAll(budget)}`) }, first]) {
    budget.wait(seeker);
  }
  budget.wait({ pump: () => void called.push("last") });
  budget.proceed();
  assert.deepEqual(called, [], "there is nothing to go on with");
  clock.ms += 1;
  budget.proceed();
  assert.deepEqual(called, ["first", "100"]);
  assert.equal(budget.isAwaited, true);
  clock.ms += 1;
  budget.proceed();
  assert.deepEqual(called, ["first", "100", "last"]);
  assert.equal(budget.isAwaited, false);
});

Deno.test("ReplayBudget gives each of those who wait its share, and not all to the first", () => {
  const clock = { ms: 0, nowMs: () => clock.ms };
  const budget = new ReplayBudget(clock);
  takeAll(budget);
  const taken: number[] = [];
  const greedy = () => ({ pump: () => void taken.push(takeAll(budget)) });
  for (let index = 0; index < 4; index++) budget.wait(greedy());
  clock.ms += 10;
  budget.proceed();
  assert.deepEqual(taken, [250, 250, 250, 250]);
  for (let index = 0; index < 6; index++) budget.wait(greedy());
  clock.ms += 3;
  budget.proceed();
  assert.deepEqual(taken.slice(4), [100, 100, 100]);
  assert.equal(budget.isAwaited, true);
});

Deno.test("retained messages that a client may not receive are passed over in slices", () => {
  const core = withSecrets(MAXIMUM_STEPS + 1000);
  const client = core.connect("s");
  const inSubscribe = asked(core, () => client.subscribe("#"));
  assert.ok(inSubscribe <= MAXIMUM_STEPS, `${inSubscribe} messages in one call`);
  assert.deepEqual(client.messages(), []);
  core.advance(1000);
  assert.deepEqual(client.messages(), ["the/open x retain"]);
  assert.equal(core.broker.replayBudget.isAwaited, false);
});

Deno.test("Topic Filters that match nothing share the budget, however many they are", () => {
  const core = withSecrets(5000);
  const client = core.connect("s");
  const filters = Array.from({ length: 50 }, (_, index) => `+/+/${index}`);
  client.subscribed(filters);
  assert.equal(takeAll(core.broker.replayBudget), 0);
  assert.equal(client.session.subscriptionCount, 50);
  for (let second = 0; core.broker.replayBudget.isAwaited; second++) {
    assert.ok(second < 50, "the replays come to an end");
    core.advance(1000);
  }
  assert.equal(client.session.isReplaying(filters.at(-1) as string), false);
});

Deno.test("a replay that waits for the budget is noted, and ends with the session", () => {
  const journal = new MemoryJournal();
  const core = withSecrets(MAXIMUM_STEPS + 1000, journal);
  const client = core.connectKept("s").subscribed(["#"]);
  assert.equal(client.session.subscriptions.get("#")?.replayPending, true);
  journal.check(core.broker);
  client.unsubscribe("#");
  core.advance(1000);
  assert.deepEqual(client.messages(), []);
  assert.equal(core.broker.replayBudget.isAwaited, false);
  journal.check(core.broker);
});
