/** What survives a restart, and which database is imported into which store. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../storage/fixture.ts";
import { linesUnprivileged, testWithModes } from "../support/unprivileged.ts";
import { importConf, pick } from "./fixture.ts";

const ON = ["persistence true", "persistence_location DIR/data/"];

Deno.test("a database that is there is to be imported, and the store is where the file says", async () => {
  const { plan, settings, outcomes } = await importConf(
    [...ON, "persistence_file x.db", "persistent_client_expiration 2d", "connection b"],
    { "data/x.db": "" },
    { store: "/new/broker.db" },
  );
  assert.deepEqual(plan.database, {
    source: "DIR/data/x.db",
    target: "/new/broker.db",
    persistentClientExpirationMs: 172_800_000,
    bridges: [`local.${Deno.hostname()}.b`],
    usersAreProven: false,
  });
  assert.deepEqual(
    [settings.persistence.durability, settings.persistence.path],
    ["full", "/new/broker.db"],
  );
  assert.equal(
    pick(outcomes, "persistence_file x.db"),
    "carried: persistence.path: /new/broker.db",
  );
});

Deno.test("bridges are known by the Client Identifiers they have in the database", async () => {
  const { plan } = await importConf(
    [...ON, "connection a", "remote_clientid r", "connection b", "clientid x", "local_clientid l"],
    { "data/mosquitto.db": "" },
  );
  assert.deepEqual(plan.database?.bridges, ["local.r", "l"]);
});

Deno.test("without a database yet, or when it is not wanted, none is imported", async () => {
  const none = await importConf(ON, { "data/other": "" });
  assert.equal(none.plan.database, undefined);
  assert.equal(
    pick(none.outcomes, "persistence_location DIR/data/"),
    "left out: there is no database yet: DIR/data/mosquitto.db",
  );
  const unwanted = await importConf(
    ON,
    { "data/mosquitto.db": "" },
    { store: undefined, whyNoStore: "not wanted" },
  );
  assert.equal(unwanted.plan.database, undefined);
  assert.equal(pick(unwanted.outcomes, "persistence_location DIR/data/"), "left out: not wanted");
});

Deno.test("a database in a folder that is not here may be that of a container, so that it matters", async () => {
  const conf = ["persistence true", "persistence_location /mosquitto/no-such-data/"];
  const place = "persistence_location /mosquitto/no-such-data/";
  const lost = await importConf(conf);
  assert.match(pick(lost.outcomes, place), /^LOST: there is no folder '\/mosquitto\/no-such-data'/);
  const unwanted = await importConf(conf, {}, { store: undefined, whyNoStore: "not wanted" });
  assert.equal(pick(unwanted.outcomes, place), "left out: not wanted");
  const paths = [{ from: "/mosquitto", to: "DIR" }];
  const found = await importConf(conf, { "no-such-data/mosquitto.db": "" }, { paths });
  assert.equal(found.plan.database?.source, "DIR/no-such-data/mosquitto.db");
});

Deno.test("it is said where a database was looked for that no option names", async () => {
  const { outcomes } = await importConf(["persistence true"]);
  assert.match(
    pick(outcomes, "persistence_file mosquitto.db"),
    /^left out: there is no database here: .*mosquitto\.db$/,
  );
  const beside = await importConf(["persistence true"], { "mosquitto.db": "" });
  assert.match(
    pick(beside.outcomes, "persistence_file mosquitto.db"),
    /^carried: persistence\.path: DIR\/broker\.db$/,
  );
});

Deno.test("persistence that was turned off stays off; by default it is on now, and that is said", async () => {
  const off = await importConf(
    ["persistence false", "autosave_interval 5", "persistence_location DIR"],
    { "mosquitto.db": "" },
  );
  assert.equal(off.settings.persistence.durability, "off");
  assert.equal(off.plan.database, undefined);
  assert.match(
    pick(off.outcomes, "autosave_interval 5"),
    /^left out: .*without 'persistence true'/,
  );
  const silent = await importConf(["listener 1883"]);
  assert.equal(silent.settings.persistence.durability, "full");
  assert.match(pick(silent.outcomes, "persistence false"), /^changed: .*survives a restart/);
});

Deno.test("nothing waits to be saved any more", async () => {
  const { outcomes } = await importConf([
    ...ON,
    "autosave_interval 60",
    "autosave_on_changes true",
  ]);
  assert.match(pick(outcomes, "autosave_interval 60"), /^changed: nothing waits to be saved/);
  assert.match(pick(outcomes, "autosave_on_changes true"), /^changed/);
});

testWithModes("files that only others may read are errors that say what to do", async () => {
  using folder = temporaryFolder();
  const conf = `${folder.path}/mosquitto.conf`;
  const location = `persistence_location ${folder.path}`;
  await Deno.writeTextFile(
    conf,
    `persistence true\n${location}\npassword_file ${folder.path}/pw\nlistener 1883\n`,
  );
  for (const name of ["mosquitto.db", "pw"]) {
    await Deno.writeTextFile(`${folder.path}/${name}`, "", { mode: 0o000 });
  }
  const program = fileURLToPath(new URL("./plan_report.ts", import.meta.url));
  const report = (await linesUnprivileged(program, [conf])).join("\n");
  assert.match(report, /mosquitto\.conf:1:1: Cannot open the database '.*': permission denied\n/);
  assert.match(
    report,
    /mosquitto\.conf:3:1: Cannot open '.*\/pw': permission denied; it belongs to/,
  );
  assert.match(report, /hint: read it as root: put 'sudo' before the command\n/);
  assert.match(report, /hint: .*sudo.*; or leave it out: --no-database\n/);
});
