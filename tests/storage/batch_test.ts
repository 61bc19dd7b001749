import assert from "node:assert/strict";
import { Writer } from "../../src/protocol/writer.ts";
import * as batch from "../../src/storage/batch.ts";

const { BatchReader, Change } = batch;
const LARGE_ROW = 0xfedc_ba98_7654;

function withData(writer: Writer, text: string): void {
  const start = batch.beginData(writer);
  const bytes = new TextEncoder().encode(text);
  writer.rawBytes(bytes, 0, bytes.length);
  batch.endData(writer, start);
}

/** The `data` without its checksum, as text. */
function dataText(reader: batch.BatchReader): string {
  return new TextDecoder().decode(reader.data.subarray(0, -batch.CHECKSUM_BYTES));
}

Deno.test("a batch is read as it was written", () => {
  const writer = new Writer(16);
  batch.writeSessionKey(writer, LARGE_ROW, "\u00e4 client");
  withData(writer, "one");
  batch.writeSubscriptionKey(writer, 2, "a/#");
  withData(writer, "");
  batch.writeMessageKey(writer, 3);
  withData(writer, "x".repeat(70_000));
  batch.writeOutgoingKey(writer, 4, LARGE_ROW, 3, 65_535, true);
  withData(writer, "four");
  batch.writeUpdateOutgoing(writer, 4, 9, false);
  batch.writeInbound(writer, Change.PutInbound, 5, 1);
  batch.writeInbound(writer, Change.DeleteInbound, 5, 2);
  batch.writeRetainedKey(writer, "t");
  withData(writer, "kept");
  batch.writeDeleteRetained(writer, "gone");
  batch.writeDeleteSubscription(writer, 2, "b/+");
  batch.writeDelete(writer, Change.DeleteSession, 7);
  const reader = new BatchReader(writer.written());
  const read: unknown[] = [];
  while (reader.next()) {
    const { change, row, text } = reader;
    if (change === Change.PutOutgoing) {
      const { session, message, packetIdentifier, released } = reader;
      read.push([change, row, session, message, packetIdentifier, released, dataText(reader)]);
    } else if (change === Change.UpdateOutgoing) {
      read.push([change, row, reader.packetIdentifier, reader.released]);
    } else if (change === Change.PutInbound || change === Change.DeleteInbound) {
      read.push([change, row, reader.packetIdentifier]);
    } else if (change === Change.PutMessage) {
      read.push([change, row, dataText(reader).length]);
    } else if (change === Change.PutRetained) {
      read.push([change, text, dataText(reader)]);
    } else if (change === Change.PutSession || change === Change.PutSubscription) {
      read.push([change, row, text, dataText(reader)]);
    } else {
      read.push(change === Change.DeleteSession ? [change, row] : [change, text]);
    }
  }
  assert.deepEqual(read, [
    [Change.PutSession, LARGE_ROW, "\u00e4 client", "one"],
    [Change.PutSubscription, 2, "a/#", ""],
    [Change.PutMessage, 3, 70_000],
    [Change.PutOutgoing, 4, LARGE_ROW, 3, 65_535, true, "four"],
    [Change.UpdateOutgoing, 4, 9, false],
    [Change.PutInbound, 5, 1],
    [Change.DeleteInbound, 5, 2],
    [Change.PutRetained, "t", "kept"],
    [Change.DeleteRetained, "gone"],
    [Change.DeleteSubscription, "b/+"],
    [Change.DeleteSession, 7],
  ]);
});

Deno.test("data that comes from a file keeps its checksum", () => {
  const writer = new Writer(16);
  batch.writeMessageKey(writer, 1);
  batch.writeData(writer, new Uint8Array([1, 2, 3, 4, 5]));
  const reader = new BatchReader(writer.written());
  reader.next();
  assert.deepEqual(reader.data, new Uint8Array([1, 2, 3, 4, 5]));
});

Deno.test("a batch that ends too early or has an unknown change is refused", () => {
  const writer = new Writer(16);
  batch.writeDelete(writer, Change.DeleteMessage, 1);
  const early = new BatchReader(writer.written().subarray(0, 4));
  assert.throws(() => early.next(), /Cannot decode row/);
  const unknown = new BatchReader(new Uint8Array([99]));
  assert.throws(() => unknown.next(), /there is no change 99/);
});
