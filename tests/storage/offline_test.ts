import assert from "node:assert/strict";
import { StoreDamagedError, StoreInUseError } from "../../src/storage/errors.ts";
import { backupStore, inspectStore, restoreStore } from "../../src/storage/offline.ts";
import { openStore, type Store } from "../../src/storage/store.ts";
import { makeFile, MESSAGES, overwrite } from "./damage_fixture.ts";
import {
  Clocks,
  describeFile,
  namesIn,
  newMessage,
  newOutgoing,
  newSession,
  temporaryFolder,
} from "./fixture.ts";

function open(path: string): Promise<Store> {
  const { nowMs, wallMs } = new Clocks();
  return openStore({ path, durability: "full", commitIntervalMs: 0, nowMs, wallMs });
}

Deno.test("inspectStore() shows sessions, queues and retained messages while a broker runs", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const store = await open(path);
  const session = newSession("one");
  session.username = "somebody";
  store.journal.addOutgoing(session, newOutgoing(newMessage("t", "waits")));
  store.journal.saveRetained(newMessage("r", "kept"));
  await store.journal.settled();
  const { sessions, retained, counts, damage, version } = inspectStore(path);
  assert.deepEqual([version, damage], [1, { rows: 0, gaps: 0, reason: "" }]);
  assert.deepEqual([counts.sessions, counts.outgoing, counts.retained], [1, 1, 1]);
  const [found] = [...sessions];
  assert.deepEqual([found?.clientIdentifier, found?.username, found?.isConnected], [
    "one",
    "somebody",
    false,
  ]);
  assert.equal(typeof found?.disconnectedAtMs, "number");
  assert.deepEqual(Object.keys(found?.outgoing[0] ?? {}).sort(), [
    "expiresAtMs",
    "packetIdentifier",
    "payload",
    "qos",
    "released",
    "retain",
    "sharedFilter",
    "subscriptionIdentifiers",
    "topicName",
  ]);
  assert.deepEqual([...retained].map(({ topicName }) => topicName), ["r"]);
  await store.close();
});

Deno.test("inspectStore() says what is no store", () => {
  using folder = temporaryFolder();
  assert.throws(() => inspectStore(`${folder.path}/none`), Deno.errors.NotFound);
  Deno.writeTextFileSync(`${folder.path}/text`, "text ".repeat(1000));
  assert.throws(() => inspectStore(`${folder.path}/text`), /not a database/);
  Deno.writeTextFileSync(`${folder.path}/empty`, "");
  assert.throws(() => inspectStore(`${folder.path}/empty`), StoreDamagedError);
});

Deno.test("a backup of a running broker's store can be put back when the broker has ended", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const copy = `${folder.path}/backup.db`;
  const store = await open(path);
  const session = newSession("one");
  store.journal.addOutgoing(session, newOutgoing(newMessage("t", "1")));
  await store.journal.settled();
  assert.equal((await backupStore(path, copy)).outgoing, 1);
  store.journal.addOutgoing(session, newOutgoing(newMessage("t", "2")));
  await store.journal.settled();
  const before = describeFile(path);
  await assert.rejects(restoreStore(copy, path, 0), new StoreInUseError(path));
  assert.deepEqual(describeFile(path), before);
  await store.close();

  const report = await restoreStore(copy, path, 0);
  assert.equal(report.setAsideAs, `${path}.replaced-19700101-000000`);
  assert.deepEqual(describeFile(path).sessions, { one: ["t=1 qos 1"] });
  assert.deepEqual(describeFile(report.setAsideAs ?? ""), before);
  const again = await open(path);
  assert.equal(again.report.counts.outgoing, 1);
  await again.close();
});

Deno.test("restoreStore() changes nothing when the backup is damaged", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const copy = `${folder.path}/backup.db`;
  makeFile(path);
  await backupStore(path, copy);
  overwrite(copy, 20 * 4096, new Uint8Array(4096));
  const before = await Deno.readFile(path);
  await assert.rejects(restoreStore(copy, path, 0), StoreDamagedError);
  assert.deepEqual(await Deno.readFile(path), before);
  assert.deepEqual(namesIn(folder.path), ["backup.db", "broker.db", "broker.db.lock"]);
});

Deno.test("restoreStore() puts a backup where no store was", async () => {
  using folder = temporaryFolder();
  makeFile(`${folder.path}/old.db`);
  const path = `${folder.path}/new.db`;
  const report = await restoreStore(`${folder.path}/old.db`, path, 0);
  assert.deepEqual([report.setAsideAs, report.counts.outgoing], [undefined, MESSAGES]);
});
