import assert from "node:assert/strict";
import { BlockFile } from "../../../src/import/database/block_file.ts";
import { DatabaseError } from "../../../src/import/database/database_error.ts";
import { FileCursor } from "../../../src/import/database/file_cursor.ts";
import { malformed } from "../../../src/protocol/reason_code.ts";
import { temporaryFolder } from "../../storage/fixture.ts";

function withCursor(bytes: readonly number[], run: (cursor: FileCursor) => void): void {
  using folder = temporaryFolder();
  Deno.writeFileSync(`${folder.path}/a`, Uint8Array.from(bytes));
  using file = BlockFile.open(`${folder.path}/a`);
  run(new FileCursor(file));
}

Deno.test("numbers are read big-endian, one after the other", () => {
  withCursor([1, 2, 3, 0xff, 0xfe, 0xfd, 0xfc], (cursor) => {
    assert.equal(cursor.byte("a"), 1);
    assert.equal(cursor.twoByteInteger("b"), 0x0203);
    assert.equal(cursor.fourByteInteger("c"), 0xfffe_fdfc);
    assert.equal(cursor.remaining, 0);
  });
});

Deno.test("messageKey() tells all numbers of 64 bits apart", () => {
  const bytes = [
    ...[1, 0, 0, 0, 0, 0, 0, 0],
    ...[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0],
    ...[0, 0, 0, 0, 0, 0, 0x20, 0],
    ...[1, 0, 0, 0, 0, 0, 0x20, 0],
  ];
  withCursor(bytes, (cursor) => {
    const keys = [1, 2, 3, 4].map(() => cursor.messageKey("key"));
    assert.deepEqual(keys, [1, Number.MAX_SAFE_INTEGER, 2n ** 53n, 2n ** 53n + 1n]);
  });
});

Deno.test("time() reads times of 8 and 4 bytes, of computers of either byte order", () => {
  const bytes = [
    ...[0x80, 0x43, 0x6d, 0x38, 0, 0, 0, 0],
    ...[0, 0, 0, 0, 0x38, 0x6d, 0x43, 0x80],
    ...[0x80, 0x43, 0x6d, 0x38],
    ...[0, 0, 0, 0, 0, 0, 0, 0],
  ];
  withCursor(bytes, (cursor) => {
    const times = [8, 8, 4, 8].map((length) => cursor.time("time", length));
    assert.deepEqual(times, [946_684_800, 946_684_800, 946_684_800, 0]);
  });
  withCursor([9, 9, 9, 9, 9, 9, 9, 9], (cursor) => {
    assert.throws(() => cursor.time("expiry"), /at byte 0: Cannot decode expiry: it is not a time/);
  });
});

Deno.test("what goes beyond the end is refused with the place and the field", () => {
  withCursor([1, 2, 3, 4], (cursor) => {
    cursor.position = 1;
    assert.throws(() => cursor.take(12, "Topic Name"), (error) => {
      assert(error instanceof DatabaseError);
      assert.equal(error.offset, 1);
      assert.match(
        error.message,
        /at byte 1: Cannot decode Topic Name: 12 bytes announced, 3 remain/,
      );
      return true;
    });
    cursor.end = 2;
    assert.throws(() => cursor.passOver(2, "gap"), /2 bytes announced, 1 remain/);
  });
});

Deno.test("text() refuses what is not UTF-8", () => {
  withCursor([0x61, 0xc3, 0xa4, 0xff], (cursor) => {
    assert.equal(cursor.text(3, "name"), "a\u00e4");
    assert.throws(() => cursor.text(1, "name"), /at byte 3: Cannot decode name: not well-formed/);
  });
});

Deno.test("decode() turns what is malformed for the protocol into damage, and nothing else", () => {
  withCursor([0], (cursor) => {
    const failing = (error: Error) => () =>
      cursor.decode("Properties", 0, () => {
        throw error;
      });
    assert.throws(failing(malformed("too short")), /byte 0: Cannot decode Properties: too short/);
    assert.throws(failing(new TypeError("ours")), TypeError);
  });
});
