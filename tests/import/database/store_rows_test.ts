import assert from "node:assert/strict";
import { Message } from "../../../src/broker/message.ts";
import { Outgoing } from "../../../src/broker/outgoing.ts";
import { Topic } from "../../../src/broker/topic_table.ts";
import { StoreRows } from "../../../src/import/database/store_rows.ts";
import { BatchReader, Change } from "../../../src/storage/batch.ts";

/** What the batches say that `write` makes. */
function changes(write: (rows: StoreRows) => void): string[] {
  const seen: string[] = [];
  const rows = new StoreRows((chunk) => {
    const batch = new BatchReader(chunk);
    while (batch.next()) {
      const { change, row, session, message, packetIdentifier, released, text } = batch;
      const keys = change === Change.PutOutgoing
        ? [row, session, message, packetIdentifier, released]
        : change === Change.PutInbound
        ? [row, packetIdentifier]
        : change === Change.PutRetained
        ? [text]
        : [row, text];
      seen.push(`${Change[change]} ${keys.join(" ")}`);
    }
  });
  write(rows);
  rows.flush();
  return seen;
}

const message = new Message(new Topic("t"), Uint8Array.of(1), 1, false);

Deno.test("rows are handed on in order, outgoing ones with growing numbers", () => {
  const outgoing = (packetIdentifier: number) =>
    Object.assign(new Outgoing(message, 2, false, [], undefined), {
      packetIdentifier,
      released: packetIdentifier > 0,
    });
  const seen = changes((rows) => {
    rows.message(5, message);
    rows.outgoing(1, outgoing(0), 5);
    rows.outgoing(1, outgoing(9), 0);
    rows.inbound(1, 300);
    rows.retained(message);
  });
  assert.deepEqual(seen, [
    "PutMessage 5 ",
    "PutOutgoing 1 1 5 0 false",
    "PutOutgoing 2 1 0 9 true",
    "PutInbound 1 300",
    "PutRetained t",
  ]);
});

Deno.test("it is full when there is much to hand on, and empty again afterwards", () => {
  let batches = 0;
  const rows = new StoreRows(() => batches++);
  rows.flush();
  assert.deepEqual([batches, rows.isFull], [0, false]);
  const large = new Message(new Topic("t"), new Uint8Array(2_000_000), 1, false);
  rows.retained(large);
  assert.equal(rows.isFull, true);
  rows.flush();
  assert.deepEqual([batches, rows.isFull], [1, false]);
  rows.retained(message);
  rows.flush();
  assert.equal(batches, 2);
});
