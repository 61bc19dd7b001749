import assert from "node:assert/strict";
import { jsonSchema } from "../../src/config/schema.ts";
import { runCli } from "./store_fixture.ts";

Deno.test("schema prints the schema and takes nothing", async () => {
  const { exitCode, out, err } = await runCli("schema");
  assert.deepEqual([exitCode, err], [0, ""]);
  assert.deepEqual(JSON.parse(out), JSON.parse(JSON.stringify(jsonSchema())));
  assert.equal((await runCli("schema", "file")).exitCode, 2);
});
