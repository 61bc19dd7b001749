/** Options without a counterpart: plugins, bridges, what does nothing anyway. */

import assert from "node:assert/strict";
import { importConf, pick } from "./fixture.ts";

Deno.test("a plugin matters, and what to do without it is said", async () => {
  const advice: Record<string, RegExp> = {
    "/usr/lib/mosquitto_dynamic_security.so": /its clients as 'users'/,
    "/usr/lib/mosquitto_persist_sqlite.so": /start anew/,
    "/usr/share/mosquitto/go-auth.so": /Home Assistant/,
    "/usr/lib/else.so": /authentication\.http/,
  };
  for (const [path, text] of Object.entries(advice)) {
    const { outcomes } = await importConf([`plugin ${path}`, "plugin_opt_key secret-word"]);
    assert.match(pick(outcomes, `plugin ${path}`), /^LOST: /);
    assert.match(pick(outcomes, `plugin ${path}`), text);
    assert.match(pick(outcomes, "plugin_opt_key (not shown)"), /^left out: .*plugin above/);
  }
});

Deno.test("a bridge matters once, its options go with it, its passwords are not shown", async () => {
  const { plan, outcomes } = await importConf([
    "connection cloud",
    "address a.example:8883",
    "topic # both 1",
    "remote_password geheim",
    "bridge_cafile /ca",
  ]);
  const mattering = plan.findings.filter(({ matters }) => matters);
  assert.deepEqual(mattering.map(({ option }) => option), ["connection"]);
  assert.match(pick(outcomes, "connection cloud"), /no bridges yet/);
  assert.equal(JSON.stringify(plan).includes("geheim"), false);
});

Deno.test("a value that asks for what is so anyway is carried, another one matters", async () => {
  const same = await importConf(["upgrade_outgoing_qos false", "memory_limit 0"]);
  assert.equal(pick(same.outcomes, "upgrade_outgoing_qos false"), "carried: it is so here");
  assert.equal(pick(same.outcomes, "memory_limit 0"), "carried: it is so here");
  const other = await importConf(["upgrade_outgoing_qos 1", "memory_limit 5"]);
  assert.match(pick(other.outcomes, "upgrade_outgoing_qos 1"), /^LOST: /);
  assert.match(pick(other.outcomes, "memory_limit 5"), /^left out: /);
});

Deno.test("what Mosquitto ignores is left out without harm", async () => {
  const { outcomes } = await importConf(["retry_interval", "dhparamfile /dh", "listener 1883"]);
  assert.match(pick(outcomes, "retry_interval"), /^left out: Mosquitto ignores it/);
  assert.match(pick(outcomes, "dhparamfile /dh"), /^left out: /);
});
