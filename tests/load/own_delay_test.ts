import assert from "node:assert/strict";
import { measureOwnDelay } from "../../src/load/own_delay.ts";

Deno.test("the delay between two sockets of this process is above 0", async () => {
  assert.ok((await measureOwnDelay(new AbortController().signal) ?? 0) > 0);
});

Deno.test("a signal ends the measurement", async () => {
  assert.equal(await measureOwnDelay(AbortSignal.abort()), undefined);
});
