/** What is logged, and where to. */

import assert from "node:assert/strict";
import { importConf, pick } from "./fixture.ts";

async function levelOf(...types: readonly string[]): Promise<string> {
  return (await importConf(types.map((type) => `log_type ${type}`))).settings.logging.level;
}

Deno.test("the types that are asked for make one level", async () => {
  assert.equal(await levelOf("error"), "error");
  assert.equal(await levelOf("error", "warning"), "warning");
  assert.equal(await levelOf("warning", "notice"), "info");
  assert.equal(await levelOf("error", "debug"), "debug");
  assert.equal(await levelOf("all"), "debug");
  assert.equal(await levelOf("debug", "none"), "error");
  assert.equal(await levelOf("none", "information"), "info");
  assert.equal(await levelOf("subscribe"), "info");
});

Deno.test("types that are no level are left out, as is what a later none takes back", async () => {
  const { outcomes } = await importConf(["log_type debug", "log_type none", "log_type websockets"]);
  assert.match(pick(outcomes, "log_type debug"), /^left out: a later 'log_type none'/);
  assert.match(pick(outcomes, "log_type none"), /^changed: .*errors are always logged/);
  assert.match(pick(outcomes, "log_type websockets"), /^left out: every packet/);
});

Deno.test("destinations are carried, but no file in Mosquitto's own folder", async () => {
  const { settings, outcomes } = await importConf([
    "log_dest syslog",
    "log_dest stderr",
    "log_dest stdout",
    "log_dest topic",
    "log_dest file /var/log/mqtt.log",
  ]);
  assert.deepEqual(
    settings.logging.destinations.map((one) => typeof one === "string" ? one : one.file),
    ["stderr", "stdout", "/var/log/mqtt.log"],
  );
  assert.match(pick(outcomes, "log_dest syslog"), /^changed: .*stderr/);
  assert.match(pick(outcomes, "log_dest topic"), /^left out/);
  const own = await importConf(["log_dest file /var/log/mosquitto/mosquitto.log"]);
  assert.deepEqual(own.settings.logging.destinations, ["stderr"]);
  assert.match(
    pick(own.outcomes, "log_dest file /var/log/mosquitto/mosquitto.log"),
    /^changed: .*folder is Mosquitto's own/,
  );
});

Deno.test("'log_dest none' leaves errors on stderr", async () => {
  const { settings, outcomes } = await importConf(["log_dest stdout", "log_dest none"]);
  assert.deepEqual([settings.logging.level, settings.logging.destinations], ["error", ["stderr"]]);
  assert.match(pick(outcomes, "log_dest stdout"), /^left out: a later 'log_dest none'/);
});

Deno.test("time stamps and messages about connections are carried", async () => {
  const { settings, outcomes } = await importConf([
    "log_timestamp false",
    "log_timestamp_format %H:%M",
    "connection_messages false",
  ]);
  assert.deepEqual([settings.logging.timestamps, settings.logging.levels.client], [
    "none",
    "warning",
  ]);
  assert.match(pick(outcomes, "log_timestamp_format %H:%M"), /^changed: .*ISO 8601/);
});
