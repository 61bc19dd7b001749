/**
 * Marks on settings that must not be shown.
 */

import assert from "node:assert/strict";
import { secretText, text } from "../../src/config/row.ts";
import {
  HIDDEN,
  holdsSecrets,
  isHidden,
  isMarkedSecret,
  markSecret,
  SecretText,
} from "../../src/config/secret.ts";

Deno.test("a mark goes along when settings are copied, and nothing else sees it", () => {
  const section = { port: 5, address: "a" };
  markSecret(section, new Set(["port"]));
  const copy = { ...section, address: "b" };
  for (const marked of [section, copy]) {
    assert.deepEqual([isMarkedSecret(marked, "port"), isMarkedSecret(marked, "address")], [
      true,
      false,
    ]);
    assert.deepEqual(Object.keys(marked), ["port", "address"]);
  }
});

Deno.test("markSecret() without names leaves the section as it is", () => {
  const section = {};
  markSecret(section, new Set());
  assert.deepEqual(Reflect.ownKeys(section), []);
  assert.equal(isMarkedSecret(section, "port"), false);
});

Deno.test("holdsSecrets() finds a mark at any depth", () => {
  const inner = { file: "x" };
  markSecret(inner, new Set(["file"]));
  assert.deepEqual([{ a: [1, inner] }, inner, [inner]].map(holdsSecrets), [true, true, true]);
  assert.deepEqual([{ a: [1] }, null, "x", undefined].map(holdsSecrets), [
    false,
    false,
    false,
    false,
  ]);
});

Deno.test("isHidden() is true for secret rows and for marked properties", () => {
  const section = { a: "x", b: "y" };
  markSecret(section, new Set(["b"]));
  const plain = text(undefined, "text", "");
  assert.deepEqual(
    [
      isHidden(secretText("secret", ""), section, "a"),
      isHidden(plain, section, "a"),
      isHidden(plain, section, "b"),
    ],
    [true, false, true],
  );
});

Deno.test("SecretText does not say what it is when it is written by mistake", () => {
  assert.equal(`${new SecretText("hunter2", true)}`, HIDDEN);
});
