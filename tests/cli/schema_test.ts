/**
 * `broker schema`: the JSON Schema as text.
 */

import assert from "node:assert/strict";
import { printSchema } from "../../src/cli/schema.ts";
import { ExitCode } from "../../src/cli/terminal.ts";
import { jsonSchema } from "../../src/config/schema.ts";

Deno.test("printSchema() prints the schema, indented, to where what was asked for goes", async () => {
  const written: [stream: string, text: string][] = [];
  const exitCode = await printSchema({
    out: (text) => void written.push(["out", text]),
    err: (text) => void written.push(["err", text]),
  });
  assert.equal(exitCode, ExitCode.Ok);
  assert.deepEqual(written, [["out", `${JSON.stringify(jsonSchema(), undefined, "  ")}\n`]]);
  assert.deepEqual(JSON.parse(written[0]?.[1] ?? ""), jsonSchema());
});
