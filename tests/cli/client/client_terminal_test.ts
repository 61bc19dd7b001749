import assert from "node:assert/strict";
import { processClientTerminal } from "../../../src/cli/client/client_terminal.ts";

Deno.test("the process's terminal knows the process", () => {
  const { isTerminal, processId } = processClientTerminal;
  assert.equal(processId, Deno.pid);
  assert.deepEqual(isTerminal, {
    in: Deno.stdin.isTerminal(),
    out: Deno.stdout.isTerminal(),
    err: Deno.stderr.isTerminal(),
  });
  assert.equal(processClientTerminal.env("PATH"), Deno.env.get("PATH"));
  assert.equal(processClientTerminal.columns() > 0, true);
  assert.equal(processClientTerminal.rows() > 0, true);
});

Deno.test("a signal is told to the listener, until that is taken back", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const told = Promise.withResolvers<string>();
  const release = processClientTerminal.onInterrupt((signal) => told.resolve(signal));
  // A listener alone does not keep the process waiting.
  const late = setTimeout(() => told.reject(new Error("the signal did not come")), 10_000);
  Deno.kill(Deno.pid, "SIGTERM");
  assert.equal(await told.promise, "SIGTERM");
  clearTimeout(late);
  release();
});
