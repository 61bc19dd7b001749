/**
 * Whatever a `mosquitto.db` holds, the import ends with a report or a `DatabaseError`.
 *
 * Owns the mutations: every length that a file may be cut to, and bytes that were flipped.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { DatabaseError, importDatabase } from "../../../src/import/database/import_database.ts";
import { DatabaseFile } from "../../../src/import/database/database_file.ts";
import { DatabaseIndex } from "../../../src/import/database/database_index.ts";
import { temporaryFolder } from "../../storage/fixture.ts";
import { DatabaseBuilder } from "./database_fixture.ts";
import { NOW_MS } from "./imported_store.ts";

/** A bit of everything. */
function sample(version: number): Uint8Array<ArrayBuffer> {
  return new DatabaseBuilder(version)
    .message({
      key: 1,
      topicName: "a/b",
      payload: "one",
      retain: true,
      properties: { contentType: "t" },
    })
    .message({ key: 2, topicName: "a/c", payload: "two", qos: 2, expiryTime: NOW_MS / 1000 + 9 })
    .client("phone", { username: "anna", interval: 60, expiryTime: NOW_MS / 1000 + 30 })
    .clientMessage("phone", { key: 1, identifiers: [3] })
    .clientMessage("phone", { key: 2, qos: 2, isIncoming: true, state: 7, packetIdentifier: 4 })
    .client("other").clientMessage("other", { key: 1, state: 3 })
    .subscription("phone", "a/#", { qos: 2, options: 4, identifier: 3 })
    .subscription("other", "$share/g/a/+").retained(1).bytes;
}

/** What comes of it: undefined, or why not. Anything but a `DatabaseError` is thrown on. */
async function outcome(folder: string, bytes: Uint8Array): Promise<DatabaseError | undefined> {
  const source = `${folder}/mosquitto.db`;
  const target = `${folder}/broker.db`;
  await Deno.writeFile(source, bytes);
  try {
    await importDatabase({ source, target, nowMs: NOW_MS, usersAreProven: true });
    await Deno.remove(target);
    return undefined;
  } catch (error) {
    if (error instanceof DatabaseError) return error;
    throw error;
  }
}

/** Only reads: many times as fast. */
function readOnly(folder: string, bytes: Uint8Array): DatabaseError | undefined {
  const source = `${folder}/mosquitto.db`;
  Deno.writeFileSync(source, bytes);
  try {
    using file = DatabaseFile.open(source);
    const index = new DatabaseIndex({
      nowMs: NOW_MS,
      persistentClientExpirationMs: Infinity,
      usersAreProven: true,
      isBridge: () => false,
    });
    for (const _step of index.read(file)) { /* To the end. */ }
    return undefined;
  } catch (error) {
    if (error instanceof DatabaseError) return error;
    throw error;
  }
}

for (const version of [4, 5, 6]) {
  Deno.test(`version ${version}: a file that is cut off within a chunk is refused, wherever`, () => {
    using folder = temporaryFolder();
    const whole = sample(version);
    const accepted: number[] = [];
    for (let length = 0; length < whole.length; length++) {
      const error = readOnly(folder.path, whole.subarray(0, length));
      if (error === undefined) accepted.push(length);
      else assert((error.offset ?? 0) <= length, `${error.message} in ${length} bytes`);
    }
    assert.deepEqual(accepted, chunkEnds(folder.path, whole).slice(0, -1));
  });

  Deno.test(`version ${version}: whatever byte is another, there is a report or a DatabaseError`, async () => {
    using folder = temporaryFolder();
    const whole = sample(version);
    assert.equal(await outcome(folder.path, whole), undefined);
    for (let at = 0; at < whole.length; at++) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const bytes = whole.slice();
        bytes[at] = (bytes[at] as number) ^ mask;
        readOnly(folder.path, bytes);
      }
    }
  });

  Deno.test(`version ${version}: whatever bytes are others, all of the import holds`, async () => {
    using folder = temporaryFolder();
    const whole = sample(version);
    const places = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(places, async (changes) => {
        const bytes = whole.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        await outcome(folder.path, bytes);
      }),
      { seed: 5, numRuns: 60 },
    );
  });
}

/** Where the chunks end: cut off there, a file looks whole. */
function chunkEnds(folder: string, whole: Uint8Array): number[] {
  const path = `${folder}/whole.db`;
  Deno.writeFileSync(path, whole);
  using file = DatabaseFile.open(path);
  const ends: number[] = [];
  for (const { chunk, cursor } of file.chunks()) {
    ends.push(chunk.start);
    if (chunk.kind === 2) file.layout.message(cursor);
    else if (chunk.kind === 3) file.layout.clientMessage(cursor);
    else if (chunk.kind === 4) file.layout.retained(cursor);
    else if (chunk.kind === 5) file.layout.subscription(cursor);
    else file.layout.client(cursor, chunk);
  }
  return [...ends, whole.length];
}
