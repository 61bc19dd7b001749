import assert from "node:assert/strict";
import { pause } from "../../src/client/pause.ts";

Deno.test("pause() ends by itself, and a signal ends it at once", async () => {
  const stop = new AbortController();
  await pause(1, stop.signal);
  const long = pause(1e9, stop.signal);
  stop.abort();
  await long;
  await pause(1e9, stop.signal);
  assert.equal(stop.signal.aborted, true);
});
