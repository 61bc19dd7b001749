import assert from "node:assert/strict";
import { DatabaseError } from "../../../src/import/database/database_error.ts";
import { ChunkKind } from "../../../src/import/database/records.ts";
import { DatabaseBuilder, MAGIC } from "./database_fixture.ts";
import { readChunks, withFile } from "./file_on_disk.ts";

function failure(bytes: Uint8Array): DatabaseError {
  try {
    withFile(bytes, () => {});
  } catch (error) {
    assert(error instanceof DatabaseError);
    return error;
  }
  throw new Error("it was opened");
}

Deno.test("the version and the way of saving are known when a file is open", () => {
  for (const version of [2, 3, 4, 5, 6]) {
    for (const saved of [true, false]) {
      const read = withFile(new DatabaseBuilder(version, saved), (file) => [
        file.version,
        file.config.savedAtShutdown,
      ]);
      assert.deepEqual(read, [version, saved]);
    }
  }
});

Deno.test("chunks are gone through in order, behind that of the configuration", () => {
  for (const version of [4, 6]) {
    const builder = new DatabaseBuilder(version).retained(1).chunk(77, (body) => body.byte(1))
      .retained(2);
    const seen = readChunks(builder, ({ layout }, cursor, { kind, length }) => {
      if (kind === ChunkKind.Retained) return layout.retained(cursor);
      cursor.passOver(length, "chunk");
      return kind;
    });
    assert.deepEqual(seen, [1, 77, 2]);
  }
});

Deno.test("messageAt() reads the message of a chunk", () => {
  const builder = new DatabaseBuilder().message({ key: 1, payload: "one" })
    .message({ key: 2, payload: "two" });
  const payloads = withFile(builder, (file) => {
    const starts: number[] = [];
    for (const { chunk, cursor } of file.chunks()) {
      file.layout.passOverMessage(cursor);
      starts.push(chunk.start);
    }
    return starts.reverse().map((start) => new TextDecoder().decode(file.messageAt(start).payload));
  });
  assert.deepEqual(payloads, ["two", "one"]);
});

Deno.test("what is no mosquitto.db is refused with what to do", () => {
  assert.match(failure(new Uint8Array(0)).message, /it is empty/);
  assert.match(failure(new TextEncoder().encode("listener 1883\n")).message, /at byte 0: .*start/);
  const sqlite = failure(new TextEncoder().encode("SQLite format 3\0and more"));
  assert.match(sqlite.message, /plugin persist-sqlite/);
  assert.match(sqlite.advice, /'persistence true'/);
  const cut = failure(MAGIC.subarray(0, 9));
  assert.match(cut.message, /does not start as a mosquitto\.db does/);
  assert.match(failure(MAGIC).message, /at byte 15: Cannot decode checksum/);
});

Deno.test("a version that is not known is refused, older and newer ones with other advice", () => {
  const ofVersion = (version: number) => {
    const { bytes } = new DatabaseBuilder();
    bytes[22] = version;
    return failure(bytes);
  };
  assert.match(ofVersion(7).message, /at byte 19: it has version 7; versions 2 to 6 are known/);
  assert.match(ofVersion(7).advice, /newer Mosquitto/);
  assert.match(ofVersion(1).advice, /Start Mosquitto 2 with it once/);
});

Deno.test("a file that does not begin with its configuration is refused", () => {
  const { bytes } = new DatabaseBuilder();
  bytes[26] = 4;
  assert.match(failure(bytes).message, /the first chunk is not that of the configuration/);
  assert.match(failure(bytes.subarray(0, 23)).message, /the first chunk is not/);
});
