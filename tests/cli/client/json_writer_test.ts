import assert from "node:assert/strict";
import { ByteOutput } from "../../../src/cli/client/byte_output.ts";
import { jsonNumber, JsonWriter } from "../../../src/cli/client/json_writer.ts";
import { bytesOf, latin1 } from "./format_vectors.ts";

function written(pretty: boolean, write: (json: JsonWriter) => void): string {
  const out = new ByteOutput();
  write(new JsonWriter(out, pretty));
  return latin1(out.take());
}

function nested(json: JsonWriter): void {
  json.openObject();
  json.key("a");
  json.openObject();
  json.closeObject();
  json.key("b");
  json.openArray();
  json.element();
  json.number(1);
  json.element();
  json.openObject();
  json.key("c");
  json.literal(null);
  json.closeObject();
  json.closeArray();
  json.key("d");
  json.openArray();
  json.closeArray();
  json.closeObject();
}

Deno.test("JsonWriter writes objects and arrays on one line", () => {
  assert.equal(written(false, nested), '{"a":{},"b":[1,{"c":null}],"d":[]}');
});

Deno.test("JsonWriter indents as cJSON does", () => {
  assert.equal(
    written(true, nested),
    '{\n\t"a":\t{\n\t},\n\t"b":\t[1, {\n\t\t\t"c":\tnull\n\t\t}],\n\t"d":\t[]\n}',
  );
});

Deno.test("JsonWriter escapes quotes, backslashes and control characters only", () => {
  const text = 'a"b\\c/\b\f\n\r\t\u0000\u001f\u007f\u00ff';
  assert.equal(
    written(false, (json) => json.string(bytesOf(text))),
    '"a\\"b\\\\c/\\b\\f\\n\\r\\t\\u0000\\u001f\u007f\u00ff"',
  );
  assert.equal(written(false, (json) => json.string("\u20ac")), '"\u00e2\u0082\u00ac"');
});

Deno.test("jsonNumber() prints what mosquitto_sub prints for the same number", () => {
  const rows: [number, string][] = [
    [0, "0"],
    [-0, "-0"],
    [21.5, "21.5"],
    [-2_147_483_649, "-2147483649"],
    [100_000_000_000_000, "100000000000000"],
    [1e15, "1e+15"],
    [12_345_678_901_234_567, "12345678901234568"],
    [123_456_789_012_345_680, "1.2345678901234568e+17"],
    [0.30000000000000004, "0.3"],
    [1e-7, "1e-07"],
    [1e21, "1e+21"],
    [5e-324, "4.94065645841247e-324"],
    [1e308, "1e+308"],
    [Infinity, "null"],
    [NaN, "null"],
  ];
  assert.deepEqual(rows.map(([value]) => [value, jsonNumber(value)]), rows);
});
