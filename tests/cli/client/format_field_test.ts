import assert from "node:assert/strict";
import { ByteOutput } from "../../../src/cli/client/byte_output.ts";
import * as fields from "../../../src/cli/client/format_field.ts";
import type { Field } from "../../../src/cli/client/format_parse.ts";
import { bytesOf, latin1 } from "./format_vectors.ts";

const NONE: Field = { left: false, zeros: false, width: 0, maximum: undefined, separator: " " };

function written(write: (out: ByteOutput) => void): string {
  const out = new ByteOutput();
  write(out);
  return latin1(out.take());
}

Deno.test("writeText() cuts and pads by bytes", () => {
  const rows: [Partial<Field>, string][] = [
    [{}, "gr\u00c3\u00bcn"],
    [{ width: 7 }, "  gr\u00c3\u00bcn"],
    [{ width: 7, zeros: true }, "  gr\u00c3\u00bcn"],
    [{ width: 7, left: true }, "gr\u00c3\u00bcn  "],
    [{ maximum: 3 }, "gr\u00c3"],
    [{ maximum: 0 }, ""],
    [{ width: 4, maximum: 2, left: true }, "gr  "],
  ];
  const ours = rows.map(([field]) => [
    field,
    written((out) => fields.writeText(out, "gr\u00fcn", { ...NONE, ...field })),
  ]);
  assert.deepEqual(ours, rows);
});

Deno.test("writeInteger() pads with zeros or blanks and never cuts", () => {
  const write = (field: Partial<Field>) =>
    written((out) => fields.writeInteger(out, 1234, { ...NONE, ...field }));
  assert.equal(write({ width: 2 }), "1234");
  assert.equal(write({ width: 6, zeros: true }), "001234");
  assert.equal(write({ width: 6, zeros: true, left: true }), "1234  ");
});

Deno.test("writeMissingNumber() and writeMissingText() fill their place", () => {
  const field = { ...NONE, width: 3, zeros: true };
  assert.equal(written((out) => fields.writeMissingNumber(out, field)), "000");
  assert.equal(written((out) => fields.writeMissingText(out, field)), "   ");
});

Deno.test("writePayload() cuts a payload to the width", () => {
  const write = (field: Partial<Field>) =>
    written((out) => fields.writePayload(out, bytesOf("ab\u0000"), { ...NONE, ...field }));
  assert.equal(write({}), "ab\u0000");
  assert.equal(write({ width: 2 }), "ab");
  assert.equal(write({ width: 5, zeros: true }), "00ab\u0000");
});

Deno.test("writeHexadecimal() puts no separator at the end", () => {
  for (let length = 0; length < 8; length++) {
    const payload = Uint8Array.from({ length }, (_, index) => index * 37);
    const plain = Array.from(payload, (byte) => byte.toString(16).padStart(2, "0")).join("");
    for (let group = 1; group < 8; group++) {
      const field = { ...NONE, maximum: group, separator: "." };
      const text = written((out) =>
        fields.writeHexadecimal(out, payload, field, "0123456789abcdef")
      );
      assert.equal(text, plain.match(new RegExp(`.{1,${group}}`, "g"))?.join(".") ?? "");
    }
  }
});

Deno.test("writeFloat() puts zeros after the sign", () => {
  const field = { ...NONE, width: 8, zeros: true, maximum: 2 };
  assert.equal(written((out) => fields.writeFloat(out, -1.5, field)), "-0001.50");
  assert.equal(written((out) => fields.writeFloat(out, 1.5, field)), "00001.50");
  assert.equal(written((out) => fields.writeFloat(out, NaN, field)), "     nan");
});
