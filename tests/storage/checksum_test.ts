import assert from "node:assert/strict";
import { Writer } from "../../src/protocol/writer.ts";
import * as batch from "../../src/storage/batch.ts";
import {
  checksum,
  hasData,
  inboundSum,
  isIntact,
  progressSum,
  sealData,
} from "../../src/storage/checksum.ts";

/** One sealed message of an outgoing row with these keys. */
function sealed(row: number, session: number, message: number): Uint8Array {
  const writer = new Writer(64);
  batch.writeOutgoingKey(writer, row, session, message, 0, false);
  const start = batch.beginData(writer);
  for (let value = 0; value < 20; value++) writer.byte(value);
  batch.endData(writer, start);
  const reader = read(writer.written());
  sealData(reader);
  return reader.bytes;
}

function read(bytes: Uint8Array): batch.BatchReader {
  const reader = new batch.BatchReader(bytes);
  reader.next();
  return reader;
}

Deno.test("checksum() is FNV-1a", () => {
  const bytes = new TextEncoder().encode("foobar");
  assert.equal(checksum(bytes, 0, bytes.length, 0x811c9dc5 | 0) >>> 0, 0xbf9cf968);
});

Deno.test("every changed byte of keys that stay, data and checksum is found", () => {
  const bytes = sealed(0x1_0000_0001, 2, 3);
  assert.ok(isIntact(read(bytes)));
  for (let at = 0; at < bytes.length; at++) {
    // The kind, what changes without the data (Packet Identifier, released), and the length.
    if (at === 0 || (at >= 19 && at <= 25)) continue;
    const changed = bytes.slice();
    changed[at] = (changed[at] as number) ^ 0x10;
    assert.equal(isIntact(read(changed)), false, `byte ${at}`);
  }
});

Deno.test("data that is too short for a checksum is not intact", () => {
  const writer = new Writer(16);
  batch.writeMessageKey(writer, 1);
  batch.writeData(writer, new Uint8Array(3));
  assert.equal(isIntact(read(writer.written())), false);
});

Deno.test("sums of what has no data differ by each of their parts", () => {
  const sums = [
    progressSum(1, 2, 0),
    progressSum(2, 2, 0),
    progressSum(1, 3, 0),
    progressSum(1, 2, 1),
  ];
  assert.equal(new Set(sums).size, sums.length);
  assert.notEqual(inboundSum(1), inboundSum(65_537));
});

Deno.test("hasData() knows the changes that carry data", () => {
  const { Change } = batch;
  assert.deepEqual(
    Object.values(Change).filter((change) => typeof change === "number").filter(hasData),
    [
      Change.PutSession,
      Change.PutSubscription,
      Change.PutMessage,
      Change.PutOutgoing,
      Change.PutRetained,
    ],
  );
});
