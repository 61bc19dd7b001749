import assert from "node:assert/strict";
import { BlockFile } from "../../../src/import/database/block_file.ts";
import {
  checkKeySize,
  expiryMs,
  readMessageProperties,
  readSubscriptionIdentifiers,
  readTopicName,
  toIsIncoming,
  toQoS,
  toState,
} from "../../../src/import/database/fields.ts";
import { FileCursor } from "../../../src/import/database/file_cursor.ts";
import { temporaryFolder } from "../../storage/fixture.ts";

function withCursor(bytes: string | readonly number[], run: (cursor: FileCursor) => void): void {
  using folder = temporaryFolder();
  const content = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  Deno.writeFileSync(`${folder.path}/a`, Uint8Array.from(content));
  using file = BlockFile.open(`${folder.path}/a`);
  run(new FileCursor(file));
}

Deno.test("numbers with a meaning are refused when they have none", () => {
  withCursor([], (cursor) => {
    assert.deepEqual([toQoS(cursor, 2), toState(cursor, 11)], [2, 11]);
    assert.deepEqual([toIsIncoming(cursor, 0), toIsIncoming(cursor, 1)], [true, false]);
    checkKeySize(cursor, 8);
    assert.throws(() => toQoS(cursor, 3), /Cannot decode QoS: it is 3/);
    assert.throws(() => toState(cursor, 12), /there is no state 12/);
    assert.throws(() => toIsIncoming(cursor, 2), /direction of message: it is 2/);
    assert.throws(() => checkKeySize(cursor, 4), /size of message numbers: it is 4/);
  });
});

Deno.test("readTopicName() refuses what is no Topic Name", () => {
  withCursor("a/b+", (cursor) => {
    assert.equal(readTopicName(cursor, 3, false), "a/b");
    assert.throws(() => readTopicName(cursor, 1, false), /at byte 3: Cannot accept Topic Name/);
    assert.throws(() => readTopicName(cursor, 0, false), /Topic Name: it is empty/);
    assert.equal(readTopicName(cursor, 0, true), "");
  });
});

Deno.test("expiryMs() makes milliseconds of seconds, and of 0 for ever", () => {
  assert.deepEqual([expiryMs(0), expiryMs(12)], [Infinity, 12_000]);
});

Deno.test("properties are read to the end of the chunk, and no further", () => {
  withCursor([4, 0x03, 0, 1, 0x74, 0xff], (cursor) => {
    cursor.end = 5;
    assert.deepEqual(readMessageProperties(cursor), Uint8Array.of(0x03, 0, 1, 0x74));
    assert.deepEqual(readMessageProperties(cursor), new Uint8Array(0));
  });
  withCursor([4, 0x03, 0, 1, 0x74, 0xff], (cursor) => {
    assert.throws(() => readMessageProperties(cursor), /at byte 0: .*1 byte too many/);
  });
  withCursor([4, 0x03, 0, 9, 0x74], (cursor) => {
    assert.throws(() => readMessageProperties(cursor), /Content Type: 9 bytes announced, 1 remain/);
  });
});

Deno.test("readSubscriptionIdentifiers() reads them all", () => {
  withCursor([5, 0x0b, 7, 0x0b, 0x80, 0x01], (cursor) => {
    assert.deepEqual(readSubscriptionIdentifiers(cursor), [7, 128]);
    assert.deepEqual(readSubscriptionIdentifiers(cursor), []);
  });
  withCursor([2, 0x0b, 0], (cursor) => {
    assert.throws(() => readSubscriptionIdentifiers(cursor), /Subscription Identifier: 0 is not/);
  });
});
