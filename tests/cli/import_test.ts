/** `broker import`: what it writes, when it writes nothing, and its exit codes. */

import assert from "node:assert/strict";
import { loadSettings } from "../../src/config/load.ts";
import { passwordLines } from "../import/fixture.ts";
import { namesIn, temporaryFolder } from "../storage/fixture.ts";
import { runImport, writeFiles } from "./import_fixture.ts";

/** Everything can be carried over. */
const GOOD = "listener 1883\npassword_file DIR/pw\n";
/** Something that matters cannot. */
const BRIDGED = "listener 1883\nallow_anonymous true\nconnection b\naddress a\ntopic #\n";

/** A folder with mosquitto.conf and a password file. */
function siteOf(conf: string): { path: string } & Disposable {
  const folder = temporaryFolder();
  writeFiles(folder.path, { "mosquitto.conf": conf, pw: passwordLines("ann") });
  return folder;
}

Deno.test("a configuration is written with its users, for its owner alone", async () => {
  using folder = siteOf(GOOD);
  const output = `${folder.path}/broker.yaml`;
  const { exitCode, out, err } = await runImport(`${folder.path}/mosquitto.conf`, "-o", output);
  assert.equal(exitCode, 0, err);
  assert.match(out, /^Carried over\n.*mosquitto\.conf:1 +listener 1883 +listeners: port 1883\n/);
  assert.match(err, /^Written: '.*broker\.yaml'\nThere are hashes of passwords or rules in it/);
  assert.match(err, /\nSee what is in effect: broker check --config .*broker\.yaml\n$/);
  const loaded = await loadSettings(output);
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.settings.users.map(({ name }) => name), ["ann"]);
  if (Deno.build.os !== "windows") {
    assert.equal(((await Deno.stat(output)).mode ?? 0) & 0o777, 0o600);
  }
});

Deno.test("nothing is written when something that matters is left out, unless that is allowed", async () => {
  using folder = siteOf(BRIDGED);
  const args = [`${folder.path}/mosquitto.conf`, "-o", `${folder.path}/broker.yaml`];
  const refused = await runImport(...args);
  assert.equal(refused.exitCode, 1);
  assert.match(refused.out, /\nLeft out, and it matters\n.*mosquitto\.conf:3 +connection b/);
  assert.match(refused.err, /^Nothing was written: .*\n.*--allow-unsupported goes on/);
  assert.deepEqual(namesIn(folder.path).toSorted(), ["mosquitto.conf", "pw"]);
  const allowed = await runImport(...args, "--allow-unsupported");
  assert.equal(allowed.exitCode, 0);
  assert.deepEqual(namesIn(folder.path).toSorted(), ["broker.yaml", "mosquitto.conf", "pw"]);
});

Deno.test("--dry-run prints the table alone, with the exit code that an import would have", async () => {
  for (const [conf, expected] of [[GOOD, 0], [BRIDGED, 1]] as const) {
    using folder = siteOf(conf);
    const { exitCode, out } = await runImport(`${folder.path}/mosquitto.conf`, "--dry-run");
    assert.equal(exitCode, expected);
    assert.match(out, /left out, .* of which matters?\n$/);
    assert.deepEqual(namesIn(folder.path).toSorted(), ["mosquitto.conf", "pw"]);
  }
});

Deno.test("--json prints the table as JSON", async () => {
  using folder = siteOf(BRIDGED);
  const { exitCode, out } = await runImport(`${folder.path}/mosquitto.conf`, "--dry-run", "--json");
  assert.equal(exitCode, 1);
  const { options, written } = JSON.parse(out);
  assert.deepEqual(written, []);
  assert.deepEqual(
    options.filter(({ matters }: { matters: boolean }) => matters)
      .map(({ option, line }: { option: string; line: number }) => [option, line]),
    [["connection", 3]],
  );
});

