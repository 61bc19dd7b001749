import assert from "node:assert/strict";
import {
  DatabaseError,
  type DatabaseImport,
  importDatabase,
} from "../../../src/import/database/import_database.ts";
import { FileLock } from "../../../src/storage/lock.ts";
import { namesIn, temporaryFolder } from "../../storage/fixture.ts";
import { DatabaseBuilder } from "./database_fixture.ts";
import { describeStore, importBuilt, NOW_MS } from "./imported_store.ts";

/** A folder with a `mosquitto.db`. */
function newSite(builder = new DatabaseBuilder().message().retained()) {
  const folder = temporaryFolder();
  const source = `${folder.path}/mosquitto.db`;
  builder.save(source);
  const options: DatabaseImport = { source, target: `${folder.path}/broker.db`, nowMs: NOW_MS };
  return { options, path: folder.path, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

async function failure(options: DatabaseImport): Promise<DatabaseError> {
  try {
    await importDatabase(options);
  } catch (error) {
    assert(error instanceof DatabaseError);
    return error;
  }
  throw new Error("it was imported");
}

for (const version of [2, 3, 4, 5, 6]) {
  Deno.test(`a file of version ${version} is imported`, async () => {
    const { sessions, retained, report } = await importBuilt(
      new DatabaseBuilder(version)
        .message({ key: 1, topicName: "a/b", payload: "one", qos: 2, retain: true })
        .client("phone").clientMessage("phone", { key: 1, qos: 2, packetIdentifier: 3, state: 5 })
        .subscription("phone", "a/#", { qos: 2 }).retained(1),
    );
    assert.deepEqual(sessions, {
      phone: { subscriptions: ["a/# qos 2"], outgoing: ["3 a/b=one qos 2"], inbound: [] },
    });
    assert.deepEqual(retained, ["a/b=one qos 2"]);
    assert.equal(report.fileVersion, version);
  });
}

Deno.test("a store that is there is not touched, and it is said what to do", async () => {
  using site = newSite();
  await Deno.writeTextFile(site.options.target, "something");
  const { message, advice } = await failure(site.options);
  assert.match(message, /there is data of a broker at '.*broker\.db' already/);
  assert.match(advice, /Nothing was changed.*mv '.*broker\.db'/);
  assert.equal(await Deno.readTextFile(site.options.target), "something");
  assert.deepEqual(namesIn(site.path), ["broker.db", "mosquitto.db"]);
});

Deno.test("a store whose log alone is there is not touched either", async () => {
  using site = newSite();
  await Deno.writeTextFile(`${site.options.target}-wal`, "log");
  assert.match((await failure(site.options)).message, /there is data of a broker/);
  assert.equal(await Deno.readTextFile(`${site.options.target}-wal`), "log");
});

Deno.test("nothing is written where a broker runs", async () => {
  using site = newSite();
  const lock = FileLock.take(site.options.target);
  try {
    const { message, advice } = await failure(site.options);
    assert.match(message, /a broker uses '.*broker\.db'$/);
    assert.match(advice, /^Stop the broker first/);
  } finally {
    lock.release();
  }
  assert.deepEqual(namesIn(site.path), ["broker.db.lock", "mosquitto.db"]);
});

Deno.test("a damaged file leaves nothing behind, and may be imported when it is whole", async () => {
  using site = newSite();
  const whole = await Deno.readFile(site.options.source);
  await Deno.writeFile(site.options.source, whole.subarray(0, whole.length - 3));
  const { offset, advice } = await failure(site.options);
  assert.equal(offset, whole.length - 16);
  assert.match(advice, /damaged or was cut off/);
  assert.deepEqual(namesIn(site.path), ["mosquitto.db"]);
  await Deno.writeFile(site.options.source, whole);
  await importDatabase(site.options);
  assert.deepEqual(describeStore(site.options.target).retained, ["t=payload qos 1"]);
});

Deno.test("a folder that does not exist is reported before the file is read", async () => {
  using site = newSite();
  const target = `${site.path}/none/broker.db`;
  const { message } = await failure({ ...site.options, target });
  assert.match(message, /the folder '.*none' for the broker's data does not exist/);
});

Deno.test("a store that cannot be written is reported with its path", async () => {
  using site = newSite();
  await Deno.mkdir(`${site.options.target}.restoring/in-the-way`, { recursive: true });
  const { message, advice } = await failure(site.options);
  assert.match(message, /mosquitto\.db': Cannot write '.*broker\.db': /);
  assert.match(advice, /^Nothing was changed\./);
});

Deno.test("what an import that was interrupted has left is replaced", async () => {
  using site = newSite();
  await Deno.writeTextFile(`${site.options.target}.restoring`, "half");
  await importDatabase(site.options);
  assert.deepEqual(namesIn(site.path), ["broker.db", "broker.db.lock", "mosquitto.db"]);
});

Deno.test("the store is for its owner alone", async () => {
  using site = newSite();
  await importDatabase(site.options);
  const { mode } = await Deno.stat(site.options.target);
  if (mode !== null && Deno.build.os !== "windows") assert.equal(mode & 0o777, 0o600);
});

Deno.test("an import that is aborted while it writes leaves no store", async () => {
  using site = newSite();
  const abort = new AbortController();
  const imported = importDatabase({ ...site.options, signal: abort.signal });
  // The file is read by now, all of it, and the store has been begun.
  abort.abort();
  await assert.rejects(imported, { name: "AbortError" });
  assert.deepEqual(namesIn(site.path).filter((name) => !name.endsWith(".lock")), ["mosquitto.db"]);
});
