import assert from "node:assert/strict";
import { backUpFrom } from "../../src/storage/copy.ts";
import { checkIntact, makeFile, MESSAGES, openAsWorker } from "./damage_fixture.ts";
import { describeFile, namesIn, temporaryFolder } from "./fixture.ts";

Deno.test("a copy has everything, and is for its owner alone", async () => {
  using folder = temporaryFolder();
  const [from, to] = [`${folder.path}/a.db`, `${folder.path}/b.db`];
  makeFile(from);
  await Deno.writeTextFile(to, "an older backup");
  const counts = await backUpFrom(from, to);
  assert.deepEqual(counts, {
    sessions: 20,
    subscriptions: 0,
    outgoing: MESSAGES,
    inbound: 20,
    retained: 100,
  });
  assert.deepEqual(describeFile(to), describeFile(from));
  assert.equal(((await Deno.stat(to)).mode ?? 0) & 0o777, 0o600);
  const { file, state } = openAsWorker(to);
  assert.equal(checkIntact(state), MESSAGES);
  file.close();
});

Deno.test("a store is not copied to itself or over a store in use", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.db`;
  makeFile(path);
  await Deno.symlink(path, `${folder.path}/link.db`);
  await assert.rejects(backUpFrom(path, `${folder.path}/link.db`), /to itself/);
  await Deno.writeTextFile(`${folder.path}/other.db-wal`, "log");
  await assert.rejects(backUpFrom(path, `${folder.path}/other.db`), /broker keeps its data/);
  await Deno.writeTextFile(`${folder.path}/third.db.lock`, "");
  await assert.rejects(backUpFrom(path, `${folder.path}/third.db`), /broker keeps its data/);
});

Deno.test("where the copy cannot be written nothing is left behind", async () => {
  using folder = temporaryFolder();
  makeFile(`${folder.path}/a.db`);
  await Deno.mkdir(`${folder.path}/b.db`);
  await assert.rejects(backUpFrom(`${folder.path}/a.db`, `${folder.path}/b.db`));
  assert.deepEqual(namesIn(folder.path), ["a.db", "b.db"]);
});
