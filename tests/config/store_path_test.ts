import assert from "node:assert/strict";
import { resolve } from "node:path";
import { defaultSettings } from "../../src/config/read.ts";
import { storePath } from "../../src/config/store_path.ts";

const { persistence } = defaultSettings();

Deno.test("storePath() is in the working directory unless systemd made a folder", () => {
  assert.equal(storePath(persistence, undefined), resolve("broker.db"));
  assert.equal(storePath(persistence, ""), resolve("broker.db"));
});

Deno.test("a relative path starts from the first folder that systemd made for the service", () => {
  assert.equal(storePath(persistence, "/var/lib/broker"), "/var/lib/broker/broker.db");
  const inFolder = { ...persistence, path: "b/m.db" };
  assert.equal(storePath(inFolder, "/var/lib/a:/var/lib/b"), "/var/lib/a/b/m.db");
});

Deno.test("an absolute path is what it is, whatever systemd made", () => {
  assert.equal(storePath({ ...persistence, path: "/data/mqtt.db" }, "/var/lib/a"), "/data/mqtt.db");
});
