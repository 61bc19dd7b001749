/**
 * A `mosquitto.db` that is open: its version, and its chunks one after the other.
 *
 * Owns the header of the file. What a chunk holds is up to the layout of the version. Chunks of a
 * kind that nobody knows are passed over, as Mosquitto does.
 */

import { BlockFile } from "./block_file.ts";
import { DatabaseError } from "./database_error.ts";
import { FileCursor } from "./file_cursor.ts";
import { PackedLayout } from "./packed_layout.ts";
import {
  type Chunk,
  ChunkKind,
  type Layout,
  type PersistedConfig,
  type PersistedMessage,
} from "./records.ts";
import { StructLayout } from "./struct_layout.ts";

const MAGIC = Uint8Array.of(0x00, 0xb5, 0x00, ...new TextEncoder().encode("mosquitto db"));
const SQLITE_MAGIC = new TextEncoder().encode("SQLite format 3\0");
const OLDEST_VERSION = 2;
const NEWEST_VERSION = 6;

export class DatabaseFile implements Disposable {
  readonly path: string;
  readonly version: number;
  readonly layout: Layout<FileCursor>;
  readonly config: PersistedConfig;
  readonly #file: BlockFile;
  /** Where the chunks start that follow the first, which is the configuration. */
  readonly #start: number;

  /** Throws `DatabaseError` when it is none that can be read. */
  static open(path: string): DatabaseFile {
    const file = BlockFile.open(path);
    try {
      return new DatabaseFile(file);
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  }

  private constructor(file: BlockFile) {
    this.#file = file;
    this.path = file.path;
    const cursor = new FileCursor(file);
    this.version = readVersion(cursor);
    this.layout = layoutOf(cursor, this.version);
    const first = this.layout.nextChunk(cursor);
    if (first?.kind !== ChunkKind.Config) {
      throw cursor.failure("the first chunk is not that of the configuration");
    }
    this.config = this.layout.config(cursor);
    this.#start = cursor.position;
  }

  get size(): number {
    return this.#file.size;
  }

  /**
   * Goes through the chunks. Whoever asks for the next has read the current one to its end with the
   * same cursor, or calls `passOver`.
   */
  *chunks(): Generator<{ readonly chunk: Chunk; readonly cursor: FileCursor }> {
    const cursor = new FileCursor(this.#file, this.#start);
    for (;;) {
      const chunk = this.layout.nextChunk(cursor);
      if (chunk === undefined) return;
      yield { chunk, cursor };
      if (this.version >= 5 && cursor.remaining > 0) {
        throw cursor.failure(`Cannot decode chunk: ${cursor.remaining} bytes too many`);
      }
    }
  }

  /** The message whose chunk starts at `start`. */
  messageAt(start: number): PersistedMessage {
    const cursor = new FileCursor(this.#file, start);
    this.layout.nextChunk(cursor);
    return this.layout.message(cursor);
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

function readVersion(cursor: FileCursor): number {
  const { file } = cursor;
  const { path } = file;
  if (file.size === 0) {
    throw new DatabaseError("it is empty", {
      path,
      advice: "Mosquitto has saved nothing in it: go on without it, or stop Mosquitto " +
        "(sudo systemctl stop mosquitto), which writes it, and try again",
    });
  }
  const start = cursor.take(Math.min(file.size, SQLITE_MAGIC.length), "header");
  if (startsWith(start, SQLITE_MAGIC)) {
    throw new DatabaseError("it is the database of Mosquitto's plugin persist-sqlite", {
      path,
      advice:
        "Only mosquitto.db, as 'persistence true' writes it, can be imported. Go on without " +
        "it: retained messages and sessions come back as the clients publish and subscribe",
    });
  }
  if (!startsWith(start, MAGIC)) {
    throw new DatabaseError("it does not start as a mosquitto.db does", {
      path,
      offset: 0,
      advice: "Name the file that persistence_file of mosquitto.conf names, mostly " +
        "/var/lib/mosquitto/mosquitto.db",
    });
  }
  cursor.position = MAGIC.length;
  cursor.passOver(4, "checksum");
  return cursor.fourByteInteger("version");
}

function layoutOf({ file }: FileCursor, version: number): Layout<FileCursor> {
  if (version === 5 || version === 6) return new StructLayout(version, file.size);
  if (version === 2 || version === 3 || version === 4) return new PackedLayout(version);
  throw new DatabaseError(
    `it has version ${version}; versions ${OLDEST_VERSION} to ${NEWEST_VERSION} are known`,
    {
      path: file.path,
      offset: MAGIC.length + 4,
      advice: version > NEWEST_VERSION
        ? "It was written by a newer Mosquitto: look for a newer version of this program"
        : "Start Mosquitto 2 with it once and stop it again: it writes it in its own version",
    },
  );
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return bytes.length >= start.length && start.every((byte, index) => byte === bytes[index]);
}
