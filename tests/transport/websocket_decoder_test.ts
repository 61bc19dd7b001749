import assert from "node:assert/strict";
import { WebSocketDecoder } from "../../src/transport/websocket_decoder.ts";
import { clientFrame, concat, latin1 } from "./fake_inner.ts";

interface Decoded {
  payload: Uint8Array;
  pings: Uint8Array[];
  failure: string | undefined;
  isClosed: boolean;
}

/** Decodes the pieces one after the other, as reads bring them. */
function decode(...pieces: readonly Uint8Array[]): Decoded {
  const decoder = new WebSocketDecoder();
  const payloads: Uint8Array[] = [];
  const pings: Uint8Array[] = [];
  for (const piece of pieces) {
    const bytes = concat(piece, Uint8Array.of(0xaa));
    payloads.push(bytes.slice(0, decoder.decode(bytes, piece.length)));
    assert.equal(bytes.at(-1), 0xaa, "writes behind the end");
    if (decoder.ping !== undefined) pings.push(decoder.ping);
    decoder.ping = undefined;
  }
  const { failure, isClosed } = decoder;
  const text = failure === undefined ? undefined : `${failure.status} ${failure.message}`;
  return { payload: concat(...payloads), pings, failure: text, isClosed };
}

const CLEAN = { pings: [], failure: undefined, isClosed: false };

Deno.test("WebSocketDecoder unmasks the example of RFC 6455", () => {
  const hello = Uint8Array.of(0x82, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58);
  assert.deepEqual(decode(hello), { ...CLEAN, payload: latin1("Hello") });
});

for (const length of [0, 1, 3, 4, 5, 125, 126, 127, 1000, 65_535, 65_536, 70_001]) {
  Deno.test(`WebSocketDecoder decodes ${length} bytes, and what comes after them`, () => {
    const payload = Uint8Array.from({ length }, (_, index) => index * 7 & 255);
    const bytes = concat(clientFrame(payload), clientFrame("next", { mask: [1, 2, 3, 4] }));
    assert.deepEqual(decode(bytes).payload, concat(payload, latin1("next")));
  });
}

Deno.test("WebSocketDecoder joins packets over frames, and frames over messages [MQTT-6.0.0-2]", () => {
  const bytes = concat(
    clientFrame("on", { isLast: false }),
    clientFrame("e t", { opcode: 0, isLast: false }),
    clientFrame("wo", { opcode: 0 }),
    clientFrame("", { isLast: false }),
    clientFrame(" three", { opcode: 0 }),
  );
  assert.deepEqual(decode(bytes), { ...CLEAN, payload: latin1("one two three") });
});

Deno.test("WebSocketDecoder takes control frames between the fragments of a message", () => {
  const bytes = concat(
    clientFrame("on", { isLast: false }),
    clientFrame("are you there?", { opcode: 9 }),
    clientFrame("", { opcode: 10 }),
    clientFrame("e", { opcode: 0 }),
  );
  const pings = [latin1("are you there?")];
  assert.deepEqual(decode(bytes), { ...CLEAN, payload: latin1("one"), pings });
});

Deno.test("WebSocketDecoder keeps only the last of the Pings that come together", () => {
  const pings = ["1", "2", "3"].map((text) => clientFrame(text, { opcode: 9 }));
  assert.deepEqual(decode(concat(...pings)).pings, [latin1("3")]);
});

Deno.test("WebSocketDecoder ends at Close, with and without a reason, and decodes nothing more", () => {
  for (const reason of ["", "\x03\xe8", "\x03\xe8bye"]) {
    const bytes = concat(clientFrame("a"), clientFrame(reason, { opcode: 8 }), clientFrame("b"));
    assert.deepEqual(decode(bytes, clientFrame("c")), {
      ...CLEAN,
      payload: latin1("a"),
      isClosed: true,
    });
  }
});

const UNMASKED = Uint8Array.of(0x82, 1, 65);
const BROKEN: [string, Uint8Array, string][] = [
  ["a text frame [MQTT-6.0.0-1]", clientFrame("{}", { opcode: 1 }), "1003 a text frame; MQTT"],
  ["a frame that is not masked", UNMASKED, "1002 a frame of a client is not masked"],
  ["reserved bits", clientFrame("", { opcode: 0x42 }), "1002 reserved bits are set"],
  ["opcode 3", clientFrame("", { opcode: 3 }), "1002 unknown opcode 3"],
  ["opcode 11", clientFrame("", { opcode: 11 }), "1002 unknown opcode 11"],
  ["a fragment without a beginning", clientFrame("", { opcode: 0 }), "1002 a fragment without"],
  ["a fragmented Ping", clientFrame("", { opcode: 9, isLast: false }), "1002 a control frame in"],
  ["a long Ping", clientFrame("x".repeat(126), { opcode: 9 }), "1002 a control frame with more"],
  ["half a status code", clientFrame("\x03", { opcode: 8 }), "1002 a Close frame with half"],
  [
    "a message in another",
    concat(clientFrame("a", { isLast: false }), clientFrame("b")),
    "1002 a new message in the fragments of another",
  ],
  [
    "16 bits of length where 7 do",
    Uint8Array.of(0x82, 0xfe, 0, 125, 1, 2, 3, 4),
    "1002 a payload length that is not in shortest form",
  ],
  [
    "64 bits of length where 16 do",
    Uint8Array.of(0x82, 0xff, 0, 0, 0, 0, 0, 0, 255, 255, 1, 2, 3, 4),
    "1002 a payload length that is not in shortest form",
  ],
  [
    "the highest bit of 64 bits of length",
    Uint8Array.of(0x82, 0xff, 128, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4),
    "1002 a payload length that is not in shortest form, or too large",
  ],
];

for (const [name, bytes, expected] of BROKEN) {
  Deno.test(`WebSocketDecoder fails at ${name}, and decodes nothing more`, () => {
    const { failure, isClosed, payload } = decode(bytes, clientFrame("more"));
    assert.equal(failure?.slice(0, expected.length), expected);
    assert.equal(isClosed, false);
    assert.equal(payload.length, name === "a message in another" ? 1 : 0);
  });
}

Deno.test("WebSocketDecoder needs no room for a frame that is larger than memory", () => {
  const header = Uint8Array.of(0x82, 0xff, 0, 0x1f, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0);
  const { payload, failure } = decode(header, latin1("some of it"));
  assert.deepEqual([payload, failure], [latin1("some of it"), undefined]);
});
