import assert from "node:assert/strict";
import { messageOf } from "../src/error_text.ts";

Deno.test("messageOf() has the message of an error, and anything else as text", () => {
  assert.equal(messageOf(new TypeError("it broke")), "it broke");
  assert.equal(messageOf("it broke"), "it broke");
  assert.equal(messageOf(undefined), "undefined");
});
