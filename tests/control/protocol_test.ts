/**
 * The lines of the control socket.
 */

import assert from "node:assert/strict";
import { writeAll } from "../../src/transport/transport.ts";
import {
  encodeLine,
  MAX_LINE_BYTES,
  parseReply,
  parseRequest,
  readLine,
} from "../../src/control/protocol.ts";

/** A connection that gives `chunks`, and then ends. */
function source(...chunks: Uint8Array[]) {
  return {
    read(buffer: Uint8Array): Promise<number | null> {
      const chunk = chunks.shift();
      if (chunk === undefined) return Promise.resolve(null);
      buffer.set(chunk.subarray(0, buffer.length));
      return Promise.resolve(Math.min(chunk.length, buffer.length));
    },
  };
}

Deno.test("a request and a reply are read as they were written", async () => {
  const request = { command: "reload" } as const;
  assert.deepEqual(parseRequest(await readLine(source(encodeLine(request)))), request);
  const reply = { ok: false, lines: ["a\nb", "gr\u00fcn"] };
  assert.deepEqual(parseReply(await readLine(source(encodeLine(reply)))), reply);
});

Deno.test("readLine() joins what comes in parts, characters included", async () => {
  const bytes = encodeLine({ ok: true, lines: ["gr\u00fcn"] });
  const parts = [...bytes].map((byte) => Uint8Array.of(byte));
  assert.deepEqual(parseReply(await readLine(source(...parts))).lines, ["gr\u00fcn"]);
});

Deno.test("readLine() refuses a line that does not end", async () => {
  await assert.rejects(readLine(source(new TextEncoder().encode("{}"))), /the connection ended/);
  const block = new Uint8Array(16 * 1024).fill(0x20);
  const blocks = Array.from({ length: MAX_LINE_BYTES / block.length + 1 }, () => block);
  await assert.rejects(readLine(source(...blocks)), /longer than 1048576 bytes/);
});

Deno.test("parseReply() refuses what is no answer", () => {
  for (const line of ["", "[]", "null", '{"ok":1,"lines":[]}', '{"ok":true}']) {
    assert.throws(() => parseReply(line), Error, line);
  }
});

Deno.test("writeAll() goes on where a write took only a part", async () => {
  const written: number[] = [];
  const sink = {
    write(bytes: Uint8Array): Promise<number> {
      written.push(bytes[0] ?? -1);
      return Promise.resolve(1);
    },
  };
  await writeAll(sink, Uint8Array.of(1, 2, 3));
  assert.deepEqual(written, [1, 2, 3]);
});
