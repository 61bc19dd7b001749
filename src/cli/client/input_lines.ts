/**
 * Standard input: its lines, read in blocks, or all of it.
 *
 * Owns the cutting. Invariant: a line is never changed after it was handed out; the last one counts
 * without a line end as well.
 */

import { ToolExit, ToolFailure } from "./tool_exit.ts";

/** Largest payload of an MQTT packet, less what the rest of the packet needs. */
export const LARGEST_PAYLOAD = 268_435_455;

/** Reads into the start of the buffer; null at the end. */
export type ReadBytes = (buffer: Uint8Array) => Promise<number | null>;

const BLOCK_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The lines of each block that is read, without their ends. Throws `ToolFailure` for one too long. */
export async function* inputLines(
  read: ReadBytes,
  isWindows: boolean = Deno.build.os === "windows",
): AsyncGenerator<readonly Uint8Array[]> {
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  for await (const block of inputBlocks(read)) {
    const lines: Uint8Array[] = [];
    let start = 0;
    for (let end = block.indexOf(LINE_FEED); end >= 0; end = block.indexOf(LINE_FEED, start)) {
      const line = block.subarray(start, end);
      lines.push(begun.length === 0 ? line : joined([...begun, line]));
      begun = [];
      begunBytes = 0;
      start = end + 1;
    }
    if (start < block.length) {
      begun.push(block.subarray(start));
      begunBytes += block.length - start;
      checkLength(begunBytes, "A line");
    }
    if (lines.length > 0) yield isWindows ? lines.map(withoutReturn) : lines;
  }
  if (begun.length > 0) yield [joined(begun)];
}

/** All of it; `onRead` is told the bytes of each block. Throws `ToolFailure` when it is too long. */
export async function wholeInput(
  read: ReadBytes,
  onRead: (bytes: number) => void,
): Promise<Uint8Array> {
  const blocks: Uint8Array[] = [];
  let length = 0;
  for await (const block of inputBlocks(read)) {
    blocks.push(block);
    length += block.length;
    checkLength(length, "Standard input");
    onRead(block.length);
  }
  return joined(blocks);
}

/** A buffer of its own for each block: the lines in it are still on their way when the next is read. */
async function* inputBlocks(read: ReadBytes): AsyncGenerator<Uint8Array> {
  let buffer = new Uint8Array(BLOCK_BYTES);
  for (;;) {
    const count = await read(buffer);
    if (count === null) return;
    yield buffer.subarray(0, count);
    // What comes in small pieces shares a buffer.
    buffer = buffer.length - count > BLOCK_BYTES / 4
      ? buffer.subarray(count)
      : new Uint8Array(BLOCK_BYTES);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function checkLength(length: number, what: string): void {
  if (length <= LARGEST_PAYLOAD) return;
  throw new ToolFailure(
    ToolExit.Failure,
    `${what} has more than ${LARGEST_PAYLOAD} bytes: no MQTT packet can carry that`,
  );
}

function withoutReturn(line: Uint8Array): Uint8Array {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}
