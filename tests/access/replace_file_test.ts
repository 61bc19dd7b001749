import assert from "node:assert/strict";
import { lchownSync } from "node:fs";
import { replaceFile, statIfThere } from "../../src/access/replace_file.ts";
import { namesIn, temporaryFolder } from "../storage/fixture.ts";

const hasModes = Deno.build.os !== "windows";
const modeOf = (path: string) => (statIfThere(path)?.mode ?? 0) & 0o777;

Deno.test({
  name: "a new file is for its owner only; an old one keeps its mode",
  ignore: !hasModes,
  fn: () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/p`;
    assert.equal(replaceFile(path, "one"), undefined);
    assert.deepEqual([Deno.readTextFileSync(path), modeOf(path)], ["one", 0o600]);
    Deno.chmodSync(path, 0o640);
    assert.equal(replaceFile(path, "two"), undefined);
    assert.deepEqual([Deno.readTextFileSync(path), modeOf(path)], ["two", 0o640]);
    assert.deepEqual(namesIn(folder.path), ["p"]);
  },
});

Deno.test({
  name: "the superuser leaves the file to its owner",
  ignore: !hasModes || Deno.uid() !== 0,
  fn: () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/p`;
    Deno.writeTextFileSync(path, "one", { mode: 0o640 });
    Deno.chownSync(path, 1234, 2345);
    assert.equal(replaceFile(path, "two"), undefined);
    const { uid, gid } = Deno.statSync(path);
    assert.deepEqual([uid, gid, modeOf(path)], [1234, 2345, 0o640]);
  },
});

Deno.test({
  name: "a link stays a link, and what it leads to is replaced",
  ignore: !hasModes,
  fn: () => {
    using folder = temporaryFolder();
    Deno.mkdirSync(`${folder.path}/real`);
    Deno.writeTextFileSync(`${folder.path}/real/p`, "one");
    Deno.symlinkSync("real/p", `${folder.path}/link`);
    replaceFile(`${folder.path}/link`, "two");
    assert.equal(Deno.readLinkSync(`${folder.path}/link`), "real/p");
    assert.equal(Deno.readTextFileSync(`${folder.path}/real/p`), "two");
    assert.deepEqual(namesIn(`${folder.path}/real`), ["p"]);
  },
});

Deno.test("what cannot be replaced stays, and nothing is left beside it", () => {
  using folder = temporaryFolder();
  Deno.mkdirSync(`${folder.path}/p/inside`, { recursive: true });
  assert.throws(() => replaceFile(`${folder.path}/p`, "text"));
  assert.throws(() => replaceFile(`${folder.path}/none/p`, "text"), Deno.errors.NotFound);
  assert.deepEqual(namesIn(folder.path), ["p"]);
  assert.deepEqual(namesIn(`${folder.path}/p`), ["inside"]);
});

Deno.test({
  name: "the superuser does not follow the link of another user",
  ignore: !hasModes || Deno.uid() !== 0,
  fn: () => {
    using folder = temporaryFolder();
    Deno.writeTextFileSync(`${folder.path}/shadow`, "root's");
    Deno.symlinkSync("shadow", `${folder.path}/link`);
    lchownSync(`${folder.path}/link`, 1234, 1234);
    assert.throws(() => replaceFile(`${folder.path}/link`, "two"), {
      message: `Cannot replace '${folder.path}/link': it is a link of another user; ` +
        "name what it leads to",
    });
    assert.equal(Deno.readTextFileSync(`${folder.path}/shadow`), "root's");
    assert.deepEqual(namesIn(folder.path), ["link", "shadow"]);
  },
});

Deno.test({
  name: "a new file gets the rights that it is given, an old one keeps its own",
  ignore: !hasModes || Deno.uid() !== 0,
  fn: () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/p`;
    const rights = (uid: number, mode: number) => ({ mode, owner: { uid, gid: uid } });
    replaceFile(path, "one", rights(1234, 0o644));
    replaceFile(path, "two", rights(1, 0o666));
    const { uid, gid } = Deno.statSync(path);
    assert.deepEqual([uid, gid, modeOf(path)], [1234, 1234, 0o644]);
    replaceFile(path, "three", rights(1, 0o666), 0o600);
    assert.deepEqual([Deno.statSync(path).uid, modeOf(path)], [1234, 0o600]);
  },
});
