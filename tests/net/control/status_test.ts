/**
 * `status`: that each figure is where it belongs.
 */

import assert from "node:assert/strict";
import { defaultSettings } from "../../../src/config/read.ts";
import type { StatusItem } from "../../../src/control/items.ts";
import { statusItem } from "../../../src/net/control/status.ts";
import { createServer } from "../../../src/net/create_server.ts";
import { VERSION } from "../../../src/version.ts";
import { ControlSite } from "./fixture.ts";

async function statusOf(site: ControlSite): Promise<StatusItem> {
  const { ok, items } = await site.ask("status");
  assert.deepEqual([ok, items.length], [true, 1]);
  return items[0] as StatusItem;
}

Deno.test("status tells of the process and its listeners, open and not", async () => {
  await using site = await ControlSite.start();
  const [listener] = site.configuration.settings.listeners;
  assert(listener !== undefined);
  site.configuration = {
    settings: {
      ...site.configuration.settings,
      listeners: [{ ...listener, address: "127.0.0.1", allowAnonymous: "always" }],
    },
    places: { file: "/etc/broker.yaml", lineOf: () => 1 },
  };
  await site.connect("c");
  const status = await statusOf(site);
  assert.deepEqual(
    [status.version, status.processId, status.configurationFile],
    [VERSION, Deno.pid, "/etc/broker.yaml"],
  );
  assert.ok(Date.parse(status.startedAt) <= Date.now() && status.uptime >= 0);
  const [{ addresses, ...shown } = { addresses: [] }, ...others] = status.listeners;
  assert.deepEqual(others, []);
  assert.match(addresses.join(), /^127\.0\.0\.1:\d+$/);
  assert.deepEqual(shown, {
    name: "1883",
    endpoint: "127.0.0.1:0",
    policy: "port 1883 on '127.0.0.1', without TLS: anonymous clients from everywhere, the " +
      "internet included if the port can be reached",
    state: "open",
    problem: null,
    connections: 1,
    maximumConnections: null,
  });
});

Deno.test("status tells of a listener that is tried again, and why", async () => {
  await using occupant = await ControlSite.start();
  const address = occupant.server.listeners.all[0]?.addresses[0];
  const settings = defaultSettings();
  const [listener] = settings.listeners;
  assert(address !== undefined && "port" in address && listener !== undefined);
  const listeners = [{ ...listener, address: "127.0.0.1", port: address.port }];
  const configuration = { settings: { ...settings, listeners }, places: undefined };
  const server = createServer(configuration.settings);
  try {
    assert.equal((await server.start()).length, 1);
    const stream = { rest: () => undefined };
    const status = await statusItem({ server, configuration, store: undefined }, stream);
    const [shown] = status.listeners;
    assert.deepEqual([shown?.state, shown?.addresses, shown?.connections], ["retrying", [], 0]);
    assert.match(String(shown?.problem), /the port is in use/);
    assert.equal(status.configurationFile, null);
  } finally {
    await server.stop();
  }
});

Deno.test("status counts clients, messages, drops, retained messages and subscriptions", async () => {
  await using site = await ControlSite.start({ sessions: { maxQueuedMessages: 1 } });
  await site.connectAndLeave("away", "t/#");
  const client = await site.connect("c");
  await site.retain(client, "t/1", "t/2", "u");
  const status = await statusOf(site);
  assert.deepEqual(status.clients, {
    connected: 1,
    away: 1,
    maximumConnected: 1,
    connections: 1,
    maximumConnections: 10_000,
  });
  assert.deepEqual(status.dropped, {
    queueFull: 1,
    slowReader: 0,
    packetTooLarge: 0,
    expired: 0,
    sessionEnded: 0,
    notAuthorized: 0,
  });
  assert.equal(status.queuedMessages, 1);
  assert.deepEqual(status.retained, { count: 3, maximumCount: 200_000 });
  assert.deepEqual(
    [status.subscriptions.count, status.subscriptions.shared],
    [1, 0],
  );
  const { totals, memory, rates } = status;
  assert.equal(totals.publishReceived, 3);
  assert.ok(totals.bytesReceived > 50 && totals.bytesSent > 20);
  assert.ok(memory.residentBytes > memory.heapUsedBytes && memory.heapUsedBytes > 0);
  assert.ok(memory.retained.bytes > 1000 && memory.queues.bytes > 400);
  assert.equal(memory.retained.maximumBytes, site.server.broker.limits.maximumRetainedBytes);
  assert.ok(rates.bytesReceived > 0);
  assert.equal(status.store, null);
});

Deno.test("status tells of the store, and of bans", async () => {
  await using site = await ControlSite.start();
  site.store = {
    path: "/broker.db",
    durability: "full",
    fileBytes: 4096,
    bytesWritten: 9000,
    bytesWrittenToday: 1000,
    commits: 7,
    lastCommitAtMs: Date.parse("2026-11-23T08:00:00Z"),
    pendingChanges: 3,
    isWritable: false,
    problem: "the disk is full",
  };
  const { failures, limits } = site.server.login;
  const nowMs = site.server.nowMs();
  for (let tries = 0; tries < limits.failedLoginsBeforeBan; tries++) {
    failures.failed("203.0.113.7", true, nowMs);
  }
  failures.refusesConnection("203.0.113.7", nowMs);
  const { store, bans } = await statusOf(site);
  const { lastCommitAtMs: _lastCommitAtMs, ...same } = site.store;
  assert.deepEqual(store, { ...same, lastCommitAt: "2026-11-23T08:00:00.000Z" });
  assert.deepEqual(
    bans.addresses.map(({ address, refusedConnections }) => [
      address,
      refusedConnections,
    ]),
    [["203.0.113.7", 1]],
  );
  assert.equal(bans.count, 1);
  assert.ok(Date.parse(bans.addresses[0]?.until ?? "") > Date.now());
});
