/** Which option belongs to which listener, plugin or bridge, as Mosquitto has it. */

import assert from "node:assert/strict";
import { importConf, pick, refusalOf } from "./fixture.ts";

Deno.test("options before the first listener make one on port 1883, unless they ask for nothing", async () => {
  const asking = await importConf(["max_connections 5", "listener 1900 127.0.0.1"]);
  assert.deepEqual(
    asking.settings.listeners.map(({ port, maxConnections }) => [port, maxConnections]),
    [
      [1900, Infinity],
      [1883, 5],
    ],
  );
  const nothing = await importConf(["max_connections -1", "protocol mqtt", "listener 1900"]);
  assert.deepEqual(nothing.settings.listeners.map(({ port }) => port), [1900]);
  assert.match(pick(nothing.outcomes, "protocol mqtt"), /^left out: it stands before the first/);
});

Deno.test("port and bind_address are of one listener, beside those of 'listener'", async () => {
  const { settings } = await importConf([
    "bind_address 127.0.0.1",
    "port 1884",
    "max_qos 1",
    "listener 1885",
    "max_qos 0",
  ]);
  assert.deepEqual(
    settings.listeners.map(({ port, address, maxQos }) => [port, address, maxQos]),
    [[1885, "all", 0], [1884, "127.0.0.1", 1]],
  );
});

Deno.test("the current listener is that of the file: an included file has its own", async () => {
  const { settings } = await importConf(
    ["listener 1900", "include_dir DIR/d", "max_qos 1"],
    { "d/a.conf": "listener 1901\nmax_qos 0\n" },
  );
  assert.deepEqual(settings.listeners.map(({ port, maxQos }) => [port, maxQos]), [[1900, 1], [
    1901,
    0,
  ]]);
});

Deno.test("of an option that is there twice, the later one counts", async () => {
  const { settings, outcomes } = await importConf(["sys_interval 5", "sys_interval 7"]);
  assert.equal(settings.sysIntervalMs, 7000);
  assert.equal(pick(outcomes, "sys_interval 5"), "left out: DIR/mosquitto.conf:2 says it again");
});

Deno.test("with per_listener_settings, access options need a listener above them", async () => {
  const report = await refusalOf([
    "per_listener_settings true",
    "allow_anonymous true",
    "listener 1",
  ]);
  assert.match(report, /:2:1: Cannot use 'allow_anonymous': there is no 'listener' before it/);
});

Deno.test("plugin_use names a plugin that was loaded", async () => {
  const report = await refusalOf(["listener 1900", "plugin_use one", "plugin_load one /l.so"]);
  assert.match(report, /:2:1: Cannot use 'plugin_use': there is no 'plugin_load one' before it/);
});

Deno.test("per_listener_settings stands before what it is about, in whatever file, as in Mosquitto", async () => {
  for (const before of ["allow_anonymous true", "password_file DIR/pw", "plugin /x.so"]) {
    const report = await refusalOf(["listener 1883", before, "per_listener_settings true"]);
    const [name] = before.split(" ");
    const message = `:3:1: Cannot use 'per_listener_settings': it must stand before '${name}', ` +
      "which is DIR/mosquitto.conf:2\n";
    assert.equal(report.includes(message), true, report);
  }
  const included = await refusalOf(
    ["allow_anonymous true", "include_dir DIR/d"],
    { "d/a.conf": "per_listener_settings true\n" },
  );
  assert.match(included, /^DIR\/d\/a\.conf:1:1: .* which is DIR\/mosquitto\.conf:1\n/);
  const again = await importConf([
    "per_listener_settings true",
    "listener 1883",
    "allow_anonymous true",
    "per_listener_settings true",
  ]);
  assert.equal(again.settings.listeners[0]?.allowAnonymous, "always");
});
