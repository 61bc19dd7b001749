import assert from "node:assert/strict";
import { toolManual } from "../../../src/cli/manual/tool_manual.ts";

Deno.test("toolManual() has the options of its tool alone, with their values", () => {
  const flags = (tool: "pub" | "sub" | "rr") =>
    toolManual(tool).options.flatMap(({ flags }) => flags);
  assert.equal(flags("pub").includes("--repeat"), true);
  assert.equal(flags("sub").includes("--repeat"), false);
  assert.equal(flags("sub").includes("-F"), true);
  assert.equal(flags("rr").includes("-e"), true);
  const topic = toolManual("pub").options.find(({ flags }) => flags.includes("-t"));
  assert.equal(topic?.values.length, 1);
});
