import assert from "node:assert/strict";
import fc from "fast-check";
import { fromBase64, toBase64 } from "../../src/access/base64.ts";

Deno.test("fromBase64() reads what toBase64() writes", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
    assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
  }));
});

Deno.test("fromBase64() reads nothing else", () => {
  for (const text of ["YQ", "YQ=", "YQ==\n", " YQ==", "YR==", "Y-_=", "YQ==YQ==", "\u00e4"]) {
    assert.equal(fromBase64(text), undefined, text);
  }
  fc.assert(fc.property(fc.string({ maxLength: 12 }), (text) => {
    const bytes = fromBase64(text);
    if (bytes !== undefined) assert.equal(toBase64(bytes), text);
  }));
});
