import assert from "node:assert/strict";
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
