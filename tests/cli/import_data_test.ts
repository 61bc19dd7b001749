/** The store that an import makes of Mosquitto's database: when it is there, and when it is not. */

import assert from "node:assert/strict";
import { discardStore, importData } from "../../src/cli/import_data.ts";
import type { DatabasePlan } from "../../src/import/convert_persistence.ts";
import { DatabaseBuilder } from "../import/database/database_fixture.ts";
import { namesIn, temporaryFolder } from "../storage/fixture.ts";

function newSite(builder: DatabaseBuilder) {
  const folder = temporaryFolder();
  const { path } = folder;
  builder.save(`${path}/mosquitto.db`);
  const plan: DatabasePlan = {
    source: `${path}/mosquitto.db`,
    target: `${path}/broker.db`,
    persistentClientExpirationMs: Infinity,
    bridges: [],
    usersAreProven: false,
  };
  const said: string[] = [];
  const note = (text: string) => void said.push(text);
  const terminal = { out: note, err: note };
  return { path, plan, said, terminal, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

const neverInterrupted = () => () => {};

Deno.test("importData() makes the store, and takes back what listens for Ctrl-C", async () => {
  using site = newSite(new DatabaseBuilder().message().retained());
  let listeners = 0;
  const outcome = await importData(site.plan, false, site.terminal, () => {
    listeners++;
    return () => void listeners--;
  });
  assert.equal(outcome.ok && outcome.report.retained, 1);
  assert.deepEqual([listeners, site.said], [0, []]);
  assert.equal(namesIn(site.path).includes("broker.db"), true);
});

Deno.test("importData() ends as a shell says when it is interrupted, and makes no store", async () => {
  for (const [signal, exitCode] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    using site = newSite(new DatabaseBuilder().message().retained());
    const outcome = await importData(site.plan, true, site.terminal, (listener) => {
      listener(signal);
      return () => {};
    });
    assert.deepEqual(outcome, { ok: false, exitCode });
    assert.deepEqual(site.said, ["Interrupted: nothing was written\n"]);
    assert.deepEqual(namesIn(site.path), ["mosquitto.db"]);
  }
});

Deno.test("importData() takes the store back when something was lost that may not be", async () => {
  const builder = () => new DatabaseBuilder().message().retained().subscription("nobody", "a");
  using refused = newSite(builder());
  const outcome = await importData(refused.plan, false, refused.terminal, neverInterrupted);
  assert.deepEqual(outcome, { ok: false, exitCode: 1 });
  assert.match(refused.said.join(""), /^Cannot import 1 entry of clients .*\nNothing was written/);
  assert.deepEqual(namesIn(refused.path), ["mosquitto.db"]);
  using allowed = newSite(builder());
  assert.equal((await importData(allowed.plan, true, allowed.terminal, neverInterrupted)).ok, true);
});

Deno.test("discardStore() removes all files of a store, as far as they are there", async () => {
  using folder = temporaryFolder();
  for (const name of ["s", "s-wal", "s.lock", "other"]) {
    await Deno.writeTextFile(`${folder.path}/${name}`, "");
  }
  await discardStore(`${folder.path}/s`);
  assert.deepEqual(namesIn(folder.path), ["other"]);
});
