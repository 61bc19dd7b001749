import assert from "node:assert/strict";
import { StoreDamagedError, StoreExistsError, StoreInUseError } from "../../src/storage/errors.ts";
import {
  backupStore,
  createStore,
  inspectStore,
  isStoreInUse,
  restoreStore,
} from "../../src/storage/offline.ts";
import { FileLock } from "../../src/storage/lock.ts";
import { makeFile, MESSAGES, overwrite } from "./damage_fixture.ts";
import {
  describeFile,
  namesIn,
  newMessage,
  newOutgoing,
  newSession,
  openFull,
  temporaryFolder,
} from "./fixture.ts";

Deno.test("a backup of a running broker's store can be put back when the broker has ended", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const copy = `${folder.path}/backup.db`;
  const store = await openFull(path);
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
  const again = await openFull(path);
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

Deno.test("restoreStore() leaves the mode of the file as it was, and a new one to its owner", async () => {
  using folder = temporaryFolder();
  const [from, to] = [`${folder.path}/old.db`, `${folder.path}/new.db`];
  makeFile(from);
  await Deno.chmod(from, 0o644);
  const mode = async (path: string) => ((await Deno.stat(path)).mode ?? 0) & 0o777;
  await restoreStore(from, to, 0);
  assert.deepEqual([await mode(to), await mode(`${to}.lock`)], [0o600, 0o600]);
  await Deno.chmod(to, 0o640);
  const { setAsideAs, notGivenTo } = await restoreStore(from, to, 0);
  assert.deepEqual([await mode(to), await mode(setAsideAs ?? "")], [0o640, 0o640]);
  assert.equal(notGivenTo, undefined);
});

Deno.test({
  name: "restoreStore() by root leaves everything to whom it belongs",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
  fn: async () => {
    using folder = temporaryFolder();
    const [from, data] = [`${folder.path}/old.db`, `${folder.path}/data`];
    const to = `${data}/broker.db`;
    const owner = async (path: string) => {
      const { uid, gid } = await Deno.stat(path);
      return [uid, gid];
    };
    makeFile(from);
    await Deno.mkdir(data);
    await Deno.chown(data, 4321, 4322);
    await restoreStore(from, to, 0);
    assert.deepEqual([await owner(to), await owner(`${to}.lock`)], [[4321, 4322], [4321, 4322]]);
    // What SQLite leaves of a reader has to be writable for the broker as well.
    inspectStore(to);
    await Deno.chown(to, 4323, 4324);
    await restoreStore(from, to, 0);
    assert.deepEqual([await owner(to), await owner(`${to}.lock`)], [[4323, 4324], [4321, 4322]]);
  },
});

Deno.test("restoreStore() puts a backup where a link leads to", async () => {
  using folder = temporaryFolder();
  const [from, to, real] = ["old.db", "broker.db", "disk/real.db"]
    .map((name) => `${folder.path}/${name}`) as [string, string, string];
  makeFile(from);
  await Deno.mkdir(`${folder.path}/disk`);
  await Deno.symlink(real, to);
  await assert.rejects(restoreStore(from, to, 0), /broker\.db' is a link to a file that does not /);
  await Deno.writeTextFile(real, "before");
  const { setAsideAs } = await restoreStore(from, to, 0);
  assert.equal(setAsideAs, `${real}.replaced-19700101-000000`);
  assert.equal(await Deno.readTextFile(setAsideAs), "before");
  assert.equal((await Deno.lstat(to)).isSymlink, true);
  assert.deepEqual(describeFile(real), describeFile(from));
});

Deno.test("restoreStore() is kept away by a lock beside a link and by one beside the file", async () => {
  using folder = temporaryFolder();
  const [from, to, real] = ["old.db", "broker.db", "real.db"]
    .map((name) => `${folder.path}/${name}`) as [string, string, string];
  makeFile(from);
  makeFile(real);
  await Deno.symlink(real, to);
  for (const path of [to, real]) {
    const lock = FileLock.take(path);
    await assert.rejects(restoreStore(from, to, 0), new StoreInUseError(path));
    assert.equal(isStoreInUse(to), true);
    lock.release();
  }
  assert.equal(isStoreInUse(to), false);
  assert.deepEqual(namesIn(folder.path), [
    "broker.db",
    "broker.db.lock",
    "old.db",
    "real.db",
    "real.db.lock",
  ]);
});

Deno.test("restoreStore() takes no log of the store before for that of the backup", async () => {
  using folder = temporaryFolder();
  const [from, to] = [`${folder.path}/old.db`, `${folder.path}/broker.db`];
  makeFile(from);
  const store = await openFull(to);
  store.journal.addOutgoing(newSession("one"), newOutgoing(newMessage("t", "1")));
  await store.journal.settled();
  // As a broker that was killed leaves it.
  for (const suffix of ["", "-wal"]) await Deno.copyFile(to + suffix, `${to}.killed${suffix}`);
  await store.close();
  const { setAsideAs } = await restoreStore(from, `${to}.killed`, 0);
  assert.deepEqual(describeFile(`${to}.killed`), describeFile(from));
  assert.deepEqual(describeFile(setAsideAs ?? "").sessions, { one: ["t=1 qos 1"] });
});

Deno.test("isStoreInUse() knows a running broker, and makes no lock where none is", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  assert.equal(isStoreInUse(path), false);
  assert.deepEqual(namesIn(folder.path), []);
  const store = await openFull(path);
  assert.equal(isStoreInUse(path), true);
  await store.close();
  assert.equal(isStoreInUse(path), false);
  await Deno.writeTextFile(`${path}.lock`, "no lock ".repeat(100));
  assert.equal(isStoreInUse(path), undefined);
});

Deno.test("createStore() puts a store where none was, private as restoreStore() does", async () => {
  using folder = temporaryFolder();
  makeFile(`${folder.path}/old.db`);
  const path = `${folder.path}/new.db`;
  const { counts, setAsideAs } = await createStore(
    path,
    (copy) => backupStore(`${folder.path}/old.db`, copy),
  );
  assert.deepEqual([counts.outgoing, setAsideAs], [MESSAGES, undefined]);
  assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  assert.deepEqual(namesIn(folder.path), ["new.db", "new.db.lock", "old.db"]);
});

Deno.test("createStore() replaces no store, not even one that appears while it is made", async () => {
  using folder = temporaryFolder();
  makeFile(`${folder.path}/old.db`);
  const path = `${folder.path}/new.db`;
  const make = async (copy: string) => {
    const counts = await backupStore(`${folder.path}/old.db`, copy);
    await Deno.writeTextFile(path, "somebody else's");
    return counts;
  };
  const refusal = new StoreExistsError(path);
  await assert.rejects(createStore(path, make), refusal);
  await assert.rejects(createStore(path, () => assert.fail("it was made")), refusal);
  assert.equal(await Deno.readTextFile(path), "somebody else's");
  assert.deepEqual(namesIn(folder.path), ["new.db", "new.db.lock", "old.db"]);
});

Deno.test("createStore() leaves nothing but the lock when the store cannot be made", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/new.db`;
  const make = async (copy: string) => {
    await Deno.writeTextFile(copy, "half");
    throw new Error("no");
  };
  await assert.rejects(createStore(path, make), new Error("no"));
  assert.deepEqual(namesIn(folder.path), ["new.db.lock"]);
});
