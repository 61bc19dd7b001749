/**
 * A store whose disk gives trouble. Real file systems, in a mount namespace of a child process.
 */
import assert from "node:assert/strict";
import { fromFileUrl } from "../../build/paths.ts";
import { linesInNamespace, testWithMounts } from "../support/mount_namespace.ts";
import {
  describeFile,
  newMessage,
  newOutgoing,
  newSession,
  openFull,
  temporaryFolder,
} from "./fixture.ts";

/** The lines that a scenario of `disk_scenarios.ts` prints. */
async function run(scenario: string): Promise<string[]> {
  using folder = temporaryFolder();
  const program = fromFileUrl(new URL("./disk_scenarios.ts", import.meta.url));
  const lines = await linesInNamespace(program, [scenario, folder.path]);
  return lines.map((line) => line.replaceAll(folder.path, "F"));
}

testWithMounts(
  "on a full disk nothing is reported as committed, and all of it when there is space",
  async () => {
    assert.deepEqual(await run("full"), [
      "committed 1",
      "not writable: database or disk is full",
      "writable",
      "committed 2",
      "closed true",
      'stored {"one":["t=before qos 1","t=while full qos 1"]}',
    ]);
  },
);

testWithMounts("a store on a full disk is loaded all the same", async () => {
  const lines = await run("fullAtStart");
  assert.equal(lines[1], 'loaded true {"one":["t=before qos 1"]}', lines.join("\n"));
});

testWithMounts("a damaged store is loaded as it is until there is room to repair it", async () => {
  const lines = await run("damagedOnFull");
  assert.equal(
    lines.pop(),
    "repaired true 1 broker.db,broker.db.damaged-TIME,filling",
    lines.join("\n"),
  );
  const reasons = new Set(lines.map((line) => line.split(", loaded")[0] ?? ""));
  assert.ok(lines.length > 5 && [...reasons].some((reason) => /full|os error 28/.test(reason)));
  for (const line of lines) assert.match(line, /, loaded 1 true, left as it was true$/);
});

testWithMounts(
  "what could be loaded of a damaged store is written when there is room",
  async () => {
    const lines = await run("damagedUntilRoom");
    assert.deepEqual(
      lines.filter((line) => !/^(not writable|committed|writable$)/.test(line))
        // What was set aside in the same second has a number as well.
        .map((line) => line.replace("TIME-2", "TIME")),
      [
        "writable false, loaded true",
        "replaced",
        "closed true",
        'stored {"one":["t=a qos 1","t=b qos 1","t=while full qos 1"]}',
        "broker.db,broker.db.damaged-TIME,broker.db.damaged-TIME,broker.db.lock",
      ],
    );
  },
);

testWithMounts(
  "a store on a read-only disk is loaded, and written to when that is possible",
  async () => {
    const lines = await run("readOnly");
    assert.deepEqual(lines.slice(1).filter((line) => !line.startsWith("not writable")), [
      "writable false, loaded true",
      "Cannot write 'F/broker.db.lock': attempt to write a readonly database: the file system of " +
      "'F/broker.db.lock' is read-only",
      "writable",
      "committed 1",
      "committed 2",
      'stored {"one":["t=before qos 1","t=while read-only qos 1"]}',
    ], lines.join("\n"));
  },
);

/** A store in which a session waits for one message, recorded anew when the file is lost. */
async function openWithMessage(path: string) {
  const store = await openFull(path);
  const session = newSession("one");
  const outgoing = newOutgoing(newMessage("t", "first"));
  const record = () => store.journal.addOutgoing(session, outgoing);
  const repairs: string[] = [];
  store.onRepair = ({ reason }) => repairs.push(reason);
  store.journal.onLost = record;
  record();
  await store.journal.settled();
  return { store, session, repairs };
}

function storedIn(path: string): Record<string, string[]> {
  return describeFile(path).sessions;
}

/** What was set aside, as text. */
function textsSetAside(folder: string): string[] {
  return [...Deno.readDirSync(folder)].filter(({ name }) => name.includes(".damaged-"))
    .map(({ name }) => Deno.readTextFileSync(`${folder}/${name}`));
}

for (
  const [what, destroy] of [
    ["deleted", (path: string) => Deno.removeSync(path)],
    ["moved away", (path: string) => Deno.renameSync(path, `${path}.moved`)],
    ["robbed of its log", (path: string) => Deno.removeSync(`${path}-wal`)],
  ] as const
) {
  Deno.test(`a file that is ${what} while it is used is made anew with everything`, async () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/broker.db`;
    const { store, session, repairs } = await openWithMessage(path);
    destroy(path);
    store.journal.saveSession(session);
    await store.journal.settled();
    assert.equal(repairs.length, 1);
    assert.match(repairs[0] ?? "", /was deleted/);
    assert.equal(store.journal.isWritable, true);
    assert.equal(await store.close(), true);
    assert.deepEqual(storedIn(path), { one: ["t=first qos 1"] });
  });
}

Deno.test("a folder that is deleted while it is used is made anew with everything", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/data/broker.db`;
  await Deno.mkdir(`${folder.path}/data`);
  const { store, session } = await openWithMessage(path);
  await Deno.remove(`${folder.path}/data`, { recursive: true });
  store.journal.saveSession(session);
  await store.journal.settled();
  await store.close();
  assert.deepEqual(storedIn(path), { one: ["t=first qos 1"] });
});

Deno.test("a file that is overwritten while it is used is set aside and made anew", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const { store, session } = await openWithMessage(path);
  // As an editor or `cp` does it: another file under the same name.
  await Deno.writeTextFile(`${path}.new`, "something else");
  await Deno.rename(`${path}.new`, path);
  store.journal.saveSession(session);
  await store.journal.settled();
  await store.close();
  assert.deepEqual(storedIn(path), { one: ["t=first qos 1"] });
  assert.deepEqual(textsSetAside(folder.path), ["something else"]);
});

Deno.test("what is no file at all is reported, and written to when it is out of the way", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  await Deno.mkdir(path);
  const store = await openFull(path);
  assert.equal(store.journal.isWritable, false);
  assert.notEqual(store.report.unusable, undefined);
  assert.equal(store.report.isLoaded, false);
  store.journal.addOutgoing(newSession("one"), newOutgoing(newMessage("t", "first")));
  await Deno.remove(path);
  await store.journal.settled();
  assert.equal(store.journal.isWritable, true);
  await store.close();
  assert.deepEqual(storedIn(path), { one: ["t=first qos 1"] });
});

Deno.test("what is no file at all is noticed to be out of the way, though nothing is recorded", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  await Deno.mkdir(path);
  const store = await openFull(path);
  assert.equal(store.journal.isWritable, false);
  const writable = new Promise<void>((resolve) => store.journal.onWritable = () => resolve());
  await Deno.remove(path);
  await writable;
  assert.equal(store.journal.isWritable, true);
  assert.equal(await store.close(), true);
});

Deno.test("close() gives up what a disk does not take, and says so", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  await Deno.mkdir(path);
  const store = await openFull(path);
  store.journal.addOutgoing(newSession("one"), newOutgoing(newMessage("t", "first")));
  assert.equal(await store.close(), false);
});
