import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Writer } from "../../src/protocol/writer.ts";
import * as batch from "../../src/storage/batch.ts";
import { migrate } from "../../src/storage/schema.ts";
import { TableWriter } from "../../src/storage/table_writer.ts";

const { BatchReader, Change } = batch;

function inMemory() {
  const database = new DatabaseSync(":memory:");
  migrate(database);
  const tables = new TableWriter(database);
  const apply = (write: (writer: Writer) => void) => {
    const writer = new Writer();
    write(writer);
    const reader = new BatchReader(writer.written());
    while (reader.next()) tables.apply(reader);
  };
  const rows = (statement: string) =>
    database.prepare(statement).all().map((row) => Object.values(row).join(" "));
  return { database, apply, rows };
}

const data = new Uint8Array([7, 0, 0, 0, 0]);

Deno.test("every change may come twice with the same outcome", () => {
  const { database, apply, rows } = inMemory();
  for (let time = 0; time < 2; time++) {
    apply((writer) => {
      batch.writeSessionKey(writer, 1, "a");
      batch.writeData(writer, data);
      batch.writeSubscriptionKey(writer, 1, "f");
      batch.writeData(writer, data);
      batch.writeMessageKey(writer, 2);
      batch.writeData(writer, data);
      batch.writeOutgoingKey(writer, 3, 1, 2, 0, false);
      batch.writeData(writer, data);
      batch.writeInbound(writer, Change.PutInbound, 1, 5);
      batch.writeRetainedKey(writer, "r");
      batch.writeData(writer, data);
      batch.writeUpdateOutgoing(writer, 3, 9, true);
    });
  }
  assert.deepEqual(rows("SELECT id, client_identifier FROM session"), ["1 a"]);
  assert.deepEqual(rows("SELECT session, topic_filter FROM subscription"), ["1 f"]);
  assert.deepEqual(rows("SELECT id FROM message"), ["2"]);
  assert.deepEqual(
    rows("SELECT id, session, message, packet_identifier, released FROM outgoing"),
    ["3 1 2 9 1"],
  );
  assert.deepEqual(rows("SELECT id FROM inbound"), ["65541"]);
  assert.deepEqual(rows("SELECT topic_name FROM retained"), ["r"]);
  for (let time = 0; time < 2; time++) {
    apply((writer) => {
      batch.writeDelete(writer, Change.DeleteOutgoing, 3);
      batch.writeDelete(writer, Change.DeleteMessage, 2);
      batch.writeDeleteSubscription(writer, 1, "f");
      batch.writeInbound(writer, Change.DeleteInbound, 1, 5);
      batch.writeDeleteRetained(writer, "r");
    });
  }
  for (const table of ["subscription", "message", "outgoing", "inbound", "retained"]) {
    assert.deepEqual(rows(`SELECT * FROM ${table}`), [], table);
  }
  database.close();
});

Deno.test("a session goes with its own subscriptions and inbound identifiers", () => {
  const { database, apply, rows } = inMemory();
  apply((writer) => {
    for (const session of [1, 2, 3]) {
      batch.writeSessionKey(writer, session, `c${session}`);
      batch.writeData(writer, data);
      batch.writeSubscriptionKey(writer, session, "f");
      batch.writeData(writer, data);
      batch.writeInbound(writer, Change.PutInbound, session, 1);
      batch.writeInbound(writer, Change.PutInbound, session, 65_535);
    }
    batch.writeDelete(writer, Change.DeleteSession, 2);
  });
  assert.deepEqual(rows("SELECT client_identifier FROM session"), ["c1", "c3"]);
  assert.deepEqual(rows("SELECT session FROM subscription"), ["1", "3"]);
  assert.deepEqual(rows("SELECT id / 65536, id % 65536 FROM inbound"), [
    "1 1",
    "1 65535",
    "3 1",
    "3 65535",
  ]);
  database.close();
});
