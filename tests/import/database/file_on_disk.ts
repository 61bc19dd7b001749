/**
 * A `mosquitto.db` on the disk for as long as a test looks into it.
 *
 * Owns its folder and the open file.
 */

import { DatabaseFile } from "../../../src/import/database/database_file.ts";
import type { FileCursor } from "../../../src/import/database/file_cursor.ts";
import type { Chunk } from "../../../src/import/database/records.ts";
import { temporaryFolder } from "../../storage/fixture.ts";
import type { DatabaseBuilder } from "./database_fixture.ts";

/** Opens the bytes as a file; `run` gets it. */
export function withFile<Value>(
  source: DatabaseBuilder | Uint8Array,
  run: (file: DatabaseFile) => Value,
): Value {
  using folder = temporaryFolder();
  const path = `${folder.path}/mosquitto.db`;
  Deno.writeFileSync(path, source instanceof Uint8Array ? source : source.bytes);
  using file = DatabaseFile.open(path);
  return run(file);
}

/** What `read` makes of each chunk behind that of the configuration. */
export function readChunks<Value>(
  source: DatabaseBuilder | Uint8Array,
  read: (file: DatabaseFile, cursor: FileCursor, chunk: Chunk) => Value,
): Value[] {
  return withFile(source, (file) => {
    const values: Value[] = [];
    for (const { chunk, cursor } of file.chunks()) values.push(read(file, cursor, chunk));
    return values;
  });
}
