/**
 * Rows as they were loaded from the file, until each of them was read.
 *
 * Owns the loaded bytes. A large row has a buffer of its own, which whoever reads it may keep: a copy
 * of it would double what a start takes. The small ones stay together in the chunk that they came in,
 * which is let go with the last of them.
 */

import { BatchReader, LARGE_ROW_BYTES } from "./batch.ts";
import { hasData } from "./checksum.ts";

/** A place: number of the chunk times this, plus where in it. */
const CHUNK_SPACE = 2 ** 32;

interface Chunk {
  readonly bytes: Uint8Array;
  /** Rows that will be read. */
  unread: number;
}

/** Whether the current change of `batch` has a buffer of its own once it is loaded. */
export function isLarge({ change, dataStart, dataEnd }: BatchReader): boolean {
  return hasData(change) && dataEnd - dataStart >= LARGE_ROW_BYTES;
}

export class LoadedChunks {
  /** Undefined: all of it was read. */
  #chunks: (Chunk | undefined)[] = [];

  /**
   * Takes the next chunk. `take` is called for each row of it; it returns whether the row will be
   * read later, at that place, and `done` afterwards.
   */
  add(bytes: Uint8Array, take: (batch: BatchReader, place: number) => boolean): void {
    const small = { bytes, unread: 0 };
    const smallIndex = this.#chunks.push(undefined) - 1;
    const batch = new BatchReader(bytes);
    for (let at = 0; batch.next(); at = batch.position) {
      const own = isLarge(batch);
      const place = own ? this.#chunks.length * CHUNK_SPACE : smallIndex * CHUNK_SPACE + at;
      if (!take(batch, place)) continue;
      if (own) this.#addOwn(bytes, at, batch.position);
      else small.unread++;
    }
    if (small.unread > 0) this.#chunks[smallIndex] = small;
  }

  #addOwn(bytes: Uint8Array, start: number, end: number): void {
    const isAlone = start === 0 && end === bytes.length;
    this.#chunks.push({ bytes: isAlone ? bytes : bytes.slice(start, end), unread: 1 });
  }

  /** The row at `place`, as the current change. */
  at(place: number): BatchReader {
    const { bytes } = this.#chunks[Math.floor(place / CHUNK_SPACE)] as Chunk;
    const batch = new BatchReader(bytes, place % CHUNK_SPACE);
    batch.next();
    return batch;
  }

  /** The row at `place` will not be read any more. */
  done(place: number): void {
    const index = Math.floor(place / CHUNK_SPACE);
    const chunk = this.#chunks[index] as Chunk;
    if (--chunk.unread === 0) this.#chunks[index] = undefined;
  }

  clear(): void {
    this.#chunks = [];
  }
}
