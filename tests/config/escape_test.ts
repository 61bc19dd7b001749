/**
 * What others have written is shown without its control characters in force.
 */

import assert from "node:assert/strict";
import { escapeControls } from "../../src/config/escape.ts";

Deno.test("escapeControls() leaves ordinary text of any language alone", () => {
  const text = "home/K\u00fcche/\u6e29\u5ea6/\u{1f321}\ufe0f 'a\\b' \"c\"";
  assert.equal(escapeControls(text), text);
});

Deno.test("escapeControls() escapes line ends, terminal sequences and other controls", () => {
  assert.equal(escapeControls("a\nb\r\tc"), "a\\nb\\r\\tc");
  assert.equal(escapeControls("\x1b[31m\x00\x7f\x9b"), "\\x1b[31m\\x00\\x7f\\x9b");
});

Deno.test("escapeControls() escapes separators, marks of direction and halves of characters", () => {
  assert.equal(
    escapeControls("\u2028\u2029\u202e\u2066\u200f\ufeff\ud800x"),
    "\\u2028\\u2029\\u202e\\u2066\\u200f\\ufeff\\ud800x",
  );
});
