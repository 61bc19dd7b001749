import assert from "node:assert/strict";
import { inputLines, LARGEST_PAYLOAD, wholeInput } from "../../../src/cli/client/input_lines.ts";
import { asText } from "../../support/packet_text.ts";

/** Gives a text in pieces, a read each. */
function reader(...pieces: string[]): (buffer: Uint8Array) => Promise<number | null> {
  const left = pieces.map((piece) => new TextEncoder().encode(piece));
  return (buffer) => {
    const piece = left.shift();
    if (piece === undefined) return Promise.resolve(null);
    buffer.set(piece.subarray(0, buffer.length));
    if (piece.length > buffer.length) left.unshift(piece.subarray(buffer.length));
    return Promise.resolve(Math.min(piece.length, buffer.length));
  };
}

async function linesOf(isWindows: boolean, ...pieces: string[]): Promise<string[]> {
  const lines: Uint8Array[] = [];
  for await (const some of inputLines(reader(...pieces), isWindows)) lines.push(...some);
  // Only now: a line must not change when more is read.
  return lines.map(asText);
}

Deno.test("inputLines() cuts at line feeds, however the input comes", async () => {
  assert.deepEqual(await linesOf(false), []);
  assert.deepEqual(await linesOf(false, "a\nb\n"), ["a", "b"]);
  assert.deepEqual(await linesOf(false, "a\nb"), ["a", "b"]);
  assert.deepEqual(await linesOf(false, "a", "b\n", "\n", "c", "", "d"), ["ab", "", "cd"]);
  assert.deepEqual(await linesOf(false, "a\r\n\0b\n"), ["a\r", "\0b"]);
});

Deno.test("inputLines() gives long lines whole, and small pieces their own bytes", async () => {
  const long = "x".repeat(200_000);
  assert.deepEqual(await linesOf(false, `${long}\nshort\n${long}`), [long, "short", long]);
  const many = Array.from({ length: 5000 }, (_, index) => `line ${index}\n`);
  assert.deepEqual(await linesOf(false, ...many), many.map((line) => line.slice(0, -1)));
});

Deno.test("inputLines() takes the carriage return for a part of the line end on Windows", async () => {
  assert.deepEqual(await linesOf(true, "a\r\nb\n\r\n"), ["a", "b", ""]);
});

Deno.test("inputLines() gives up on a line that no packet can carry", async () => {
  const endless = (buffer: Uint8Array): Promise<number> => Promise.resolve(buffer.length);
  await assert.rejects(inputLines(endless, false).next(), {
    name: "ToolFailure",
    message: `A line has more than ${LARGEST_PAYLOAD} bytes: no MQTT packet can carry that`,
  });
});

Deno.test("wholeInput() joins what it reads, and tells how much it was", async () => {
  const counts: number[] = [];
  const whole = await wholeInput(reader("ab\n", "c"), (bytes) => counts.push(bytes));
  assert.deepEqual([asText(whole), counts], ["ab\nc", [3, 1]]);
  assert.equal((await wholeInput(reader(), () => {})).length, 0);
});
