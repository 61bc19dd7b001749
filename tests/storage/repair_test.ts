import assert from "node:assert/strict";
import { openFile } from "../../src/storage/open_file.ts";
import { recover, removeLog, setAside } from "../../src/storage/repair.ts";
import { makeFile, MESSAGES, overwrite } from "./damage_fixture.ts";
import { temporaryFolder } from "./fixture.ts";

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("setAside() keeps the log with its file, and never takes a name twice", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const moment = Date.UTC(2026, 10, 23, 8, 5, 9);
  for (const text of ["first", "second"]) {
    Deno.writeTextFileSync(path, text);
    Deno.writeTextFileSync(`${path}-wal`, `log of the ${text}`);
    Deno.writeTextFileSync(`${path}-shm`, "");
    setAside(path, moment, "damaged");
  }
  assert.deepEqual(names(folder.path), [
    "broker.db.damaged-20261123-080509",
    "broker.db.damaged-20261123-080509-2",
    "broker.db.damaged-20261123-080509-2-wal",
    "broker.db.damaged-20261123-080509-wal",
  ]);
  const second = `${path}.damaged-20261123-080509-2`;
  assert.equal(Deno.readTextFileSync(second), "second");
  assert.equal(Deno.readTextFileSync(`${second}-wal`), "log of the second");
});

Deno.test("removeLog() removes what belongs to the log and nothing else", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  for (const suffix of ["", "-wal", "-shm"]) Deno.writeTextFileSync(path + suffix, "");
  removeLog(path);
  removeLog(path);
  assert.deepEqual(names(folder.path), ["broker.db"]);
});

Deno.test("recover() reports what it found, and leaves neither copy nor change", () => {
  using folder = temporaryFolder();
  const damaged = `${folder.path}/damaged.db`;
  makeFile(damaged);
  overwrite(damaged, Deno.statSync(damaged).size - 10 * 4096, new Uint8Array(4096));
  const before = Deno.readFileSync(damaged);
  const target = openFile(`${folder.path}/new.db`, 0);
  const { recovered, damage } = recover(damaged, `${folder.path}/copy.db`, target.database);
  target.file.close();
  assert.deepEqual([recovered.sessions, recovered.inbound, recovered.retained], [20, 20, 100]);
  assert.ok(recovered.outgoing < MESSAGES && recovered.outgoing > MESSAGES / 2);
  assert.deepEqual([damage.gaps, damage.rows], [1, 0]);
  assert.match(damage.reason, /^table 'outgoing': .*malformed/);
  assert.deepEqual(names(folder.path), ["damaged.db", "new.db"]);
  assert.deepEqual(Deno.readFileSync(damaged), before);
});

Deno.test("recover() says why it found nothing", () => {
  using folder = temporaryFolder();
  const damaged = `${folder.path}/text.db`;
  Deno.writeTextFileSync(damaged, "text ".repeat(1000));
  const target = openFile(`${folder.path}/new.db`, 0);
  const { recovered, damage } = recover(damaged, `${folder.path}/copy.db`, target.database);
  target.file.close();
  assert.equal(recovered.outgoing, 0);
  assert.match(damage.reason, /not a database/);
});

Deno.test("recover() throws what says nothing about the file", () => {
  using folder = temporaryFolder();
  const target = openFile(`${folder.path}/new.db`, 0);
  const none = `${folder.path}/none.db`;
  assert.throws(
    () => recover(none, `${folder.path}/copy.db`, target.database),
    Deno.errors.NotFound,
  );
  target.file.close();
});

Deno.test("recover() throws when the target is full, however damaged the source is", () => {
  for (const pages of [20, 30, 40, 50]) {
    using folder = temporaryFolder();
    const damaged = `${folder.path}/damaged.db`;
    makeFile(damaged);
    overwrite(damaged, Deno.statSync(damaged).size - 10 * 4096, new Uint8Array(4096));
    const target = openFile(`${folder.path}/new.db`, 0);
    target.database.exec(`PRAGMA max_page_count = ${pages}`);
    assert.throws(
      () => recover(damaged, `${folder.path}/copy.db`, target.database),
      /database or disk is full/,
    );
    target.file.close();
    assert.deepEqual(names(folder.path), ["damaged.db", "new.db"]);
  }
});
