/**
 * The WebSocket decoder and the readers of heads and headers under arbitrary input: however the bytes
 * are cut, the same comes out; nothing but their own errors is thrown.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { HttpRefusal, parseHttpHead } from "../../src/transport/http_head.ts";
import { parseProxyHeader } from "../../src/transport/proxy_header.ts";
import { HandshakeError } from "../../src/transport/transport.ts";
import { WebSocketDecoder } from "../../src/transport/websocket_decoder.ts";
import { clientFrame, concat, latin1 } from "../transport/fake_inner.ts";

const RUNS = { numRuns: 500 };

const mask = fc.tuple(...[0, 1, 2, 3].map(() => fc.nat(255))) as fc.Arbitrary<
  [number, number, number, number]
>;

/** Frames that mostly follow the rules, and sometimes bytes that do not. */
const frame = fc.oneof(
  { weight: 8, arbitrary: fc.record({ body: fc.uint8Array({ maxLength: 300 }), mask }) },
  {
    weight: 2,
    arbitrary: fc.record({
      body: fc.uint8Array({ maxLength: 125 }),
      mask,
      opcode: fc.constantFrom(0, 9, 10),
      isLast: fc.boolean(),
    }),
  },
).map(({ body, ...options }) => clientFrame(body, options));

const input = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: frame },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  ),
  { maxLength: 12 },
).map((parts) => concat(...parts));

/** Where to cut, as parts of the whole. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });

function pieces(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => Math.floor(place * bytes.length)), bytes.length]
    .sort((left, right) => left - right);
  return ends.map((end, index) => bytes.slice(ends[index - 1] ?? 0, end));
}

function decode(parts: readonly Uint8Array[]): unknown {
  const decoder = new WebSocketDecoder();
  const payload = concat(...parts.map((part) => {
    const bytes = part.slice();
    return bytes.subarray(0, decoder.decode(bytes, bytes.length));
  }));
  // Of several Pings the last one counts, which is the same wherever it was cut.
  const { failure, isClosed, ping } = decoder;
  return { payload, failure, isClosed, ping };
}

Deno.test("every chunking of WebSocket frames gives the same payload and the same end", () => {
  fc.assert(
    fc.property(input, cuts, (bytes, places) => {
      const whole = decode([bytes]);
      assert.deepEqual(decode(pieces(bytes, places)), whole);
      assert.deepEqual(decode(Array.from(bytes, (byte) => Uint8Array.of(byte))), whole);
    }),
    RUNS,
  );
});

Deno.test("frames that were masked come out as they were, joined", () => {
  const frames = fc.array(fc.record({ body: fc.uint8Array({ maxLength: 70_000 }), mask }), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(frames, cuts, (parts, places) => {
      const bytes = concat(...parts.map(({ body, mask }) => clientFrame(body, { mask })));
      const payload = concat(...parts.map(({ body }) => body));
      assert.deepEqual(decode(pieces(bytes, places)), {
        payload,
        failure: undefined,
        isClosed: false,
        ping: undefined,
      });
    }),
    { numRuns: 100 },
  );
});

/** Text that looks like a head now and then. */
const headText = fc.array(
  fc.oneof(
    fc.constantFrom("GET ", "/", " HTTP/1.1", "\r\n", "\r\n\r\n", "Host: a", ":", "\n", " ", "\t"),
    fc.constantFrom(
      "PROXY ",
      "TCP4 ",
      "TCP6 ",
      "UNKNOWN",
      "1.2.3.4 ",
      "::1 ",
      "80",
      "\0\r\nQUIT\n",
    ),
    fc.string({ unit: "binary-ascii", maxLength: 5 }),
  ),
  { maxLength: 12 },
).map((words) => latin1(words.join("")));

/** What the reader says of every beginning of the bytes, until it has decided. */
function decision(
  parse: (bytes: Uint8Array) => unknown,
  expected: typeof HttpRefusal | typeof HandshakeError,
  bytes: Uint8Array,
): unknown {
  try {
    return parse(bytes);
  } catch (error) {
    assert(error instanceof expected, String(error));
    return error.message;
  }
}

for (
  const [name, parse, expected] of [
    ["parseHttpHead()", parseHttpHead, HttpRefusal],
    ["parseProxyHeader()", parseProxyHeader, HandshakeError],
  ] as const
) {
  Deno.test(`${name} throws nothing but its own error, and does not change its mind`, () => {
    fc.assert(
      fc.property(headText, (bytes) => {
        let decided: unknown;
        for (let end = 0; end <= bytes.length; end++) {
          const now = decision(parse, expected, bytes.subarray(0, end));
          if (decided !== undefined) assert.deepEqual(now, decided);
          decided = now;
        }
      }),
      RUNS,
    );
  });
}
