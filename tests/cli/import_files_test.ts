/** Where an import may write, and who may read it then. */

import assert from "node:assert/strict";
import { lchownSync } from "node:fs";
import { putFiles, targetFault } from "../../src/cli/import_files.ts";
import { namesIn, temporaryFolder } from "../storage/fixture.ts";

const isWindows = Deno.build.os === "windows";

function modeOf(path: string): number {
  return (Deno.statSync(path).mode ?? 0) & 0o777;
}

Deno.test("targetFault() names what is in the way", () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/there`;
  Deno.writeTextFileSync(file, "");
  assert.equal(targetFault(`${folder.path}/new`, false), undefined);
  assert.equal(targetFault(file, true), undefined);
  assert.match(targetFault(file, false) ?? "", /it is there already; --force replaces it$/);
  assert.match(targetFault(folder.path, true) ?? "", /it is a folder$/);
  assert.match(targetFault(`${folder.path}/no/file`, true) ?? "", /there is no folder '.*no'$/);
});

Deno.test("putFiles() keeps what has secrets to its owner, also when it was open before", () => {
  using folder = temporaryFolder();
  const [open, secret, old] = ["open", "secret", "old"].map((name) => `${folder.path}/${name}`);
  if (!open || !secret || !old) throw new Error("Cannot name the files");
  Deno.writeTextFileSync(old, "before", { mode: 0o644 });
  putFiles([{ path: open, text: "a" }], false);
  putFiles([{ path: secret, text: "b" }, { path: old, text: "c" }], true);
  assert.deepEqual([open, secret, old].map((path) => Deno.readTextFileSync(path)), ["a", "b", "c"]);
  assert.deepEqual(namesIn(folder.path).toSorted(), ["old", "open", "secret"]);
  if (isWindows) return;
  assert.deepEqual([open, secret, old].map(modeOf), [0o644, 0o600, 0o600]);
});

Deno.test("putFiles() leaves nothing new behind when it fails, and names the file", () => {
  using folder = temporaryFolder();
  Deno.mkdirSync(`${folder.path}/way`);
  const files = ["one", "way"].map((name) => ({ path: `${folder.path}/${name}`, text: "x" }));
  assert.throws(() => putFiles(files, true), /^Error: Cannot write '.*way': /);
  assert.deepEqual(namesIn(folder.path), ["way"]);
});

Deno.test({
  name: "what is there and no file is never replaced, and nothing behind a stranger's link changes",
  ignore: isWindows || Deno.uid() !== 0,
  fn: () => {
    using folder = temporaryFolder();
    const [victim, link] = [`${folder.path}/victim`, `${folder.path}/link`];
    Deno.writeTextFileSync(victim, "root's", { mode: 0o644 });
    Deno.chmodSync(victim, 0o644);
    Deno.symlinkSync("victim", link);
    lchownSync(link, 1234, 1234);
    assert.throws(
      () => putFiles([{ path: link, text: "x" }], true),
      /it is a link of another user/,
    );
    assert.deepEqual([Deno.readTextFileSync(victim), modeOf(victim)], ["root's", 0o644]);
    assert.match(targetFault("/dev/null", true) ?? "", /it is there, and not a file$/);
  },
});
