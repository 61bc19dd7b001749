/**
 * The exit codes of a broker that cannot serve.
 */

import assert from "node:assert/strict";
import { defaultSettings } from "../../src/config/read.ts";
import type { Settings } from "../../src/config/settings.ts";
import { openPersistence } from "../../src/net/persistence.ts";
import { type RunOptions, runServer } from "../../src/net/run.ts";
import { startTestBroker } from "../support/test_broker.ts";

function optionsOf(settings: Settings): RunOptions {
  const configuration = { settings, places: undefined };
  return {
    configuration,
    read: () => Promise.resolve({ ok: true, configuration }),
    applyLogging() {},
  };
}

Deno.test("runServer() ends with exit code 1 when every port is in use", async () => {
  await using occupant = await startTestBroker();
  const settings = defaultSettings();
  const [listener] = settings.listeners;
  assert(listener !== undefined);
  const listeners = [{ ...listener, address: occupant.hostname, port: occupant.port }];
  const persistence = { ...settings.persistence, durability: "off" } as const;
  assert.equal(await runServer(optionsOf({ ...settings, persistence, listeners })), 1);
});

Deno.test("runServer() ends with exit code 3 when another broker has its data", async () => {
  const folder = await Deno.makeTempDir({ prefix: "broker-run-" });
  const settings = defaultSettings();
  const persistence = { ...settings.persistence, path: `${folder}/broker.db` };
  const other = await openPersistence({ ...settings, persistence }, () => 0);
  try {
    assert.equal(await runServer(optionsOf({ ...settings, persistence })), 3);
  } finally {
    await other.close();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("runServer() ends with exit code 2 when a password file cannot be read", async () => {
  const settings = defaultSettings();
  const authentication = { ...settings.authentication, passwordFiles: ["/nonexistent/passwords"] };
  const persistence = { ...settings.persistence, durability: "off" } as const;
  assert.equal(await runServer(optionsOf({ ...settings, authentication, persistence })), 2);
});
