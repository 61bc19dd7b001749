/**
 * The form of findings.
 */

import assert from "node:assert/strict";
import { placeOf } from "../../src/check/finding.ts";
import { CONFIG, loadedFrom } from "./fake_machine.ts";

Deno.test("placeOf() is the line of a setting, or of what would hold it", () => {
  const loaded = loadedFrom("limits:\n  max_connections: 5\n");
  assert.equal(placeOf(loaded, ["limits", "max_connections"]), `${CONFIG}:2`);
  assert.equal(placeOf(loaded, ["limits", "max_sessions"]), `${CONFIG}:2`);
  assert.equal(placeOf(loaded, ["persistence", "path"]), `${CONFIG}:1`);
});
