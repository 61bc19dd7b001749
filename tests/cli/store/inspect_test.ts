import assert from "node:assert/strict";
import { FileLock } from "../../../src/storage/lock.ts";
import { namesIn, temporaryFolder } from "../../storage/fixture.ts";
import { damageTable, makeStore, runCli } from "../store_fixture.ts";

/** A folder with one of everything in `broker.db`. */
function folderWithData() {
  const folder = temporaryFolder();
  const db = `${folder.path}/broker.db`;
  makeStore(db);
  return { db, path: folder.path, [Symbol.dispose]: folder[Symbol.dispose] };
}

/** What is printed, line by line, when all is well. */
async function linesOf(...args: string[]): Promise<string[]> {
  const { exitCode, out, err } = await runCli("inspect", ...args);
  assert.deepEqual([exitCode, err], [0, ""]);
  return out.trimEnd().split("\n");
}

async function jsonOf(...args: string[]) {
  return JSON.parse((await linesOf("--json", ...args)).join("\n"));
}

Deno.test("inspect shows a summary and the sessions of a file, and changes nothing", async () => {
  using folder = folderWithData();
  const before = await Deno.readFile(folder.db);
  for (const args of [[folder.db], ["--db", folder.db]]) {
    const lines = await linesOf(...args);
    assert.match(lines[0] ?? "", new RegExp(`^'${folder.db}': 40 KiB, format 3, last written `));
    assert.deepEqual(lines.slice(6).map((line) => line.split(/ {2,}/)[0]), [
      "",
      "CLIENT IDENTIFIER",
      "phone",
      "cam\\x1b[31m",
    ]);
  }
  assert.deepEqual(await Deno.readFile(folder.db), before);
  assert.deepEqual(namesIn(folder.path), ["broker.db"]);
});

Deno.test("inspect --sessions shows the sessions alone", async () => {
  using folder = folderWithData();
  const lines = await linesOf(folder.db, "--sessions");
  assert.deepEqual(lines.map((line) => line.split(" ")[0]), ["CLIENT", "phone", "cam\\x1b[31m"]);
});

Deno.test("inspect --session shows one session, named as it is or as it is shown", async () => {
  using folder = folderWithData();
  for (const name of ["cam\x1b[31m", "cam\\x1b[31m"]) {
    const lines = await linesOf(folder.db, "--session", name);
    assert.equal(lines.length, 9);
    assert.equal(lines[0], "Client Identifier: cam\\x1b[31m");
  }
  const { sessions, ...rest } = await jsonOf(folder.db, "--session", "phone");
  assert.equal(sessions.length, 1);
  assert.equal(sessions[0].messages.length, 5);
  assert.equal("retained" in rest, false);
});

Deno.test("inspect --session of nobody ends with 1 and names the nearest", async () => {
  using folder = folderWithData();
  assert.deepEqual(await runCli("inspect", folder.db, "--session", "phnoe"), {
    exitCode: 1,
    out: "",
    err: "There is no session of 'phnoe' (did you mean 'phone'?)\n",
  });
  const { exitCode, out, err } = await runCli("inspect", folder.db, "--session", "x", "--json");
  assert.deepEqual([exitCode, err], [1, "There is no session of 'x'\n"]);
  assert.deepEqual(JSON.parse(out).sessions, []);
});

Deno.test("inspect --retained shows what the Topic Filter matches", async () => {
  using folder = folderWithData();
  const filters: [string[], string[]][] = [
    [["--retained"], ["home/a", "home/secret"]],
    [["--retained", "home/+"], ["home/a", "home/secret"]],
    [["--retained", "+/secret"], ["home/secret"]],
    [["--retained", "home"], []],
  ];
  for (const [args, topics] of filters) {
    const lines = await linesOf(folder.db, ...args);
    assert.deepEqual(lines.slice(1).map((line) => line.split(" ")[0]), topics);
    const { retained, ...rest } = await jsonOf(folder.db, ...args);
    assert.deepEqual(retained.map(({ topicName }: { topicName: string }) => topicName), topics);
    assert.equal("sessions" in rest, false);
    assert.equal(rest.counts.retained, 2);
  }
});

