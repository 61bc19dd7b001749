/**
 * A file that is read at any place, in blocks, without holding all of it.
 *
 * Owns the open file and the blocks that were read last. Invariant: a block is never written to
 * again, so what was returned stays as it is.
 */

import { DatabaseError, IF_DAMAGED } from "./database_error.ts";

/** Small enough that a message here and a message there cost little, large enough to read on. */
const BLOCK_BYTES = 16 * 1024;
const MOST_BLOCKS = 256;

export class BlockFile implements Disposable {
  readonly path: string;
  /** When it was opened. */
  readonly size: number;
  readonly #file: Deno.FsFile;
  /** By number, in the order in which they were read. */
  readonly #blocks = new Map<number, Uint8Array>();
  #lastNumber = -1;
  #last: Uint8Array = new Uint8Array(0);

  private constructor(path: string, file: Deno.FsFile, size: number) {
    this.path = path;
    this.#file = file;
    this.size = size;
  }

  /** Throws `DatabaseError` when it cannot be opened. */
  static open(path: string): BlockFile {
    let file: Deno.FsFile;
    try {
      file = Deno.openSync(path, { read: true });
    } catch (error) {
      throw openFailure(path, error);
    }
    const { size, isFile } = file.statSync();
    if (isFile) return new BlockFile(path, file, size);
    file.close();
    throw new DatabaseError("it is not a file", {
      path,
      advice: "Name the file itself, as /var/lib/mosquitto/mosquitto.db",
    });
  }

  /**
   * `length` bytes from `position` on. Where they end must be within `size`. Throws `DatabaseError`
   * when the file has become shorter.
   */
  read(position: number, length: number): Uint8Array {
    const number = Math.floor(position / BLOCK_BYTES);
    const start = position - number * BLOCK_BYTES;
    if (start + length <= BLOCK_BYTES) return this.#block(number).subarray(start, start + length);
    return this.#readBytes(position, length);
  }

  #block(number: number): Uint8Array {
    if (number === this.#lastNumber) return this.#last;
    let block = this.#blocks.get(number);
    if (block === undefined) {
      const start = number * BLOCK_BYTES;
      block = this.#readBytes(start, Math.min(BLOCK_BYTES, this.size - start));
      this.#blocks.set(number, block);
      const [oldest] = this.#blocks.keys();
      if (this.#blocks.size > MOST_BLOCKS) this.#blocks.delete(oldest as number);
    }
    this.#lastNumber = number;
    this.#last = block;
    return block;
  }

  #readBytes(position: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    this.#file.seekSync(position, Deno.SeekMode.Start);
    for (let filled = 0; filled < length;) {
      const count = this.#file.readSync(bytes.subarray(filled));
      if (count === null) {
        throw new DatabaseError("the file has become shorter while it was read", {
          path: this.path,
          offset: position + filled,
          advice: IF_DAMAGED,
        });
      }
      filled += count;
    }
    return bytes;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

function openFailure(path: string, error: unknown): unknown {
  if (error instanceof Deno.errors.NotFound) {
    return new DatabaseError("there is no such file", {
      path,
      advice: "Mosquitto keeps it where persistence_location and persistence_file of " +
        "mosquitto.conf say, mostly as /var/lib/mosquitto/mosquitto.db, and writes it when it " +
        "is stopped: sudo systemctl stop mosquitto",
    });
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return new DatabaseError("it may not be read", {
      path,
      advice: "It belongs to the user mosquitto: try it with sudo",
    });
  }
  return error;
}
