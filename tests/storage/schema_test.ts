import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { StoreDamagedError } from "../../src/storage/errors.ts";
import {
  APPLICATION_ID,
  checkVersion,
  migrate,
  numberOf,
  prepare,
  rollBack,
  SCHEMA_VERSION,
} from "../../src/storage/schema.ts";

Deno.test("migrate() makes the tables of a new file, and changes nothing of a current one", () => {
  const database = new DatabaseSync(":memory:");
  assert.equal(checkVersion(database), 0);
  migrate(database);
  assert.equal(checkVersion(database), SCHEMA_VERSION);
  assert.equal(numberOf(database, "PRAGMA application_id"), APPLICATION_ID);
  const tables = () =>
    database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all()
      .map(({ name }) => name);
  assert.deepEqual(tables(), [
    "inbound",
    "message",
    "outgoing",
    "retained",
    "session",
    "subscription",
  ]);
  database.exec("INSERT INTO message VALUES (1, x'00')");
  migrate(database);
  assert.equal(numberOf(database, "SELECT count(*) FROM message"), 1);
  database.close();
});

Deno.test("checkVersion() refuses a newer version and a database of another program", () => {
  const newer = new DatabaseSync(":memory:");
  migrate(newer);
  newer.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
  assert.throws(
    () => checkVersion(newer),
    new StoreDamagedError(
      `it has version ${
        SCHEMA_VERSION + 1
      } and this program knows version ${SCHEMA_VERSION} at most`,
    ),
  );
  newer.close();
  const other = new DatabaseSync(":memory:");
  other.exec("CREATE TABLE bookmark (url TEXT)");
  assert.throws(() => migrate(other), /another program/);
  other.close();
});

Deno.test("prepare() says why it cannot", () => {
  const database = new DatabaseSync(":memory:");
  assert.throws(() => prepare(database, "SELECT ? FROM missing"), /no such table: missing/);
  rollBack(database);
  database.close();
});
