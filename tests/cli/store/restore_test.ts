import assert from "node:assert/strict";
import { FileLock } from "../../../src/storage/lock.ts";
import { describeFile, namesIn, temporaryFolder } from "../../storage/fixture.ts";
import { damageTable, makeStore, runCli } from "../store_fixture.ts";

const HOLDS =
  "2 sessions, 2 subscriptions, 5 waiting messages, 2 retained messages, 1 QoS 2 message being received";

Deno.test("restore puts a backup in place, and says where that is which was there", async () => {
  using folder = temporaryFolder();
  const [file, db] = [`${folder.path}/copy.db`, `${folder.path}/broker.db`];
  makeStore(file);
  await Deno.writeTextFile(db, "what was there before");
  const { exitCode, out, err } = await runCli("restore", file, "--db", db);
  assert.deepEqual([exitCode, err], [0, ""]);
  const lines = out.split("\n");
  assert.equal(lines[0], `Put back ${HOLDS} from '${file}' to '${db}'`);
  const kept = /^What was there before is kept as '(.*\.replaced-\d{8}-\d{6})'$/.exec(
    lines[1] ?? "",
  );
  assert.equal(await Deno.readTextFile(kept?.[1] ?? ""), "what was there before");
  assert.deepEqual(describeFile(db), describeFile(file));
});

Deno.test("restore where nothing was has one line to say", async () => {
  using folder = temporaryFolder();
  const [file, db] = [`${folder.path}/copy.db`, `${folder.path}/broker.db`];
  makeStore(file);
  assert.deepEqual(await runCli("restore", file, "--db", db), {
    exitCode: 0,
    out: `Put back ${HOLDS} from '${file}' to '${db}'\n`,
    err: "",
  });
});

Deno.test("restore over the data of a running broker ends with 3 and changes nothing", async () => {
  using folder = temporaryFolder();
  const [file, db] = [`${folder.path}/copy.db`, `${folder.path}/broker.db`];
  makeStore(file);
  makeStore(db);
  const before = await Deno.readFile(db);
  const lock = FileLock.take(db);
  const { exitCode, out, err } = await runCli("restore", file, "--db", db);
  lock.release();
  assert.deepEqual([exitCode, out], [3, ""]);
  assert.match(
    err,
    new RegExp(`^Cannot restore '${file}' to '${db}': a broker uses '${db}'\nStop `),
  );
  assert.deepEqual(await Deno.readFile(db), before);
  assert.deepEqual(namesIn(folder.path), ["broker.db", "broker.db.lock", "copy.db"]);
});

Deno.test("restore of what is no whole backup changes nothing", async () => {
  using folder = temporaryFolder();
  const [file, db] = [`${folder.path}/copy.db`, `${folder.path}/broker.db`];
  makeStore(db);
  const before = await Deno.readFile(db);
  const cases: [() => void, RegExp][] = [
    [() => {}, /^Cannot read '.*copy.db': there is no such file\n$/],
    [() => Deno.mkdirSync(file), /^Cannot read '.*copy.db': it is a folder\n$/],
    [
      () => Deno.writeTextFileSync(file, "text ".repeat(1000)),
      /: file is not a database\nNothing /,
    ],
    [() => Deno.writeTextFileSync(file, ""), /: there is nothing in it\nNothing was changed/],
    [() => {
      makeStore(file);
      damageTable(file, "outgoing");
    }, /: table '.*' cannot be read: .*malformed\nNothing was changed/],
  ];
  for (const [prepare, message] of cases) {
    if (namesIn(folder.path).includes("copy.db")) await Deno.remove(file);
    prepare();
    const { exitCode, out, err } = await runCli("restore", file, "--db", db);
    assert.deepEqual([exitCode, out], [1, ""]);
    assert.match(err, message);
    assert.deepEqual(await Deno.readFile(db), before);
  }
  assert.deepEqual(namesIn(folder.path), ["broker.db", "broker.db.lock", "copy.db"]);
});

Deno.test("restore refuses the data itself, a folder, and a folder that does not exist", async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/copy.db`;
  makeStore(file);
  const cases: [string, string][] = [
    [file, `Cannot put '${file}' in its own place\n`],
    [folder.path, `Cannot restore '${file}' to '${folder.path}': '${folder.path}' is a folder\n`],
    [
      `${folder.path}/no/b.db`,
      `Cannot restore '${file}' to '${folder.path}/no/b.db': ` +
      `the folder '${folder.path}/no' does not exist\n`,
    ],
  ];
  for (const [db, err] of cases) {
    assert.deepEqual(await runCli("restore", file, "--db", db), { exitCode: 1, out: "", err });
  }
  assert.deepEqual(namesIn(folder.path), ["copy.db"]);
});

Deno.test("restore with durability off says that nothing of it would be read", async () => {
  using folder = temporaryFolder();
  const [file, config] = [`${folder.path}/copy.db`, `${folder.path}/broker.yaml`];
  makeStore(file);
  const text = `persistence: {path: "${folder.path}/b.db", durability: off}\n`;
  await Deno.writeTextFile(config, text);
  const { exitCode, err } = await runCli("restore", file, "-c", config);
  assert.equal(exitCode, 0);
  assert.match(
    err,
    /^Note: with 'durability: off' the broker neither reads .*: set it to 'full' or /,
  );
});
