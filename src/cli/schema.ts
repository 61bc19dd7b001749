/**
 * `broker schema`: prints the JSON Schema of broker.yaml.
 *
 * Owns nothing but the printing; `build/broker.schema.json` is what it printed last, and a test
 * compares the two.
 */

import { ExitCode, type Terminal } from "./terminal.ts";

/** Prints the schema, indented. */
export async function printSchema(terminal: Terminal): Promise<number> {
  const { jsonSchema } = await import("../config/schema.ts");
  terminal.out(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
  return ExitCode.Ok;
}