Deno.test("inspect shows payloads to people only when it is told to", async () => {
  using folder = folderWithData();
  const args = [folder.db, "--session", "phone", "--retained"];
  const secrets = /21\.5|also sent|0x00ff10/;
  assert.doesNotMatch((await linesOf(...args)).join("\n"), secrets);
  assert.match((await linesOf(...args, "--payloads")).join("\n"), secrets);
});

Deno.test("inspect --json has everything, or the part that was asked for", async () => {
  using folder = folderWithData();
  const all = await jsonOf(folder.db);
  assert.deepEqual([all.sessions.length, all.retained.length], [2, 2]);
  assert.equal(all.sessions[0].messages.length, 5);
  assert.equal(all.retained[0].payload, "21.5 \u00b0C");
  const { sessions, ...rest } = await jsonOf(folder.db, "--sessions");
  assert.deepEqual(sessions, all.sessions);
  assert.equal("retained" in rest, false);
});

Deno.test("inspect says whether a broker uses the data", async () => {
  using folder = folderWithData();
  assert.equal((await jsonOf(folder.db)).inUse, false);
  const lock = FileLock.take(folder.db);
  const [first, second] = await linesOf(folder.db);
  const { inUse } = await jsonOf(folder.db);
  lock.release();
  assert.match(first ?? "", /, in use by a broker$/);
  assert.equal(second, "2 sessions: 1 connected, 1 away");
  assert.equal(inUse, true);
  assert.equal((await jsonOf(folder.db)).inUse, false);
});

Deno.test("inspect shows what can be read of a damaged file, says so and ends with 1", async () => {
  using folder = folderWithData();
  damageTable(folder.db, "outgoing");
  const { exitCode, out, err } = await runCli("inspect", folder.db);
  assert.equal(exitCode, 1);
  assert.match(out, /\n2 sessions: [^]*\n0 waiting messages: [^]*\nphone /);
  assert.equal(
    err,
    `'${folder.db}' is damaged: table 'outgoing': database disk image is malformed. Missing are ` +
      "0 rows and 1 gap of unknown length; what can be read is above\n",
  );
  const json = await runCli("inspect", folder.db, "--json");
  assert.equal(json.exitCode, 1);
  assert.deepEqual(JSON.parse(json.out).damage, {
    rows: 0,
    gaps: 1,
    reason: "table 'outgoing': database disk image is malformed",
  });
});

Deno.test("inspect of what holds no data ends with 1 and says what it is", async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/file`;
  const cases: [() => void, RegExp][] = [
    [() => {}, /^Cannot find the broker's data: there is no file '.*'\n$/],
    [() => Deno.mkdirSync(file), /^Cannot read '.*': it is a folder\n$/],
    [
      () => Deno.writeTextFileSync(file, "text ".repeat(1000)),
      /^Cannot inspect '.*': file is not a database\nNothing of it can be read\. Is it /,
    ],
  ];
  for (const [prepare, message] of cases) {
    if (namesIn(folder.path).includes("file")) await Deno.remove(file);
    prepare();
    const { exitCode, out, err } = await runCli("inspect", file);
    assert.deepEqual([exitCode, out], [1, ""]);
    assert.match(err, message);
  }
});

Deno.test("inspect with durability off says that the data is old", async () => {
  using folder = folderWithData();
  const config = `${folder.path}/broker.yaml`;
  await Deno.writeTextFile(config, `persistence: {path: "${folder.db}", durability: off}\n`);
  const { exitCode, err } = await runCli("inspect", "-c", config);
  assert.equal(exitCode, 0);
  assert.match(err, /^Note: with 'durability: off' .*: what is in the file is from before\n$/);
});
