import assert from "node:assert/strict";
import { BlockFile } from "../../../src/import/database/block_file.ts";
import { DatabaseError } from "../../../src/import/database/database_error.ts";
import { temporaryFolder } from "../../storage/fixture.ts";

/** Bytes of which each says where it is. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) & 0xff);
}

Deno.test("read() gives the bytes of any place, within a block and across blocks", () => {
  using folder = temporaryFolder();
  const bytes = pattern(100_000);
  Deno.writeFileSync(`${folder.path}/a`, bytes);
  using file = BlockFile.open(`${folder.path}/a`);
  assert.equal(file.size, bytes.length);
  const places = [[0, 1], [16_383, 2], [16_384, 16_384], [99_999, 1], [5, 99_995], [100_000, 0]];
  for (const [at = 0, length = 0] of places) {
    assert.deepEqual(file.read(at, length), bytes.slice(at, at + length));
  }
});

Deno.test("what read() has given stays as it is, however much is read afterwards", () => {
  using folder = temporaryFolder();
  const bytes = pattern(6_000_000);
  Deno.writeFileSync(`${folder.path}/a`, bytes);
  using file = BlockFile.open(`${folder.path}/a`);
  const first = file.read(10, 20);
  for (let at = 0; at < bytes.length; at += 16_384) file.read(at, 1);
  assert.deepEqual(first, bytes.slice(10, 30));
  assert.deepEqual(file.read(10, 20), first);
});

Deno.test("open() says what to do about a file that is not there, a folder", () => {
  using folder = temporaryFolder();
  const failure = (path: string) => {
    try {
      BlockFile.open(path)[Symbol.dispose]();
    } catch (error) {
      assert(error instanceof DatabaseError);
      return `${error.message}. ${error.advice}`;
    }
    return "opened";
  };
  assert.match(failure(`${folder.path}/no`), /no': there is no such file\. .*systemctl stop/);
  assert.match(failure(folder.path), /it is not a file\. Name the file itself/);
});

Deno.test("a file that has become shorter is reported", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a`;
  Deno.writeFileSync(path, pattern(50_000));
  using file = BlockFile.open(path);
  Deno.truncateSync(path, 20_000);
  assert.throws(() => file.read(49_000, 10), /at byte 32,768: the file has become shorter/);
});
