import assert from "node:assert/strict";
import { NotConnectedError, SendError } from "../../src/client/send_error.ts";

Deno.test("NotConnectedError is a SendError, so that one check finds both", () => {
  const error = new NotConnectedError("gone");
  assert.ok(error instanceof SendError);
  assert.deepEqual([error.name, error.reasonCode, error.message], ["SendError", 0x80, "gone"]);
});
