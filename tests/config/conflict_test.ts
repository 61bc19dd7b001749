/**
 * The words of contradictions.
 */

import assert from "node:assert/strict";
import { useless } from "../../src/config/conflict.ts";

Deno.test("useless() names the key and the reason, and has a hint only when it is given", () => {
  const path = ["listeners", 0, "mode"];
  const message = "Cannot use 'listeners[0].mode': it does nothing";
  assert.deepEqual(useless(path, "it does nothing"), { path, message });
  assert.deepEqual(useless(path, "it does nothing", "leave it"), {
    path,
    message,
    hint: "leave it",
  });
});
