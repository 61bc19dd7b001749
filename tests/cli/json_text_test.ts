import assert from "node:assert/strict";
import { jsonText } from "../../src/cli/json_text.ts";

Deno.test("jsonText() has no character in force that a terminal would act on", () => {
  const text = "a\x1b\x7f\x9b\u2028\u202e\ufeff\n";
  const json = jsonText({ text });
  assert.doesNotMatch(json, /[\p{Cc}\p{Zl}\p{Bidi_Control}\ufeff]/u);
  assert.deepEqual(JSON.parse(json), { text });
});

Deno.test("jsonText() indents where that is asked for", () => {
  assert.equal(jsonText({ a: [1] }), '{"a":[1]}');
  assert.equal(jsonText({ a: 1 }, 2), '{\n  "a": 1\n}');
});
