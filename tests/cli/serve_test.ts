/**
 * What the options of the command line change in the settings.
 */

import assert from "node:assert/strict";
import { serve, withServeOptions } from "../../src/cli/serve.ts";
import { parseSettings } from "../../src/config/load.ts";
import { defaultSettings } from "../../src/config/read.ts";
import type { ServeOptions } from "../../src/config/serve_options.ts";

const NONE: ServeOptions = { configFile: undefined, ports: [], verbose: false, quiet: false };

const loaded = parseSettings(
  "test.yaml",
  "listeners: [{path: /run/b.sock}]\nlogging: {level: warning, levels: {client: info}}\n",
);
if (!loaded.ok) throw new Error(loaded.report);
const configured = loaded.settings;

Deno.test("withServeOptions() without options changes nothing", () => {
  assert.deepEqual(withServeOptions(configured, NONE), configured);
});

Deno.test("withServeOptions() puts the ports in the place of the configured listeners", () => {
  const [listener] = defaultSettings().listeners;
  assert.deepEqual(withServeOptions(configured, { ...NONE, ports: [0, 1884] }), {
    ...configured,
    listeners: [
      { ...listener, name: "0", port: 0 },
      { ...listener, name: "1884", port: 1884 },
    ],
  });
});

Deno.test("withServeOptions() lets --verbose and --quiet decide for every part", () => {
  const { levels } = defaultSettings().logging;
  assert.deepEqual(withServeOptions(configured, { ...NONE, verbose: true }).logging, {
    ...configured.logging,
    level: "debug",
    levels,
  });
  assert.deepEqual(withServeOptions(configured, { ...NONE, quiet: true }).logging, {
    ...configured.logging,
    level: "error",
    levels,
  });
});

Deno.test("withServeOptions() gives frozen settings", () => {
  const settings = withServeOptions(configured, { ...NONE, ports: [0], verbose: true });
  const parts = [settings, settings.listeners, settings.listeners[0], settings.logging];
  assert.deepEqual(parts.map((part) => Object.isFrozen(part)), [true, true, true, true]);
});

Deno.test("serve() ends with 1 and logs the reason when the server fails", async () => {
  const folder = await Deno.makeTempDir();
  const config = `${folder}/broker.yaml`;
  const log = `${folder}/broker.log`;
  try {
    await Deno.writeTextFile(config, `logging: {destinations: [{file: '${log}'}]}\n`);
    const terminal = { out: () => {}, err: () => {} };
    const exitCode = await serve({ ...NONE, configFile: config }, terminal, () => {
      return Promise.reject(new Error("Cannot listen: no port"));
    });
    const lines = (await Deno.readTextFile(log)).split("\n");
    assert.equal(exitCode, 1);
    assert.match(lines[0] ?? "", / info {4}config {3}Configuration read from '.*broker\.yaml'$/);
    assert.match(lines[1] ?? "", / error {3}server {3}Cannot go on: Cannot listen: no port$/);
    assert.match(lines[2] ?? "", /^ {4}Error: Cannot listen: no port$/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
