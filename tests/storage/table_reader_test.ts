import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { BatchReader, Change } from "../../src/storage/batch.ts";
import { StoreDamagedError } from "../../src/storage/errors.ts";
import { openToRead } from "../../src/storage/copy.ts";
import { TableReader } from "../../src/storage/table_reader.ts";
import { makeFile, MESSAGES, overwrite, PAGE_BYTES } from "./damage_fixture.ts";
import { temporaryFolder } from "./fixture.ts";

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
