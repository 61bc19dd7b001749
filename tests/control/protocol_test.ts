/**
 * The lines of the control socket.
 */

import assert from "node:assert/strict";
import { writeAll } from "../../src/transport/transport.ts";
import {
  CONTROL_PROTOCOL,
  encodeLine,
  MAX_LINE_BYTES,
  parseAnswer,
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

Deno.test("a request, an item and a reply are read as they were written", async () => {
  const request = {
    command: "clients",
    protocol: 7,
    arguments: { all: true, user: "ann", age: 1 },
  };
  assert.deepEqual(parseRequest(await readLine(source(encodeLine(request)))), request);
  const item = { item: { topicName: "a\nb", count: 2, list: [null] } };
  assert.deepEqual(parseAnswer(await readLine(source(encodeLine(item)))), item);
  const reply = { ok: false, lines: ["a\nb", "gr\u00fcn"] };
  assert.deepEqual(parseAnswer(await readLine(source(encodeLine(reply)))), reply);
});

Deno.test("parseRequest() takes the request of a version that had nothing but its command", () => {
  assert.deepEqual(parseRequest('{"command":"reload"}'), {
    command: "reload",
    protocol: CONTROL_PROTOCOL,
    arguments: {},
  });
});

Deno.test("parseRequest() refuses what is of another form", () => {
  for (
    const line of [
      "{}",
      '{"command":7}',
      '{"command":"a","protocol":"1"}',
      '{"command":"a","arguments":null}',
      '{"command":"a","arguments":{"x":[1]}}',
    ]
  ) {
    assert.throws(() => parseRequest(line), /of another version, or not of this program/, line);
  }
});

Deno.test("readLine() joins what comes in parts, characters included", async () => {
  const bytes = encodeLine({ ok: true, lines: ["gr\u00fcn"] });
  const parts = [...bytes].map((byte) => Uint8Array.of(byte));
  const answer = parseAnswer(await readLine(source(...parts)));
  assert.deepEqual(answer, { ok: true, lines: ["gr\u00fcn"] });
});

Deno.test("readLine() refuses a line that does not end", async () => {
  await assert.rejects(readLine(source(new TextEncoder().encode("{}"))), /the connection ended/);
  const block = new Uint8Array(16 * 1024).fill(0x20);
  const blocks = Array.from({ length: MAX_LINE_BYTES / block.length + 1 }, () => block);
  await assert.rejects(readLine(source(...blocks)), /longer than 1048576 bytes/);
});

Deno.test("parseAnswer() refuses what is no answer", () => {
  for (const line of ["", "[]", "null", '{"ok":1,"lines":[]}', '{"ok":true}', '{"item":1}']) {
    assert.throws(() => parseAnswer(line), Error, line);
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
