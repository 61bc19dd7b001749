import assert from "node:assert/strict";
import { Writer } from "../../src/protocol/writer.ts";
import {
  type BatchReader,
  Change,
  LARGE_ROW_BYTES,
  writeData,
  writeInbound,
  writeMessageKey,
} from "../../src/storage/batch.ts";
import { isLarge, LoadedChunks } from "../../src/storage/loaded_chunks.ts";

/** A chunk of messages in rows 1, 2, ... with so many bytes of data each. */
function chunkOf(...sizes: number[]): Uint8Array {
  const writer = new Writer();
  sizes.forEach((bytes, index) => {
    writeMessageKey(writer, index + 1);
    writeData(writer, new Uint8Array(bytes).fill(index + 1));
  });
  return writer.written().slice();
}

/** Adds a chunk; returns the places of the rows that are kept. */
function addTo(
  chunks: LoadedChunks,
  bytes: Uint8Array,
  isKept: (batch: BatchReader) => boolean = () => true,
): number[] {
  const places: number[] = [];
  chunks.add(bytes, (batch, place) => {
    if (!isKept(batch)) return false;
    places.push(place);
    return true;
  });
  return places;
}

const SMALL = 10;
const LARGE = LARGE_ROW_BYTES;

Deno.test("rows are found again where they were put, small and large ones", () => {
  const chunks = new LoadedChunks();
  const places = [
    ...addTo(chunks, chunkOf(SMALL, LARGE, SMALL)),
    ...addTo(chunks, chunkOf(LARGE, LARGE - 1)),
  ];
  const found = places.map((place) => {
    const batch = chunks.at(place);
    return [batch.row, batch.data.length, batch.data[0]];
  });
  assert.deepEqual(found, [
    [1, SMALL, 1],
    [2, LARGE, 2],
    [3, SMALL, 3],
    [1, LARGE, 1],
    [2, LARGE - 1, 2],
  ]);
});

Deno.test("a large row has a buffer of its own, and one that came alone is not copied", () => {
  const chunks = new LoadedChunks();
  const mixed = chunkOf(LARGE, SMALL, 2 * LARGE);
  const [first, , third] = addTo(chunks, mixed).map((place) => chunks.at(place));
  for (const [batch, bytes] of [[first, LARGE], [third, 2 * LARGE]] as const) {
    assert.ok(batch && isLarge(batch));
    assert.notEqual(batch.bytes.buffer, mixed.buffer);
    assert.ok(batch.bytes.length < bytes + 20, `${batch.bytes.length}`);
  }
  const alone = chunkOf(LARGE);
  const [place = NaN] = addTo(chunks, alone);
  assert.equal(chunks.at(place).bytes.buffer, alone.buffer);
});

Deno.test("a chunk is let go with the last of its rows", () => {
  const chunks = new LoadedChunks();
  const [first = NaN, second = NaN, large = NaN] = addTo(chunks, chunkOf(SMALL, SMALL, LARGE));
  chunks.done(large);
  assert.throws(() => chunks.at(large), TypeError);
  chunks.done(first);
  assert.equal(chunks.at(second).row, 2);
  chunks.done(second);
  assert.throws(() => chunks.at(second), TypeError);
});

Deno.test("what nobody reads later is not kept, nor taken for large", () => {
  const chunks = new LoadedChunks();
  const writer = new Writer();
  const large = chunkOf(LARGE);
  writer.rawBytes(large, 0, large.length);
  writeInbound(writer, Change.PutInbound, 1, 7);
  const kinds: boolean[] = [];
  addTo(chunks, writer.written().slice(), (batch) => {
    kinds.push(isLarge(batch));
    return false;
  });
  assert.deepEqual(kinds, [true, false]);
  assert.throws(() => chunks.at(0), TypeError);
});
