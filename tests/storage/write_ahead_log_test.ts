import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { pagesInLog } from "../../src/storage/write_ahead_log.ts";
import { temporaryFolder } from "./fixture.ts";

Deno.test("pagesInLog() counts each page once, however often it is in the log", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.db`;
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
  database.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, data BLOB)");
  database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
  assert.equal(pagesInLog(`${path}-wal`, 4096), 0);
  for (let id = 0; id < 10; id++) database.exec(`INSERT INTO t VALUES (${id}, 'x')`);
  assert.equal(pagesInLog(`${path}-wal`, 4096), 1);
  database.exec("INSERT INTO t VALUES (10, zeroblob(40000))");
  const { size } = Deno.statSync(`${path}-wal`);
  assert.equal((size - 32) % (4096 + 24), 0);
  const pages = pagesInLog(`${path}-wal`, 4096);
  database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
  // Every page of the database but the first, which only changed with its number of pages.
  assert.equal(pages, Deno.statSync(path).size / 4096);
  database.close();
});

Deno.test("pagesInLog() is 0 when there is no log", () => {
  assert.equal(pagesInLog("/nonexistent/a.db-wal", 4096), 0);
});
