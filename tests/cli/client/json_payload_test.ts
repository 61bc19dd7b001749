/**
 * Payloads of `%J`. What is printed was recorded from mosquitto_sub 2.0.11, but for the rows that are
 * said to differ.
 */

import assert from "node:assert/strict";
import { ByteOutput } from "../../../src/cli/client/byte_output.ts";
import { rewriteJson } from "../../../src/cli/client/json_payload.ts";
import { JsonWriter } from "../../../src/cli/client/json_writer.ts";

function rewritten(payload: string | Uint8Array): string | undefined {
  const out = new ByteOutput();
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const isJson = rewriteJson(bytes, new JsonWriter(out, false));
  const text = new TextDecoder().decode(out.take());
  return isJson ? text : undefined;
}

for (
  const [payload, printed] of [
    ['{"a": 1.50, "b":[1e3, 1E400, 0.1], "a":2}', '{"a":1.5,"b":[1000,null,0.1],"a":2}'],
    [" [1 , 2] ", "[1,2]"],
    ["\t{}\n", "{}"],
    ["[]", "[]"],
    ['{"a":{},"b":[[],{}]}', '{"a":{},"b":[[],{}]}'],
    ["null", "null"],
    ["true", "true"],
    ["false", "false"],
    ['"x"', '"x"'],
    ["01", "1"],
    ["1.", "1"],
    ["-.5", "-0.5"],
    ["-0", "-0"],
    ["1.0e2", "100"],
    ["12345678901234567", "12345678901234568"],
    ['"\\u00e9\\/\\ud83d\\ude00\\u0001"', '"\u00e9/\u{1f600}\\u0001"'],
    ['"\\b\\f\\n\\r\\t\\"\\\\"', '"\\b\\f\\n\\r\\t\\"\\\\"'],
    ['"a\nb\u0001"', '"a\\nb\\u0001"'],
    ["\ufeff1", "1"],
  ] as const
) {
  Deno.test(`rewriteJson() prints ${JSON.stringify(payload)} as mosquitto_sub does`, () => {
    assert.equal(rewritten(payload), printed);
  });
}

for (
  const payload of [
    "",
    " ",
    "[1,]",
    "[1 2]",
    "[",
    '{"a":1,}',
    '{"a"}',
    '{"a":}',
    "{a:1}",
    '{"a":1',
    "nul",
    "true false",
    '"\\x"',
    '"\\ud800"',
    '"\\ud800\\u0041"',
    '"\\udc00"',
    '"open',
    '"\\',
    "1e",
    "-",
    "--1",
    "1.5.2",
    "0x10",
    "+1",
    ".5",
    "1-2",
    "NaN",
    "'a'",
    "1\u0000",
  ]
) {
  Deno.test(`rewriteJson() refuses ${JSON.stringify(payload)} as mosquitto_sub does`, () => {
    assert.equal(rewritten(payload), undefined);
  });
}

Deno.test("rewriteJson() does not end a string at U+0000, as mosquitto_sub does", () => {
  assert.equal(rewritten('"a\\u0000b"'), '"a\\u0000b"');
});

Deno.test("rewriteJson() refuses an escape that mosquitto_sub ends a string at", () => {
  assert.equal(rewritten('"\\u12g4"'), undefined);
});

Deno.test("rewriteJson() refuses more than 1000 levels", () => {
  const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
  assert.equal(rewritten(nested(1000)), nested(1000));
  assert.equal(rewritten(nested(1001)), undefined);
});

Deno.test("rewriteJson() prints strings of any JavaScript value as JSON.parse() reads them", () => {
  let seed = 1;
  const random = (limit: number) => (seed = (seed * 48_271) % 2_147_483_647) % limit;
  const value = (depth: number): unknown => {
    switch (random(depth > 3 ? 4 : 6)) {
      case 0:
        return random(2) === 0;
      case 1:
        return (random(2_000_000) - 1_000_000) / 10 ** random(6);
      case 2:
        return null;
      case 3:
        return String.fromCodePoint(...Array.from({ length: random(6) }, () => random(0xd7ff)));
      case 4:
        return Array.from({ length: random(4) }, () => value(depth + 1));
      default:
        return Object.fromEntries(
          Array.from({ length: random(4) }, (_, index) => [`key ${index}`, value(depth + 1)]),
        );
    }
  };
  for (let count = 0; count < 300; count++) {
    const original = value(0);
    const printed = rewritten(JSON.stringify(original, null, random(3)));
    assert.deepEqual(JSON.parse(printed as string), original);
  }
});
