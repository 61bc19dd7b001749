/** Which files of users and rules count for which listeners, however they are named. */

import assert from "node:assert/strict";
import { accessFiles, countsFor, isKnownPlugin } from "../../src/import/access_files.ts";
import { readConf } from "../../src/import/conf_reader.ts";
import { type ConfModel, modelConf } from "../../src/import/conf_model.ts";
import { InputFiles } from "../../src/import/input_files.ts";
import { temporaryFolder } from "../storage/fixture.ts";

async function modelOf(...lines: readonly string[]): Promise<ConfModel> {
  using folder = temporaryFolder();
  const path = `${folder.path}/mosquitto.conf`;
  await Deno.writeTextFile(path, lines.join("\n"));
  const files = new InputFiles(path, []);
  const model = modelConf(await readConf(path, files, false), files);
  assert.equal(files.report(), "");
  return model;
}

function described(model: ConfModel, kind: "password_file" | "acl_file"): string[] {
  return accessFiles(model, kind).map(({ path, listeners }) =>
    `${path} ${listeners === "all" ? "all" : listeners.map(({ port }) => port).join()}`
  );
}

Deno.test("accessFiles() finds the file of all, and those of single listeners", async () => {
  const all = await modelOf("password_file a", "listener 1", "listener 2");
  assert.deepEqual(described(all, "password_file"), ["a all"]);
  assert.deepEqual(described(all, "acl_file"), []);
  const each = await modelOf(
    "per_listener_settings true",
    "listener 1",
    "acl_file x",
    "listener 2",
    "acl_file y",
  );
  assert.deepEqual(described(each, "acl_file"), ["x 1", "y 2"]);
  const [x] = accessFiles(each, "acl_file");
  assert.deepEqual(each.listeners.map((listener) => x && countsFor(x, listener)), [true, false]);
});

Deno.test("accessFiles() finds files of plugins, for those that use them", async () => {
  const model = await modelOf(
    "plugin_load pw /lib/mosquitto_password_file.so",
    "plugin_opt_password_file a",
    "plugin_load acl /lib/mosquitto_acl_file.so",
    "plugin_opt_acl_file b",
    "plugin_load other /lib/mosquitto_acl_file.so",
    "listener 1",
    "plugin_use pw",
    "plugin_use acl",
    "listener 2",
    "plugin_use pw",
  );
  assert.deepEqual(described(model, "password_file"), ["a all"]);
  assert.deepEqual(described(model, "acl_file"), ["b 1"]);
  assert.deepEqual(model.plugins.map(isKnownPlugin), [true, true, false]);
});