Deno.test("-o - prints the configuration, and the table beside it", async () => {
  using folder = siteOf(GOOD);
  const { exitCode, out, err } = await runImport(`${folder.path}/mosquitto.conf`, "-o", "-");
  assert.equal(exitCode, 0);
  assert.match(out, /^# The configuration of the broker[^]*\nlisteners:\n {2}- port: 1883/);
  assert.match(err, /^Carried over\n/);
  assert.deepEqual(namesIn(folder.path).toSorted(), ["mosquitto.conf", "pw"]);
});

Deno.test("a file that is there is replaced with --force alone", async () => {
  using folder = siteOf(GOOD);
  const output = `${folder.path}/broker.yaml`;
  writeFiles(folder.path, { "broker.yaml": "mine" });
  const args = [`${folder.path}/mosquitto.conf`, "-o", output];
  const refused = await runImport(...args);
  assert.equal(refused.exitCode, 2);
  assert.match(
    refused.err,
    /^Cannot write '.*broker\.yaml': it is there already; --force replaces it\n$/,
  );
  assert.equal(await Deno.readTextFile(output), "mine");
  assert.equal((await runImport(...args, "--force")).exitCode, 0);
  assert.match(await Deno.readTextFile(output), /^# The configuration of the broker/);
});

Deno.test("what cannot be read ends with 2 and every mistake", async () => {
  using folder = siteOf("listner 1\npassword_file /no/such\n");
  const { exitCode, out, err } = await runImport(
    `${folder.path}/mosquitto.conf`,
    "-o",
    `${folder.path}/broker.yaml`,
  );
  assert.deepEqual([exitCode, out], [2, ""]);
  assert.match(err, /mosquitto\.conf:1:1: .*\n[^]*mosquitto\.conf:2:1: .*\n[^]*2 errors in/);
  assert.equal((await runImport("/no/such.conf", "--dry-run")).exitCode, 2);
});

Deno.test("a database that is damaged ends with 2, and nothing is written", async () => {
  using folder = siteOf(`${GOOD}persistence true\npersistence_location DIR\n`);
  writeFiles(folder.path, { "mosquitto.db": "no database of Mosquitto, but some text" });
  const args = [`${folder.path}/mosquitto.conf`, "-o", `${folder.path}/broker.yaml`];
  const refused = await runImport(...args);
  assert.equal(refused.exitCode, 2);
  assert.match(refused.err, /^Cannot import '.*mosquitto\.db'.*\n.*--no-database\n$/);
  assert.deepEqual(namesIn(folder.path).toSorted(), ["mosquitto.conf", "mosquitto.db", "pw"]);
  const { exitCode, out } = await runImport(...args, "--no-database");
  assert.equal(exitCode, 0);
  assert.match(out, /its data is left out: --no-database/);
});

Deno.test("a store that is there is never touched, with --force neither", async () => {
  using folder = siteOf(`${GOOD}persistence true\npersistence_location DIR\n`);
  writeFiles(folder.path, { "mosquitto.db": "", "broker.db": "mine" });
  const { exitCode, err } = await runImport(
    `${folder.path}/mosquitto.conf`,
    "-o",
    `${folder.path}/broker.yaml`,
    "--force",
  );
  assert.equal(exitCode, 2);
  assert.match(err, /there is data of a broker at '.*broker\.db' already/);
  assert.equal(await Deno.readTextFile(`${folder.path}/broker.db`), "mine");
  assert.equal(namesIn(folder.path).includes("broker.yaml"), false);
});

Deno.test("the next command can be pasted, whatever the file is called", async () => {
  using folder = siteOf(GOOD);
  const output = `${folder.path}/my broker's.yaml`;
  const { exitCode, err } = await runImport(`${folder.path}/mosquitto.conf`, "-o", output);
  assert.equal(exitCode, 0);
  assert.match(err, /broker check --config '.*my broker'\\''s\.yaml'\n$/);
});

Deno.test("Mosquitto's own files are not replaced, with --force neither", async () => {
  using folder = siteOf(GOOD);
  const conf = `${folder.path}/mosquitto.conf`;
  await Deno.symlink(conf, `${folder.path}/link`);
  const before = await Deno.readTextFile(conf);
  for (const name of ["mosquitto.conf", "pw", "link"]) {
    const { exitCode, err } = await runImport(conf, "-o", `${folder.path}/${name}`, "--force");
    assert.equal(exitCode, 2);
    assert.match(err, /^Cannot write '.*': it is Mosquitto's, and is not changed\n$/);
  }
  assert.equal(await Deno.readTextFile(conf), before);
  assert.equal((await Deno.readTextFile(`${folder.path}/pw`)).startsWith("ann:"), true);
});
