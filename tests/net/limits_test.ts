/**
 * From settings to limits: every one arrives where it is enforced.
 */

import assert from "node:assert/strict";
import { defaultSettings } from "../../src/config/read.ts";
import type { Settings } from "../../src/config/settings.ts";
import { brokerLimits, serverLimits } from "../../src/net/limits.ts";
import { loginLimits } from "../../src/net/login_settings.ts";

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

Deno.test("brokerLimits(), serverLimits() and loginLimits() hand on every limit, each once", () => {
  const settings = markedSettings();
  const broker = brokerLimits(settings);
  const server = serverLimits(settings);
  const login = Object.entries(loginLimits(settings))
    .filter(([name]) => /Rate/.test(name)).map(([, value]) => value);
  const handedOn = [...Object.values(broker), ...Object.values(server), ...login]
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
