import assert from "node:assert/strict";
import {
  CA_KEY_FILE,
  CertificateFolder,
  folderOfServerFile,
  RECORD_FILE,
  SERVER_FILE,
} from "../../src/certificates/folder.ts";
import { namesIn, temporaryFolder } from "../storage/fixture.ts";

const KNOWN = { keyType: "ec", days: 90, addedNames: ["a"], serverNames: ["a", "::1"] } as const;

Deno.test("what was written is known when the folder is opened again", () => {
  using temporary = temporaryFolder();
  const path = `${temporary.path}/new/certificates`;
  const folder = CertificateFolder.open(path);
  assert.deepEqual([folder.record, folder.readOwn(SERVER_FILE)], [undefined, undefined]);
  folder.write({ [SERVER_FILE]: "one" }, KNOWN);
  const again = CertificateFolder.open(path);
  assert.equal(again.readOwn(SERVER_FILE), "one");
  const { files, ...known } = again.record ?? { files: {} };
  assert.deepEqual([Object.keys(files), known], [[SERVER_FILE], { about: ABOUT, ...KNOWN }]);
  assert.deepEqual(namesIn(path), [RECORD_FILE, SERVER_FILE]);
});

const ABOUT = "Made by 'broker cert'. Without this file, nothing beside it is renewed.";

Deno.test({
  name: "keys and the record are for their owner only, certificates for everybody",
  ignore: Deno.build.os === "windows",
  fn: () => {
    using temporary = temporaryFolder();
    const folder = CertificateFolder.open(temporary.path);
    const files = { [SERVER_FILE]: "a", [CA_KEY_FILE]: "b", "client-ann-key.pem": "c" };
    folder.write(files, KNOWN);
    folder.write(files, KNOWN);
    const modes = [...Object.keys(files), RECORD_FILE].map((name) =>
      (Deno.statSync(folder.pathOf(name)).mode ?? 0) & 0o777
    );
    assert.deepEqual(modes, [0o644, 0o600, 0o600, 0o600]);
  },
});

Deno.test({
  name: "what the superuser writes belongs to the owner of the folder",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
  fn: () => {
    using temporary = temporaryFolder();
    Deno.chownSync(temporary.path, 1234, 2345);
    const folder = CertificateFolder.open(temporary.path);
    folder.write({ [CA_KEY_FILE]: "a" }, KNOWN);
    for (const name of [CA_KEY_FILE, RECORD_FILE]) {
      const { uid, gid, mode } = Deno.statSync(folder.pathOf(name));
      assert.deepEqual([uid, gid, (mode ?? 0) & 0o777], [1234, 2345, 0o600]);
    }
  },
});

Deno.test("a file that was not made here, or was changed since, stays as it is", () => {
  using temporary = temporaryFolder();
  const folder = CertificateFolder.open(temporary.path);
  const foreign = new RegExp(`^Error: Cannot use '.*/${SERVER_FILE}': it is there already`);
  Deno.writeTextFileSync(folder.pathOf(SERVER_FILE), "of somebody");
  const files = { [CA_KEY_FILE]: "b", [SERVER_FILE]: "a" };
  assert.throws(() => folder.write(files, KNOWN), foreign);
  assert.deepEqual(namesIn(temporary.path), [SERVER_FILE]);
  Deno.removeSync(folder.pathOf(SERVER_FILE));
  folder.write(files, KNOWN);
  Deno.writeTextFileSync(folder.pathOf(SERVER_FILE), "changed");
  assert.throws(() => folder.readOwn(SERVER_FILE), foreign);
  assert.throws(() => folder.write({ [SERVER_FILE]: "c" }, KNOWN), foreign);
  assert.equal(Deno.readTextFileSync(folder.pathOf(SERVER_FILE)), "changed");
});

Deno.test("after a power cut between record and file, the old file is still known", () => {
  using temporary = temporaryFolder();
  const folder = CertificateFolder.open(temporary.path);
  folder.write({ [SERVER_FILE]: "old" }, KNOWN);
  folder.write({ [SERVER_FILE]: "new" }, KNOWN);
  Deno.writeTextFileSync(folder.pathOf(SERVER_FILE), "old");
  const again = CertificateFolder.open(temporary.path);
  assert.equal(again.readOwn(SERVER_FILE), "old");
  again.write({ [SERVER_FILE]: "newest" }, KNOWN);
  assert.equal(CertificateFolder.open(temporary.path).readOwn(SERVER_FILE), "newest");
});

Deno.test("a record that is none is named, not overwritten", () => {
  using temporary = temporaryFolder();
  const file = `${temporary.path}/${RECORD_FILE}`;
  const good = { ...KNOWN, files: { a: ["b"] } };
  const bad = [
    "",
    "null",
    "[]",
    "{}",
    JSON.stringify({ ...good, keyType: "dsa" }),
    JSON.stringify({ ...good, days: "1" }),
    JSON.stringify({ ...good, addedNames: "a" }),
    JSON.stringify({ ...good, serverNames: [1] }),
    JSON.stringify({ ...good, files: { a: "b" } }),
  ];
  for (const text of bad) {
    Deno.writeTextFileSync(file, text);
    assert.throws(() => CertificateFolder.open(temporary.path), {
      message: `Cannot read '${file}': it is not as 'broker cert' writes it`,
    });
  }
  Deno.writeTextFileSync(file, JSON.stringify(good));
  assert.deepEqual(CertificateFolder.open(temporary.path).record, good);
});

Deno.test("only a file of the known name can be one of ours", () => {
  assert.equal(folderOfServerFile("/etc/broker/server.pem"), "/etc/broker");
  assert.equal(folderOfServerFile("server.pem"), ".");
  assert.equal(folderOfServerFile("/etc/broker/other.pem"), undefined);
});
