import assert from "node:assert/strict";
import { resolve } from "node:path";
import { controlPath } from "../../src/config/control_path.ts";
import { defaultSettings } from "../../src/config/read.ts";

Deno.test("the control socket lies beside the data", () => {
  const { persistence } = defaultSettings();
  const path = controlPath({ ...persistence, path: "/var/lib/broker/home.db" });
  assert.equal(path, "/var/lib/broker/home.db.control");
  assert.equal(controlPath({ ...persistence, path: "a.db" }), resolve("a.db.control"));
});
