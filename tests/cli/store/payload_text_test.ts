import assert from "node:assert/strict";
import { payloadText, previewPayload } from "../../../src/cli/store/payload_text.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("payloadText() gives all of a text, and nothing of what is none", () => {
  assert.equal(payloadText(encode("")), "");
  assert.equal(payloadText(encode("\ufeff21 \u00b0C\0")), "\ufeff21 \u00b0C\0");
  assert.equal(payloadText(Uint8Array.of(0x61, 0xc2)), undefined);
  assert.equal(payloadText(Uint8Array.of(0xed, 0xa0, 0x80)), undefined);
});

Deno.test("previewPayload() shows short payloads in full", () => {
  assert.equal(previewPayload(encode("")), "empty");
  assert.equal(previewPayload(encode("on")), "'on'");
  assert.equal(previewPayload(Uint8Array.of(0, 255)), "0x00ff");
  assert.equal(previewPayload(Uint8Array.of(0x61, 0xc2)), "0x61c2");
});

Deno.test("previewPayload() shows the beginning of long ones, and says that it is cut", () => {
  assert.equal(previewPayload(encode("x".repeat(60))), `'${"x".repeat(60)}'`);
  assert.equal(previewPayload(encode("x".repeat(61))), `'${"x".repeat(60)}'...`);
  // Cut in the middle of a character.
  for (let length = 230; length < 250; length++) {
    const text = "x".repeat(length % 4) + "\u{1f321}".repeat(100);
    assert.equal(previewPayload(encode(text)), `'${[...text].slice(0, 60).join("")}'...`);
  }
  assert.equal(previewPayload(new Uint8Array(25).fill(255)), `0x${"ff".repeat(24)}...`);
  assert.equal(previewPayload(new Uint8Array(300).fill(255)), `0x${"ff".repeat(24)}...`);
});
