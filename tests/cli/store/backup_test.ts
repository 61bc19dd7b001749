import assert from "node:assert/strict";
import { inspectStore } from "../../../src/storage/offline.ts";
import { describeFile, namesIn, temporaryFolder } from "../../storage/fixture.ts";
import { damageTable, makeStore, runCli } from "../store_fixture.ts";

const HOLDS =
  "2 sessions, 2 subscriptions, 5 waiting messages, 2 retained messages, 1 QoS 2 message being received";

/** A folder with data in `broker.db`. */
function folderWithData() {
  const folder = temporaryFolder();
  const db = `${folder.path}/broker.db`;
  makeStore(db);
  return {
    db,
    file: `${folder.path}/copy.db`,
    path: folder.path,
    [Symbol.dispose]: folder[Symbol.dispose],
  };
}

Deno.test("backup copies the data, says what was copied, and lets nobody else read it", async () => {
  using folder = folderWithData();
  const { db, file } = folder;
  assert.deepEqual(await runCli("backup", file, "--db", db), {
    exitCode: 0,
    out: `Copied ${HOLDS} from '${db}' to '${file}' (40 KiB)\n`,
    err: "",
  });
  assert.deepEqual(describeFile(file), describeFile(db));
  assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
  assert.deepEqual(namesIn(folder.path), ["broker.db", "copy.db"]);
});

Deno.test("backup finds the data where the configuration says", async () => {
  using folder = folderWithData();
  const { db, file } = folder;
  const config = `${folder.path}/broker.yaml`;
  await Deno.writeTextFile(config, `persistence: {path: "${db}"}\n`);
  assert.equal((await runCli("backup", file, "-c", config)).exitCode, 0);
  assert.equal(inspectStore(file).counts.sessions, 2);
});

Deno.test("backup replaces a file only with --force", async () => {
  using folder = folderWithData();
  const { db, file } = folder;
  await Deno.writeTextFile(file, "precious");
  assert.deepEqual(await runCli("backup", file, "--db", db), {
    exitCode: 1,
    out: "",
    err: `Cannot back up '${db}' to '${file}': the file exists already: --force replaces it\n`,
  });
  assert.equal(await Deno.readTextFile(file), "precious");
  assert.equal((await runCli("backup", "-f", file, "--db", db)).exitCode, 0);
  assert.equal(inspectStore(file).counts.sessions, 2);
});

Deno.test("backup refuses a folder, and a file in a folder that does not exist", async () => {
  using folder = folderWithData();
  const { db, path } = folder;
  const cases = [
    [path, `it is a folder: name a file in it, as '${path}/broker-backup.db'`],
    [`${path}/no/copy.db`, `the folder '${path}/no' does not exist`],
    [`${db}/copy.db`, `the folder '${db}' does not exist`],
  ];
  for (const [file = "", reason] of cases) {
    for (const force of [[], ["--force"]]) {
      assert.deepEqual(await runCli("backup", file, "--db", db, ...force), {
        exitCode: 1,
        out: "",
        err: `Cannot back up '${db}' to '${file}': ${reason}\n`,
      });
    }
  }
  assert.deepEqual(namesIn(path), ["broker.db"]);
});

Deno.test("backup does not overwrite the data itself, or other brokers' data", async () => {
  using folder = folderWithData();
  const { db, file } = folder;
  assert.deepEqual(await runCli("backup", db, "--db", db, "--force"), {
    exitCode: 1,
    out: "",
    err: `Cannot copy '${db}' to itself\n`,
  });
  await Deno.copyFile(db, file);
  await Deno.writeTextFile(`${file}.lock`, "");
  const { exitCode, err } = await runCli("backup", file, "--db", db, "--force");
  assert.equal(exitCode, 1);
  assert.match(err, /^Cannot replace '.*copy.db': it is where a broker keeps its data/);
});

Deno.test("backup says where it has looked when there is no data", async () => {
  using folder = temporaryFolder();
  const config = `${folder.path}/broker.yaml`;
  const db = `${folder.path}/none.db`;
  await Deno.writeTextFile(config, `persistence: {path: "${db}"}\n`);
  const { exitCode, out, err } = await runCli("backup", `${folder.path}/x`, "-c", config);
  assert.deepEqual([exitCode, out], [1, ""]);
  assert.match(err, new RegExp(`^Cannot find the broker's data: there is no file '${db}'\nName `));
  assert.deepEqual(namesIn(folder.path), ["broker.yaml"]);
});

Deno.test("backup of damaged data leaves nothing and says what to do", async () => {
  using folder = folderWithData();
  const { db, file } = folder;
  damageTable(db, "outgoing");
  const { exitCode, out, err } = await runCli("backup", file, "--db", db);
  assert.deepEqual([exitCode, out], [1, ""]);
  assert.match(err, /^Cannot back up '.*broker.db' to '.*': table '.*malformed\nA broker that is /);
  assert.deepEqual(namesIn(folder.path), ["broker.db"]);
});

Deno.test("backup with durability off says that the data is old", async () => {
  using folder = folderWithData();
  const config = `${folder.path}/broker.yaml`;
  await Deno.writeTextFile(config, `persistence: {path: "${folder.db}", durability: off}\n`);
  const { exitCode, err } = await runCli("backup", folder.file, "-c", config);
  assert.equal(exitCode, 0);
  assert.match(err, /^Note: with 'durability: off' .*: what was copied is from before\n$/);
});
