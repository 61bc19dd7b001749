import assert from "node:assert/strict";
import { nodeBytes } from "../../src/broker/node_bytes.ts";

Deno.test("nodeBytes() charges a node without a name, and each character of a name", () => {
  const empty = nodeBytes("");
  assert.ok(empty >= 200 && empty <= 300);
  assert.equal(nodeBytes("level"), empty + 5);
});
