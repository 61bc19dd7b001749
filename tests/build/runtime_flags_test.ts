import assert from "node:assert/strict";
import { readDenoConfig, runtimeFlags } from "../../build/runtime_flags.ts";

function config(broker: Record<string, unknown>, start = "deno run src/main.ts") {
  return { permissions: { broker }, tasks: { start } };
}

Deno.test("runtimeFlags() spells permissions out and takes V8 flags from the start task", () => {
  const start = "deno run -P=broker --v8-flags=--max-semi-space-size=2,--lite-mode src/main.ts";
  assert.deepEqual(runtimeFlags(config({ net: true, env: ["A", "B"] }, start)), [
    "--no-prompt",
    "--allow-net",
    "--allow-env=A,B",
    "--v8-flags=--max-semi-space-size=2,--lite-mode",
  ]);
});

Deno.test("runtimeFlags() refuses what the broker must not have or it does not know", () => {
  assert.throws(() => runtimeFlags(config({ run: true })), /Cannot grant "run" to the broker/);
  assert.throws(() => runtimeFlags(config({ ffi: true })), /Cannot grant "ffi" to the broker/);
  for (const granted of [false, [], { allow: true }, "all"]) {
    assert.throws(() => runtimeFlags(config({ net: granted })), /Cannot read permission "net"/);
  }
});

Deno.test("the start task runs with the permission set that the executable is built with", () => {
  const { tasks, permissions } = readDenoConfig();
  assert.match(tasks.start, /^deno run --quiet --no-prompt -P=broker /);
  assert.deepEqual(Object.keys(permissions.broker).toSorted(), [
    "env",
    "net",
    "read",
    "sys",
    "write",
  ]);
});

Deno.test("the permission set lets any environment variable be read: '!env NAME' names it", () => {
  assert.equal(readDenoConfig().permissions.broker.env, true);
});
