import assert from "node:assert/strict";
import { isPathValue, withChoices } from "../../../src/cli/manual/manual.ts";

Deno.test("isPathValue() tells files and folders by the name that help gives to them", () => {
  for (const name of ["file", "FILE", "folder", "path", "socket"]) {
    assert.ok(isPathValue(name), name);
  }
  for (const name of ["topic", "profile", "port", "time"]) assert.ok(!isPathValue(name), name);
});

Deno.test("withChoices() says what is allowed, once, and what counts without", () => {
  assert.equal(withChoices("how", ["a", "b"]), "how (a, b)");
  assert.equal(withChoices("version (default: 5)", ["5", "311"]), "version (5, 311; default: 5)");
  assert.equal(withChoices("one of ay, bee", ["ay", "bee"]), "one of ay, bee");
  assert.equal(withChoices("the topic", []), "the topic");
});
