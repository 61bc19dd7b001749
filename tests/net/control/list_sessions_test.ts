/**
 * `clients` and `sessions`, of a server with clients.
 */

import assert from "node:assert/strict";
import type { Answered } from "./fixture.ts";
import { ControlSite } from "./fixture.ts";

function namesOf({ items }: Answered): unknown[] {
  return items.map(({ clientIdentifier }) => clientIdentifier).sort();
}

Deno.test("clients are those that are connected, with all that is known of them", async () => {
  await using site = await ControlSite.start();
  const tv = await site.connect("tv", {
    username: "ann",
    keepalive: 30,
    properties: { sessionExpiryInterval: 60 },
  });
  await tv.client.subscribeAsync(["a/#", "b"]);
  await site.connectAndLeave("phone");
  const { ok, items } = await site.ask("clients");
  assert.equal(ok, true);
  assert.equal(items.length, 1);
  const { address, connectedAt, bytesReceived, bytesSent, ...rest } = items[0] ?? {};
  assert.match(String(address), /^127\.0\.0\.1:\d+$/);
  assert.match(String(connectedAt), /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.ok(Number(bytesReceived) > 30 && Number(bytesSent) > 10);
  assert.deepEqual(rest, {
    clientIdentifier: "tv",
    username: null,
    unprovenUsername: "ann",
    connected: true,
    listener: "1883",
    protocolVersion: "5",
    bridge: false,
    disconnectedAt: null,
    keepAlive: 30,
    sessionExpiryInterval: 60,
    expiresAt: null,
    subscriptionCount: 2,
    queued: 0,
    queuedBytes: 0,
    inFlight: 0,
    bufferedBytes: 0,
  });
});

Deno.test("clients that are away are there too when all are asked for", async () => {
  await using site = await ControlSite.start();
  await site.connectAndLeave("phone", "t");
  const tv = await site.connect("tv");
  await tv.client.publishAsync("t", "waits", { qos: 1 });
  const answered = await site.ask("clients", { all: true });
  assert.deepEqual(namesOf(answered), ["phone", "tv"]);
  const [phone] = answered.items.filter(({ connected }) => connected === false);
  assert.equal(phone?.["queued"], 1);
  assert.ok(Number(phone?.["queuedBytes"]) > 5);
  assert.equal(phone?.["address"], "127.0.0.1");
  assert.deepEqual([phone?.["keepAlive"], phone?.["bytesReceived"]], [null, null]);
  const [away, expires] = [phone?.["disconnectedAt"], phone?.["expiresAt"]];
  assert.equal(Date.parse(String(expires)) - Date.parse(String(away)), 3_600_000);
});

Deno.test("clients are chosen by a pattern for their names, and by user", async () => {
  await using site = await ControlSite.start();
  await site.connect("zigbee-1", { username: "ann" });
  await site.connect("zigbee-2", { username: "bob" });
  await site.connect("tv", { username: "ann" });
  assert.deepEqual(namesOf(await site.ask("clients", { pattern: "zig*" })), [
    "zigbee-1",
    "zigbee-2",
  ]);
  assert.deepEqual(namesOf(await site.ask("clients", { user: "ann" })), ["tv", "zigbee-1"]);
  assert.deepEqual(namesOf(await site.ask("clients", { user: "ann", pattern: "z*" })), [
    "zigbee-1",
  ]);
  await assert.rejects(site.ask("clients", { colour: "red" }), /Cannot read 'colour'/);
});

Deno.test("sessions are all there are, with their subscriptions if they are asked for", async () => {
  await using site = await ControlSite.start();
  await site.connectAndLeave("phone", "$share/g/t");
  await site.connect("tv");
  const without = await site.ask("sessions");
  assert.deepEqual(namesOf(without), ["phone", "tv"]);
  assert.ok(without.items.every((item) => !("subscriptions" in item)));
  const { items } = await site.ask("sessions", { subscriptions: true });
  const bySession = Object.fromEntries(
    items.map(({ clientIdentifier, subscriptions }) => [clientIdentifier, subscriptions]),
  );
  assert.deepEqual(bySession, {
    phone: [{
      topicFilter: "$share/g/t",
      qos: 1,
      noLocal: false,
      retainAsPublished: false,
      subscriptionIdentifier: null,
    }],
    tv: [],
  });
});

Deno.test("a session with many subscriptions comes in several lines", async () => {
  await using site = await ControlSite.start();
  const tv = await site.connect("tv");
  const filters = Array.from({ length: 1200 }, (_, index) => `t/${index}`);
  await tv.client.subscribeAsync(filters);
  const { items } = await site.ask("sessions", { subscriptions: true });
  const lists = items.map(({ subscriptions, moreSubscriptions }) =>
    (subscriptions ?? moreSubscriptions) as { topicFilter: string }[]
  );
  assert.deepEqual(lists.map(({ length }) => length), [500, 500, 200]);
  assert.deepEqual(new Set(lists.flat().map(({ topicFilter }) => topicFilter)), new Set(filters));
});

Deno.test("one session is shown with its Will and what waits", async () => {
  await using site = await ControlSite.start();
  await site.connectAndLeave("phone", "t");
  const tv = await site.connect("tv", {
    will: { topic: "tv/state", payload: Buffer.from("gone"), qos: 1, retain: true },
  });
  await tv.client.publishAsync("t", "waits", { qos: 1 });
  const [phone] = (await site.ask("sessions", { client: "phone" })).items;
  assert.deepEqual(phone?.["messages"], [
    { topicName: "t", qos: 1, payloadBytes: 5, state: "queued" },
  ]);
  assert.deepEqual([phone?.["will"], phone?.["groups"]], [null, []]);
  const [own] = (await site.ask("sessions", { client: "tv" })).items;
  assert.deepEqual(own?.["will"], {
    topicName: "tv/state",
    qos: 1,
    retain: true,
    payloadBytes: 4,
    willDelayInterval: 0,
  });
  assert.ok(Number(own?.["bytesReceived"]) > 0);
});

Deno.test("a session that is not there is refused, with the nearest one", async () => {
  await using site = await ControlSite.start();
  await site.connectAndLeave("phone");
  assert.deepEqual(await site.ask("sessions", { client: "phoen" }), {
    ok: false,
    lines: ["There is no session of 'phoen' (did you mean 'phone'?)"],
    items: [],
  });
});
