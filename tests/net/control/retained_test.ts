/**
 * `retained` and `clear-retained`: what is found, by filter and age, and how it goes.
 */

import assert from "node:assert/strict";
import { UNKNOWN_SECONDS } from "../../../src/broker/message.ts";
import { AnswerStream } from "../../../src/control/answer_stream.ts";
import { CommitWaiters } from "../../../src/net/commit_waiters.ts";
import { RequestArguments } from "../../../src/net/control/request_arguments.ts";
import { clearRetained } from "../../../src/net/control/retained.ts";
import type { Server } from "../../../src/net/server.ts";
import { CapturedLog } from "../../support/captured_log.ts";
import { Core } from "../../support/core.ts";
import { MemoryJournal } from "../../support/memory_journal.ts";
import { type Answered, ControlSite } from "./fixture.ts";

/** Topics in order, and the summary. */
function found({ items }: Answered): [topics: unknown[], summary: unknown] {
  return [items.slice(0, -1).map(({ topicName }) => topicName).sort(), items.at(-1)];
}

/** Makes the retained message of a topic older; undefined: its age is not known. */
function age(site: ControlSite, topic: string, seconds: number | undefined): void {
  const message = site.server.broker.retained.get(topic);
  assert(message !== undefined);
  message.retainedAtSeconds = seconds === undefined
    ? UNKNOWN_SECONDS
    : message.retainedAtSeconds - seconds;
}

Deno.test("retained shows topic, size, QoS, age and publisher", async () => {
  await using site = await ControlSite.start();
  const lamp = await site.connect("lamp");
  await lamp.client.publishAsync("home/lamp", "on!", {
    qos: 1,
    retain: true,
    properties: { messageExpiryInterval: 3600 },
  });
  age(site, "home/lamp", 60);
  const { ok, items } = await site.ask("retained");
  assert.equal(ok, true);
  const { retainedAt, ageSeconds, expiresAt, ...rest } = items[0] ?? {};
  assert.deepEqual(rest, {
    topicName: "home/lamp",
    qos: 1,
    payloadBytes: 3,
    publisher: "lamp",
  });
  assert.ok(Number(ageSeconds) >= 60 && Number(ageSeconds) < 120);
  const seconds = (Date.parse(String(expiresAt)) - Date.parse(String(retainedAt))) / 1000;
  assert.ok(seconds > 3600 && seconds < 3720, `${seconds}`);
  assert.deepEqual(items.slice(1), [{ count: 1, payloadBytes: 3, unknownAge: 0 }]);
});

Deno.test("retained messages are chosen by Topic Filter, those of $SYS only if it says so", async () => {
  await using site = await ControlSite.start({ sysIntervalMs: 1 });
  const client = await site.connect("c");
  await site.retain(client, "a/1", "a/2", "b/1", "b");
  const topics = async (filter?: string) =>
    found(await site.ask("retained", filter === undefined ? {} : { filter }))[0];
  assert.deepEqual(await topics(), ["a/1", "a/2", "b", "b/1"]);
  assert.deepEqual(await topics("+/1"), ["a/1", "b/1"]);
  assert.deepEqual(await topics("b/#"), ["b", "b/1"]);
  assert.deepEqual(await topics("c"), []);
  assert.deepEqual(await topics("$SYS/broker/version"), ["$SYS/broker/version"]);
  for (const filter of ["a/#/b", "$share/g/a", ""]) {
    await assert.rejects(site.ask("retained", { filter }), /Cannot use the Topic Filter/);
  }
});

Deno.test("retained messages are chosen by age; one of unknown age is counted", async () => {
  await using site = await ControlSite.start();
  const client = await site.connect("c");
  await site.retain(client, "new", "old", "unknown");
  age(site, "old", 1000);
  age(site, "unknown", undefined);
  const old = await site.ask("retained", { olderThanSeconds: 1000 });
  assert.deepEqual(found(old), [["old"], { count: 1, payloadBytes: 1, unknownAge: 1 }]);
  const [all] = found(await site.ask("retained"));
  assert.deepEqual(all, ["new", "old", "unknown"]);
  const cleared = await site.ask("clear-retained", { filter: "#", olderThanSeconds: 1000 });
  assert.deepEqual(found(cleared), [["old"], { count: 1, payloadBytes: 1, unknownAge: 1 }]);
  assert.deepEqual(found(await site.ask("retained"))[0], ["new", "unknown"]);
});

