/**
 * The tables of the file, their version, and the steps from older versions.
 *
 * Owns the layout but not what is in `data` (`contents.ts`). The version is SQLite's `user_version`;
 * `application_id` says that a file is ours. Why it looks as it does:
 * - All tables have plain integer rows: a damaged page then loses the rows on it and no others.
 * - `outgoing` has no index. A message for an offline client is appended and touches one page;
 *   which session has which rows is known on the main thread.
 * - The content of a message is in `outgoing.data` (`message` is 0) or, when several sessions wait
 *   for it, in `message`.
 * - What has no `data`, or changes without it, has a checksum in `sum`.
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { StoreDamagedError } from "./errors.ts";

/** "MQTT" in ASCII. */
export const APPLICATION_ID = 0x4d51_5454;
export const SCHEMA_VERSION = 3;
/** In the row of an inbound Packet Identifier, the session's row is multiplied by this. */
export const INBOUND_PER_SESSION = 65_536;

const TABLES = `
  CREATE TABLE session (
    id INTEGER PRIMARY KEY, client_identifier TEXT NOT NULL, data BLOB NOT NULL);
  CREATE TABLE subscription (
    id INTEGER PRIMARY KEY, session INTEGER NOT NULL, topic_filter TEXT NOT NULL,
    data BLOB NOT NULL);
  CREATE UNIQUE INDEX subscription_key ON subscription (session, topic_filter);
  CREATE TABLE message (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
  CREATE TABLE outgoing (
    id INTEGER PRIMARY KEY, session INTEGER NOT NULL, message INTEGER NOT NULL,
    packet_identifier INTEGER NOT NULL, released INTEGER NOT NULL, sum INTEGER NOT NULL,
    data BLOB NOT NULL);
  CREATE TABLE inbound (id INTEGER PRIMARY KEY, sum INTEGER NOT NULL);
  CREATE TABLE retained (
    id INTEGER PRIMARY KEY, topic_name TEXT NOT NULL, data BLOB NOT NULL);
  CREATE UNIQUE INDEX retained_key ON retained (topic_name);
`;

/** `MIGRATIONS[n]` makes version `n + 1` of version `n`. All run in one transaction. */
const MIGRATIONS: readonly ((database: DatabaseSync) => void)[] = [
  (database) => database.exec(TABLES),
  // Sessions know where their client came in, subscriptions whether retained messages are still to
  // be sent. Rows of version 1 are read as they are (`contents.ts`); the number keeps programs away
  // that do not know the new ones.
  () => {},
  // Retained messages know when they came and from whom. Again, old rows are read as they are.
  () => {},
];

/** Prepares a statement. Deno 2.4 does not say why it cannot; `exec` does, in its SQLite's words. */
export function prepare(database: DatabaseSync, statement: string): StatementSync {
  try {
    return database.prepare(statement);
  } catch (error) {
    database.exec(`EXPLAIN ${statement}`);
    throw error;
  }
}

/** One number that a PRAGMA or an aggregate gives. */
export function numberOf(database: DatabaseSync, statement: string): number {
  const row = prepare(database, statement).get() ?? {};
  return Number(Object.values(row)[0] ?? 0);
}

/**
 * Brings an opened file to the current version; makes the tables when it is empty. Throws
 * `StoreDamagedError` when it is not ours or newer than this program.
 */
export function migrate(database: DatabaseSync): void {
  const version = checkVersion(database);
  if (version === SCHEMA_VERSION) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    for (const step of MIGRATIONS.slice(version)) step(database);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    database.exec("COMMIT");
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

/** The version of an opened file, 0 when it has no tables. Throws `StoreDamagedError`. */
export function checkVersion(database: DatabaseSync): number {
  const version = numberOf(database, "PRAGMA user_version");
  const isEmpty = numberOf(database, "SELECT count(*) FROM sqlite_schema") === 0;
  if (isEmpty && version === 0) return 0;
  if (numberOf(database, "PRAGMA application_id") !== APPLICATION_ID) {
    throw new StoreDamagedError("it is a database of another program");
  }
  if (version > SCHEMA_VERSION) {
    throw new StoreDamagedError(
      `it has version ${version} and this program knows version ${SCHEMA_VERSION} at most`,
    );
  }
  return version;
}

/** Ends a transaction that failed; SQLite may have ended it already. */
export function rollBack(database: DatabaseSync): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // There was none any more.
  }
}
