import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { BatchReader, Change } from "../../src/storage/batch.ts";
import { StoreDamagedError } from "../../src/storage/errors.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { openToRead } from "../../src/storage/copy.ts";
import { openFile } from "../../src/storage/open_file.ts";
import { PendingChanges } from "../../src/storage/pending_changes.ts";
import { TableReader } from "../../src/storage/table_reader.ts";
import { makeFile, MESSAGES, overwrite, PAGE_BYTES } from "./damage_fixture.ts";
import { newMessage, newOutgoing, newSession, temporaryFolder } from "./fixture.ts";

/** The kinds of what is read, counted, in the order in which they come first. */
function read(path: string, isLenient: boolean) {
  const database = openToRead(path);
  const found = new Map<string, number>();
  const reader = new TableReader(database, (chunk) => {
    const batch = new BatchReader(chunk);
    while (batch.next()) {
      const kind = Change[batch.change] as string;
      found.set(kind, (found.get(kind) ?? 0) + 1);
    }
  }, isLenient);
  try {
    reader.readAll();
  } finally {
    database.close();
  }
  return { found: [...found], damage: reader.damage };
}

/** Changes a file with known content by SQL. */
function changed(path: string, statement: string): void {
  makeFile(path);
  const database = new DatabaseSync(path);
  database.exec(statement);
  database.close();
}

Deno.test("everything is read, what others refer to first", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  assert.deepEqual(read(path, false), {
    found: [["PutSession", 20], ["PutInbound", 20], ["PutRetained", 100], [
      "PutOutgoing",
      MESSAGES,
    ]],
    damage: { rows: 0, gaps: 0, reason: "" },
  });
});

for (
  const [what, statement] of [
    ["a wrong checksum", "UPDATE outgoing SET data = zeroblob(40) WHERE id = 500"],
    ["another session", "UPDATE outgoing SET session = 2 WHERE id = 500"],
    ["another Packet Identifier", "UPDATE outgoing SET packet_identifier = 2 WHERE id = 500"],
    ["text for a number", "UPDATE outgoing SET released = 'x' WHERE id = 500"],
    ["text for bytes", "UPDATE outgoing SET data = 'x' WHERE id = 500"],
  ] as const
) {
  Deno.test(`a row with ${what} is an error, or left out alone`, () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/broker.db`;
    changed(path, statement);
    assert.throws(() => read(path, false), StoreDamagedError);
    const { found, damage } = read(path, true);
    assert.deepEqual(found.at(-1), ["PutOutgoing", MESSAGES - 1]);
    assert.deepEqual([damage.rows, damage.gaps], [1, 0]);
  });
}

Deno.test("an inbound Packet Identifier that nobody stored is left out", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  changed(path, "UPDATE inbound SET id = id + 1 WHERE id = (SELECT min(id) FROM inbound)");
  assert.deepEqual(read(path, true).found[1], ["PutInbound", 19]);
});

Deno.test("behind pages that cannot be read it goes on", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  const pages = Deno.statSync(path).size / PAGE_BYTES;
  for (const page of [pages - 5, pages - 15, pages - 25]) {
    overwrite(path, page * PAGE_BYTES, new Uint8Array(PAGE_BYTES));
  }
  assert.throws(() => read(path, false), StoreDamagedError);
  const { found, damage } = read(path, true);
  const count = found.find(([kind]) => kind === "PutOutgoing")?.[1] ?? 0;
  assert.ok(count > MESSAGES - 120 && count < MESSAGES, `${count} messages`);
  assert.equal(damage.gaps, 3);
});

Deno.test("a table that is not there is a gap", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  changed(path, "DROP TABLE outgoing");
  assert.throws(() => read(path, false), StoreDamagedError);
  assert.equal(read(path, true).found.length, 3);
});

/** A file in which messages of these sizes wait, open. */
function openWith(path: string, sizes: readonly number[]) {
  const { file, database } = openFile(path, 0);
  const changes = new PendingChanges();
  const session = newSession("a");
  for (const bytes of sizes) {
    changes.addOutgoing(session, newOutgoing(newMessage("t", new Uint8Array(bytes))));
  }
  const writer = new Writer();
  changes.take(writer, 0);
  file.apply(writer.written().slice());
  return { file, database };
}

/** The rows of outgoing messages in a chunk. */
function rowsIn(chunk: Uint8Array): number[] {
  const batch = new BatchReader(chunk);
  const rows: number[] = [];
  while (batch.next()) if (batch.change === Change.PutOutgoing) rows.push(batch.row);
  return rows;
}

Deno.test("large rows come in chunks of their own, a very large one alone", () => {
  using folder = temporaryFolder();
  const sizes = [10, 5000, 300_000, 20, 5001, 400_000, 5002];
  const { file, database } = openWith(`${folder.path}/broker.db`, sizes);
  const chunks: string[] = [];
  new TableReader(database, (chunk) => void chunks.push(rowsIn(chunk).join()), false).readAll();
  file.close();
  assert.deepEqual(chunks.filter((rows) => rows !== ""), ["2", "3", "5", "6", "7", "1,4"]);
});

Deno.test("of a large file so many rows are asked for at once as have a mebibyte", () => {
  using folder = temporaryFolder();
  const sizes = [...new Array(100).fill(10), ...new Array(8).fill(400_000)];
  const { file, database } = openWith(`${folder.path}/broker.db`, sizes);
  const read = (smallFileBytes: number) => {
    const rows: number[] = [];
    const emit = (chunk: Uint8Array) => void rows.push(...rowsIn(chunk));
    const { length } = [...new TableReader(database, emit, false, smallFileBytes).steps()];
    return { length, rows: rows.sort((one, other) => one - other) };
  };
  const [small, large] = [read(Infinity), read(0)];
  file.close();
  // Of the small rows 16, then 64; then all the others, which ends it, or what is left of the small
  // ones with two of the large ones, and three times two more.
  assert.deepEqual([small.length, large.length], [2, 6]);
  assert.deepEqual(large.rows, sizes.map((_, index) => index + 1));
  assert.deepEqual(small.rows, large.rows);
});
