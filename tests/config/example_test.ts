/**
 * broker.yaml, the commented example: valid, complete, and telling the truth about the defaults.
 */

import assert from "node:assert/strict";
import { loadSettings, parseSettings } from "../../src/config/load.ts";
import { everyRow } from "../../src/config/path.ts";
import { defaultSettings } from "../../src/config/read.ts";

const path = new URL("../../broker.yaml", import.meta.url);
const example = await Deno.readTextFile(path);

Deno.test("broker.yaml is valid as it stands and changes nothing", async () => {
  const { fromFileUrl } = await import("../../build/paths.ts");
  const loaded = await loadSettings(fromFileUrl(path));
  if (!loaded.ok) assert.fail(loaded.report);
  assert.deepEqual(loaded.settings, defaultSettings());
});

Deno.test("broker.yaml with every commented default in force is still the default", () => {
  const uncommented = example.replace(/^( *)#(?=[a-z-])(?! )/gm, "$1");
  assert.notEqual(uncommented, example);
  const loaded = parseSettings("broker.yaml", uncommented);
  if (!loaded.ok) assert.fail(loaded.report);
  assert.deepEqual(loaded.settings, defaultSettings());
});

Deno.test("broker.yaml shows every setting", () => {
  const keys = new Set([...example.matchAll(/^[ #-]*([a-z0-9_]+):/gm)].map(([, key]) => key));
  const missing = everyRow().filter(({ path }) => !keys.has(path.at(-1)));
  assert.deepEqual(missing.map(({ path }) => path.join(".")), []);
});

Deno.test("broker.yaml names the JSON Schema for editors", async () => {
  const name = /^# yaml-language-server: \$schema=(\S+)$/m.exec(example)?.[1];
  assert.equal(name, "./build/broker.schema.json");
  assert.equal((await Deno.stat(new URL(`../../${name}`, import.meta.url))).isFile, true);
});
