/**
 * From settings to a server: every limit arrives where it is enforced.
 */

import assert from "node:assert/strict";
import { defaultSettings } from "../../src/config/read.ts";
import type { Settings } from "../../src/config/settings.ts";
import { openPersistence } from "../../src/net/persistence.ts";
import { brokerLimits, createServer, runServer } from "../../src/net/run.ts";
import { startTestBroker } from "../support/test_broker.ts";

/** `section` with every number replaced by one of its own, counted from `first`. */
function marked<Section extends object>(section: Section, first: number): Section {
  let next = first;
  const entries = Object.entries(section)
    .map(([name, value]) => [name, typeof value === "number" ? next++ : value]);
  return Object.fromEntries(entries) as Section;
}

function markedSettings(): Settings {
  const settings = defaultSettings();
  return {
    ...settings,
    limits: marked(settings.limits, 1000),
    sessions: marked(settings.sessions, 2000),
    features: { retainAvailable: false, maxQos: 1 },
  };
}

Deno.test("brokerLimits() and createServer() hand on every limit, each once", () => {
  const settings = markedSettings();
  const broker = brokerLimits(settings);
  const { limits: server } = createServer(settings);
  const handedOn = [...Object.values(broker), ...Object.values(server)]
    .filter((value) => typeof value === "number" && value >= 1000);
  const { maxKeepaliveMs, ...others } = settings.limits;
  const expected = [...Object.values(others), ...Object.values(settings.sessions)]
    .filter((value) => typeof value === "number");
  assert.deepEqual(handedOn.toSorted(), expected.toSorted());
  assert.equal(broker.maximumKeepAlive, maxKeepaliveMs / 1000);
  assert.deepEqual([broker.retainAvailable, broker.maximumQoS], [false, 1]);
});

Deno.test("brokerLimits() takes limits under the names they have in broker.yaml", () => {
  const { limits, sessions } = markedSettings();
  const broker = brokerLimits(markedSettings());
  assert.deepEqual(
    [
      broker.maximumPacketSize,
      broker.maximumSessions,
      broker.maximumQueuedMessages,
      broker.maximumQueuedBytes,
      broker.maximumTotalQueuedBytes,
      broker.maximumRetainedMessages,
      broker.receiveMaximum,
    ],
    [
      limits.maxPacketSizeBytes,
      limits.maxSessions,
      sessions.maxQueuedMessages,
      sessions.maxQueuedBytes,
      sessions.maxTotalQueuedBytes,
      limits.maxRetainedMessages,
      limits.receiveMaximum,
    ],
  );
});

Deno.test("brokerLimits() leaves the Keep Alive to clients when there is no limit to it", () => {
  const settings = defaultSettings();
  const limits = { ...settings.limits, maxKeepaliveMs: Infinity };
  assert.equal(brokerLimits({ ...settings, limits }).maximumKeepAlive, 0);
});

Deno.test("createServer() makes a listener for each one that is configured", () => {
  const settings = defaultSettings();
  const [listener] = settings.listeners;
  assert(listener !== undefined);
  const listeners = [1, 2, 3].map((port) => ({ ...listener, port }));
  const server = createServer({ ...settings, listeners });
  assert.deepEqual(server.listeners.map(({ endpoint }) => endpoint), ["all:1", "all:2", "all:3"]);
});

Deno.test("runServer() ends with exit code 1 when every port is in use", async () => {
  await using occupant = await startTestBroker();
  const settings = defaultSettings();
  const [listener] = settings.listeners;
  assert(listener !== undefined);
  const listeners = [{ ...listener, address: occupant.hostname, port: occupant.port }];
  const persistence = { ...settings.persistence, durability: "off" } as const;
  assert.equal(await runServer({ ...settings, persistence, listeners }), 1);
});

Deno.test("runServer() ends with exit code 3 when another broker has its data", async () => {
  const folder = await Deno.makeTempDir({ prefix: "broker-run-" });
  const settings = defaultSettings();
  const persistence = { ...settings.persistence, path: `${folder}/broker.db` };
  const other = await openPersistence({ ...settings, persistence }, () => 0);
  try {
    assert.equal(await runServer({ ...settings, persistence }), 3);
  } finally {
    await other.close();
    await Deno.remove(folder, { recursive: true });
  }
});
