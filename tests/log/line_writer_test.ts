/**
 * Writing lines: one write a turn, nothing thrown, what was lost is said.
 */

import assert from "node:assert/strict";
import { BatchedWriter, StreamWriter, writeAll } from "../../src/log/line_writer.ts";

const decoder = new TextDecoder();

Deno.test("BatchedWriter writes the lines of one turn as one piece when the turn ends", async () => {
  const pieces: string[] = [];
  const writer = new BatchedWriter((piece) => pieces.push(piece));
  writer.write("a\n");
  writer.write("b\n");
  assert.deepEqual(pieces, []);
  await Promise.resolve();
  writer.write("c\n");
  await Promise.resolve();
  assert.deepEqual(pieces, ["a\nb\n", "c\n"]);
});

Deno.test("BatchedWriter writes at once when told to, when closed, and when much waits", async () => {
  const pieces: string[] = [];
  const writer = new BatchedWriter((piece) => pieces.push(piece));
  writer.write("a\n");
  writer.flush();
  writer.flush();
  assert.deepEqual(pieces, ["a\n"]);
  const long = `${"x".repeat(70_000)}\n`;
  writer.write(long);
  assert.deepEqual(pieces, ["a\n", long]);
  writer.write("b\n");
  writer.close();
  await Promise.resolve();
  assert.deepEqual(pieces, ["a\n", long, "b\n"]);
});

Deno.test("writeAll() goes on after a partial write", () => {
  const taken: string[] = [];
  const sink = {
    writeSync(bytes: Uint8Array): number {
      const part = bytes.subarray(0, 3);
      taken.push(decoder.decode(part));
      return part.length;
    },
  };
  writeAll(sink, new TextEncoder().encode("abcdefgh"));
  assert.deepEqual(taken, ["abc", "def", "gh"]);
});

Deno.test("writeAll() fails rather than wait for a sink that takes nothing", () => {
  assert.throws(
    () => writeAll({ writeSync: () => 0 }, new Uint8Array(5)),
    /Cannot write 5 of 5 bytes/,
  );
});

Deno.test("StreamWriter counts the lines it could not write and says so with the next", () => {
  let broken = true;
  let written = "";
  const writer = new StreamWriter({
    writeSync(bytes) {
      if (broken) throw new Deno.errors.BrokenPipe();
      written += decoder.decode(bytes);
      return bytes.length;
    },
  });
  writer.put("a\nb\n");
  writer.put("c\n");
  broken = false;
  writer.put("d\n");
  writer.put("e\n");
  assert.equal(written, "(3 log lines are missing here)\nd\ne\n");
});
