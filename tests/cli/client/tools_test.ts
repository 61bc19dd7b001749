import assert from "node:assert/strict";
import { CLIENT_TOOLS, clientToolSummary } from "../../../src/cli/client/tools.ts";

Deno.test("every client tool has a summary of one line, without a full stop", () => {
  assert.deepEqual([...CLIENT_TOOLS], ["pub", "sub", "rr"]);
  for (const tool of CLIENT_TOOLS) {
    assert.match(clientToolSummary(tool), /^[a-z][^.\n]{10,70}[^.\n]$/);
  }
});
