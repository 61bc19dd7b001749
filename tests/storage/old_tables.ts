/**
 * The tables of the store as versions 1 and 2 made them: a fact about old files, never to change with
 * the schema of now.
 */

export const OLD_TABLES = `
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
