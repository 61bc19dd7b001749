import assert from "node:assert/strict";
import { StoreInUseError } from "../../src/storage/errors.ts";
import { FileLock } from "../../src/storage/lock.ts";
import { temporaryFolder } from "./fixture.ts";

Deno.test("a lock is held by one, until it is released", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const lock = FileLock.take(path);
  assert.throws(() => FileLock.take(path), new StoreInUseError(path));
  lock.release();
  FileLock.take(path).release();
});

Deno.test("a lock is held against other processes", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const url = new URL("../../src/storage/lock.ts", import.meta.url);
  const program = `import { FileLock } from "${url}";
    try { FileLock.take(Deno.args[0]); } catch (error) { console.log(error.name); }`;
  await Deno.writeTextFile(`${folder.path}/taker.ts`, program);
  const take = () =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--quiet", "-A", `${folder.path}/taker.ts`, path],
    }).output().then(({ stdout }) => new TextDecoder().decode(stdout));
  const lock = FileLock.take(path);
  assert.equal(await take(), "StoreInUseError\n");
  lock.release();
  assert.equal(await take(), "");
});

Deno.test("a lock that cannot be made is another error", () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(`${folder.path}/file`, "");
  assert.throws(
    () => FileLock.take(`${folder.path}/file/broker.db`),
    (error) => !(error instanceof StoreInUseError),
  );
});

Deno.test({
  name: "a lock that is a link is not taken, and nothing is made where it leads",
  ignore: Deno.build.os === "windows",
  fn: () => {
    using folder = temporaryFolder();
    Deno.symlinkSync(`${folder.path}/elsewhere`, `${folder.path}/broker.db.lock`);
    assert.throws(() => FileLock.take(`${folder.path}/broker.db`), /is a link: remove it$/);
    assert.throws(() => Deno.statSync(`${folder.path}/elsewhere`), Deno.errors.NotFound);
  },
});
