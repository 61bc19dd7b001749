import assert from "node:assert/strict";
import { optionsOf } from "../../../src/cli/client/client_option.ts";

Deno.test("optionsOf() makes rows of one heading for the tools that are named", () => {
  const option = optionsOf("Heading", ["pub"]);
  assert.deepEqual(option("topic", "-t --topic", "name value", "what it does"), {
    name: "topic",
    flags: ["-t", "--topic"],
    values: ["name", "value"],
    description: "what it does",
    group: "Heading",
    tools: ["pub"],
  });
  const other = optionsOf("Heading")("quiet", "--quiet", "", "what it does", { tools: ["rr"] });
  assert.deepEqual([other.values, other.tools], [[], ["rr"]]);
});
