import assert from "node:assert/strict";
import fc from "fast-check";
import { saslprep } from "../../src/access/saslprep.ts";

Deno.test("saslprep() does what RFC 4013 section 3 shows, but for text from right to left", () => {
  assert.equal(saslprep("I\u00adX"), "IX");
  assert.equal(saslprep("user"), "user");
  assert.equal(saslprep("USER"), "USER");
  assert.equal(saslprep("\u00aa"), "a");
  assert.equal(saslprep("\u2168"), "IX");
  assert.equal(saslprep("\u0007"), undefined);
});

Deno.test("saslprep() makes every blank the one of ASCII, and one text of two spellings", () => {
  assert.equal(saslprep("a\u00a0b\u3000c\u200bd"), "a b c d");
  assert.equal(saslprep("J\u006f\u0308rg"), "J\u00f6rg");
  assert.equal(saslprep("\ufb01n"), "fin");
});

Deno.test("saslprep() refuses what is prohibited, and what is nothing", () => {
  const refused = ["", "\u00ad", "a\0", "a\x7f", "\u0085", "\u200e", "\u202e", "\ue000", "\ufdd0"];
  for (const text of [...refused, "\ud800", "\ufffd", "\u{e0001}", "\u2028", "\u0378"]) {
    assert.equal(saslprep(text), undefined, JSON.stringify(text));
  }
});

Deno.test("saslprep() changes no printable ASCII, and nothing twice", () => {
  fc.assert(fc.property(fc.stringMatching(/^[ -~]+$/), (text) => {
    assert.equal(saslprep(text), text);
  }));
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    const once = saslprep(text);
    if (once !== undefined) assert.equal(saslprep(once), once);
  }));
});
