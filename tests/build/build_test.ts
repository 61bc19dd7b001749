import assert from "node:assert/strict";
import { compileArguments, readOptions, TARGETS, withRequire } from "../../build/build.ts";
import { repositoryPath } from "../../build/paths.ts";
import { readDenoConfig, runtimeFlags } from "../../build/runtime_flags.ts";

Deno.test("readOptions() builds for this machine into build/out/broker by default", () => {
  assert.deepEqual(readOptions([]), {
    target: undefined,
    output: repositoryPath("build/out/broker"),
  });
});

Deno.test("readOptions() names the executable after its target", () => {
  for (const target of TARGETS) {
    assert.deepEqual(readOptions(["--target", target]), {
      target,
      output: repositoryPath(`build/out/broker-${target}`),
    });
  }
  assert.deepEqual(readOptions(["--output", "x"]), { target: undefined, output: "x" });
});

Deno.test("readOptions() answers an unknown target with the targets there are", () => {
  assert.throws(() => readOptions(["--target", "z80"]), {
    message: `Cannot build for "z80": the targets are\n  ${TARGETS.join("\n  ")}`,
  });
  assert.throws(() => readOptions(["--bar"]), /--bar/);
});

Deno.test("compileArguments() gives the executable the runtime flags of deno.json", () => {
  const options = { target: "aarch64-unknown-linux-gnu", output: "out" };
  assert.deepEqual(compileArguments(options, ["main.js", "worker.js"]), [
    "compile",
    "--quiet",
    "--no-config",
    "--no-lock",
    "--no-check",
    "--no-code-cache",
    ...runtimeFlags(readDenoConfig()),
    "--include",
    "worker.js",
    "--target",
    "aarch64-unknown-linux-gnu",
    "--output",
    "out",
    "main.js",
  ]);
});

Deno.test("withRequire() adds require to a bundle that looks for it, and to no other", () => {
  const bundled = 'throw Error("Dynamic require of x is not supported")';
  assert.ok(
    withRequire(bundled).endsWith(`const require = requireFor(import.meta.url);\n${bundled}`),
  );
  assert.equal(withRequire("console.log(1)"), "console.log(1)");
});
