import assert from "node:assert/strict";
import { LineReader } from "../../src/control/line_reader.ts";

/** Gives `chunks` one by one, and then ends. */
function source(...chunks: string[]) {
  return {
    reads: 0,
    read(buffer: Uint8Array): Promise<number | null> {
      this.reads++;
      const chunk = chunks.shift();
      if (chunk === undefined) return Promise.resolve(null);
      const bytes = new TextEncoder().encode(chunk);
      buffer.set(bytes);
      return Promise.resolve(bytes.length);
    },
  };
}

Deno.test("LineReader gives line after line, however they come", async () => {
  const from = source("one\ntwo\n\nth", "r", "ee\n");
  const lines = new LineReader(from, 100);
  assert.deepEqual(
    [await lines.next(), await lines.next(), await lines.next()],
    ["one", "two", ""],
  );
  assert.equal(from.reads, 1);
  assert.equal(await lines.next(), "three");
  await assert.rejects(lines.next(), /the connection ended before it did/);
});

Deno.test("LineReader refuses a line that is too long, and one that does not end", async () => {
  await assert.rejects(new LineReader(source("12345", "6789"), 8).next(), /longer than 8 bytes/);
  assert.equal(await new LineReader(source("12345", "678\n"), 8).next(), "12345678");
  await assert.rejects(new LineReader(source("12"), 8).next(), /the connection ended/);
});
