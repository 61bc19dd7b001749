import assert from "node:assert/strict";
import { Writer } from "../../src/protocol/writer.ts";
import { StoreGoneError } from "../../src/storage/errors.ts";
import { openFile } from "../../src/storage/open_file.ts";
import { PendingChanges } from "../../src/storage/pending_changes.ts";
import { numberOf } from "../../src/storage/schema.ts";
import { newMessage, newOutgoing, newSession, temporaryFolder } from "./fixture.ts";

const MEBIBYTE = 1024 * 1024;

/** An open file with what puts messages into it and takes them out. */
function openWith(path: string) {
  const { file, database } = openFile(path, 0);
  const changes = new PendingChanges();
  const session = newSession("a");
  const apply = () => {
    const writer = new Writer();
    changes.take(writer, 0);
    file.apply(writer.written().slice());
  };
  const add = (count: number, bytes: number) => {
    const added = Array.from({ length: count }, () => {
      const outgoing = newOutgoing(newMessage("t", new Uint8Array(bytes)));
      changes.addOutgoing(session, outgoing);
      return outgoing;
    });
    apply();
    return added;
  };
  const remove = (outgoing: ReturnType<typeof add>) => {
    for (const each of outgoing) changes.removeOutgoing(session, each);
    apply();
  };
  return { file, database, add, remove };
}

Deno.test("opening a file and doing nothing writes nothing", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const first = openWith(path);
  first.add(10, 100);
  first.file.close();
  const before = Deno.readFileSync(path);
  const { file } = openFile(path, 0);
  assert.deepEqual([file.counters.commits, file.counters.bytesWritten], [0, 0]);
  file.close();
  assert.deepEqual(Deno.readFileSync(path), before);
});

Deno.test("a small commit writes one page and the head of its frame", () => {
  using folder = temporaryFolder();
  const { file, add } = openWith(`${folder.path}/broker.db`);
  add(1, 100);
  const { bytesWritten, commits } = file.counters;
  add(1, 100);
  assert.equal(file.counters.bytesWritten - bytesWritten, 4096 + 24);
  assert.equal(file.counters.commits - commits, 1);
  file.close();
});

Deno.test("the log is written back before it grows large, and that is counted", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const { file, add } = openWith(path);
  for (let round = 0; round < 20; round++) add(100, 5000);
  assert.ok(Deno.statSync(`${path}-wal`).size < 5 * MEBIBYTE);
  // Each byte of a message was written to the log, and most of them to the database as well.
  const content = 20 * 100 * 5000;
  assert.ok(file.counters.bytesWritten > content * 1.4, `${file.counters.bytesWritten}`);
  assert.equal(
    file.counters.fileBytes,
    Deno.statSync(path).size + Deno.statSync(`${path}-wal`).size,
  );
  file.close();
});

Deno.test("the file shrinks again when the messages are gone, and then nothing more is done", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const { file, database, add, remove } = openWith(path);
  const added = add(4000, 3000);
  const kept = added.splice(100, 10);
  assert.ok(file.counters.fileBytes > 10 * MEBIBYTE);
  remove(added);
  let steps = 0;
  while (file.tidyUp()) steps++;
  assert.ok(steps > 2, "it is done in steps");
  assert.ok(Deno.statSync(path).size < 2 * MEBIBYTE, `${Deno.statSync(path).size} bytes`);
  assert.equal(numberOf(database, "SELECT count(*) FROM outgoing"), kept.length);
  const { bytesWritten } = file.counters;
  assert.equal(file.tidyUp(), false);
  assert.equal(file.counters.bytesWritten, bytesWritten);
  file.close();
});

Deno.test("a batch that cannot be carried out leaves nothing of it", () => {
  using folder = temporaryFolder();
  const { file, database, add } = openWith(`${folder.path}/broker.db`);
  add(3, 100);
  database.exec(`PRAGMA max_page_count = ${numberOf(database, "PRAGMA page_count")}`);
  assert.throws(() => add(1000, 1000), /full/);
  assert.equal(numberOf(database, "SELECT count(*) FROM outgoing"), 3);
  database.exec("PRAGMA max_page_count = 1000000");
  add(1000, 1000);
  assert.equal(numberOf(database, "SELECT count(*) FROM outgoing"), 1003);
  file.close();
});

Deno.test("a commit to a file that is not in its place any more is no commit", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const { file, add } = openWith(path);
  Deno.renameSync(path, `${path}.moved`);
  assert.throws(() => add(1, 1), StoreGoneError);
  file.close();
});