Deno.test("clearing tells subscribers, as if a client had cleared it [MQTT-3.3.1-6]", async () => {
  using log = new CapturedLog("info");
  await using site = await ControlSite.start();
  const client = await site.connect("c");
  await site.connectAndLeave("away", "home/#");
  const here = await site.connect("here");
  await here.client.subscribeAsync("home/#", { qos: 1 });
  await site.retain(client, "home/a", "home/b", "other");
  const before = await here.nextMessages(2);
  assert.deepEqual(before.map(({ payload }) => payload), ["x", "x"]);
  const { ok } = await site.ask("clear-retained", { filter: "home/+" });
  assert.equal(ok, true);
  const told = await here.nextMessages(2);
  assert.deepEqual(
    told.sort((one, other) => one.topic < other.topic ? -1 : 1),
    ["home/a", "home/b"].map((topic) => ({ topic, payload: "", qos: 1, retain: false })),
  );
  // At the QoS of what it ends: who is away hears of it later.
  assert.equal(site.server.broker.sessions.get("away")?.queuedCount, 4);
  assert.deepEqual(found(await site.ask("retained"))[0], ["other"]);
  assert.ok(log.take().some((line) => /server Cleared 2 retained .* of 'home\/\+'/.test(line)));
});

Deno.test("$SYS topics cannot be cleared", async () => {
  await using site = await ControlSite.start({ sysIntervalMs: 1 });
  for (const filter of ["$SYS/#", "$SYS/broker/version", "$SYS"]) {
    await assert.rejects(site.ask("clear-retained", { filter }), /Cannot clear \$SYS topics/);
  }
  const { items } = await site.ask("retained", { filter: "$SYS/#" });
  assert.ok(items.length > 10);
});

/** A broker with retained messages and a journal, and what a server is to `clearRetained`. */
function durableServer() {
  const journal = new MemoryJournal();
  const core = new Core({}, journal);
  const publisher = core.connect("p");
  for (const topic of ["a", "b"]) publisher.publish(topic, "x", { retain: true });
  const server = {
    broker: core.broker,
    nowMs: () => core.nowMs,
    flushSoon: () => false,
    commits: new CommitWaiters(journal),
  } as unknown as Server;
  const answer = (stream = new AnswerStream(() => Promise.resolve())) => {
    return clearRetained(server, new RequestArguments({ filter: "#" }), stream);
  };
  return { core, journal, server, answer };
}

Deno.test("clearing is answered when it is on the disk", async () => {
  const { core, journal, server, answer } = durableServer();
  journal.pendingCommit = 5;
  let isAnswered = false;
  const answered = answer().finally(() => isAnswered = true);
  while (core.broker.retained.count > 0) await new Promise((resolve) => setTimeout(resolve, 0));
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(isAnswered, false);
  server.commits.committed(5);
  assert.deepEqual(await answered, { ok: true, lines: [] });
});

Deno.test("clearing is refused while the disk takes nothing", async () => {
  const { core, journal, answer } = durableServer();
  journal.isWritable = false;
  await assert.rejects(answer(), /Cannot clear: the broker's disk takes nothing now/);
  assert.equal(core.broker.retained.count, 2);
});

Deno.test("clearing that the disk stops half-way says how many are gone", async () => {
  const { core, journal, answer } = durableServer();
  journal.deleteRetained = () => void (journal.isWritable = false);
  await assert.rejects(answer(), /Cleared 1, and cannot clear the others: the broker's disk/);
  assert.equal(core.broker.retained.count, 1);
});

Deno.test("clearing whose asker goes away half-way ends, and the log says how far it came", async () => {
  using log = new CapturedLog("info");
  const { core, journal, answer } = durableServer();
  const stream = new AnswerStream(() => Promise.resolve());
  journal.deleteRetained = () => stream.close();
  await assert.rejects(answer(stream), /nobody reads it any more/);
  assert.equal(core.broker.retained.count, 1);
  assert.deepEqual(log.take(), [
    "info server Cleared 1 retained message(s) of '#' ('broker retained clear')",
  ]);
});
