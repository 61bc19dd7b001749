import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openFile } from "../../src/storage/open_file.ts";
import { Random } from "../simulation/random.ts";
import {
  checkIntact,
  makeFile,
  MESSAGES,
  openAsWorker,
  overwrite,
  PAGE_BYTES,
} from "./damage_fixture.ts";
import { namesIn, temporaryFolder } from "./fixture.ts";

/** Damages a file with known content and opens it. Returns how many messages were recovered. */
function recoverFrom(damage: (path: string) => void): number {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  damage(path);
  const damaged = Deno.readFileSync(path);
  const { file, repair, state } = openAsWorker(path);
  assert.ok(repair?.setAsideAs, "nothing was repaired");
  assert.deepEqual(Deno.readFileSync(repair.setAsideAs), damaged);
  const count = checkIntact(state);
  assert.equal(repair.recovered.outgoing >= count, true);
  file.close();
  assert.deepEqual(namesIn(folder.path), ["broker.db", "broker.db.damaged-TIME"]);
  // And from now on it is a sound file.
  const again = openAsWorker(path);
  assert.equal(again.repair, undefined);
  assert.equal(checkIntact(again.state), count);
  again.file.close();
  return count;
}

Deno.test("a sound file is opened as it is", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  const { file, repair, isNew, state } = openAsWorker(path);
  assert.deepEqual([repair, isNew, checkIntact(state)], [undefined, false, MESSAGES]);
  file.close();
});

Deno.test("a new file is readable by its owner alone", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/data/broker.db`;
  const { file, isNew } = openFile(path, 0);
  assert.equal(isNew, true);
  assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  file.close();
});

Deno.test("of a truncated file what is left is recovered", () => {
  const count = recoverFrom((path) => Deno.truncateSync(path, Deno.statSync(path).size * 0.7));
  assert.ok(count > MESSAGES / 4 && count < MESSAGES, `${count} messages`);
});

Deno.test("a file that is cut off within its header is replaced", () => {
  assert.equal(recoverFrom((path) => Deno.truncateSync(path, 50)), 0);
});

Deno.test("of a file with zeroed pages the others are recovered", () => {
  const count = recoverFrom((path) => {
    const pages = Deno.statSync(path).size / PAGE_BYTES;
    for (const page of [pages - 10, pages - 20, pages - 21]) {
      overwrite(path, Math.floor(page) * PAGE_BYTES, new Uint8Array(PAGE_BYTES));
    }
  });
  assert.ok(count > MESSAGES / 2 && count < MESSAGES, `${count} messages`);
});

Deno.test("a file whose first page is zeroed is replaced", () => {
  assert.equal(recoverFrom((path) => overwrite(path, 0, new Uint8Array(PAGE_BYTES))), 0);
});

Deno.test("a message with a wrong byte is left out, the others are recovered", () => {
  const count = recoverFrom((path) => {
    const text = new TextDecoder("latin1").decode(Deno.readFileSync(path));
    overwrite(path, text.indexOf("299:xxx") + 20, new TextEncoder().encode("y"));
  });
  assert.equal(count, MESSAGES - 1);
});

Deno.test("random bytes anywhere never bring a wrong message, whatever else they do", () => {
  for (let seed = 1; seed <= 20; seed++) {
    using folder = temporaryFolder();
    const path = `${folder.path}/broker.db`;
    makeFile(path);
    const random = new Random(seed);
    const noise = new Uint8Array(1 + random.below(3000)).map(() => random.below(256));
    overwrite(path, random.below(Deno.statSync(path).size - noise.length), noise);
    const { file, state } = openAsWorker(path);
    checkIntact(state);
    file.close();
  }
});

Deno.test("a file that is no database is set aside", () => {
  const text = new TextEncoder().encode("to whom it may concern ".repeat(500));
  assert.equal(recoverFrom((path) => Deno.writeFileSync(path, text)), 0);
});

Deno.test("a file of a newer version is set aside, and what is known of it is taken over", () => {
  const count = recoverFrom((path) => {
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 99");
    database.close();
  });
  assert.equal(count, MESSAGES);
});

Deno.test("a database of another program is set aside", () => {
  const count = recoverFrom((path) => {
    Deno.removeSync(path);
    const database = new DatabaseSync(path);
    database.exec("CREATE TABLE bookmark (url TEXT)");
    database.close();
  });
  assert.equal(count, 0);
});

Deno.test("an empty file is taken for a new one", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  Deno.writeFileSync(path, new Uint8Array(0));
  const { file, isNew, repair } = openFile(path, 0);
  assert.deepEqual([isNew, repair], [true, undefined]);
  file.close();
});

Deno.test("openFile() throws and changes nothing where nothing can be done", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  Deno.mkdirSync(path);
  assert.throws(() => openFile(path, 0), /unable to open database file|EISDIR|Is a directory/);
  assert.deepEqual(namesIn(folder.path), ["broker.db"]);
});
