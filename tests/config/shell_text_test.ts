import assert from "node:assert/strict";
import { shellQuoted } from "../../src/config/shell_text.ts";

Deno.test("shellQuoted() makes one word of a command, whatever is in it", () => {
  assert.deepEqual(["/a b", "it's", "$(x)"].map(shellQuoted), ["'/a b'", "'it'\\''s'", "'$(x)'"]);
});
