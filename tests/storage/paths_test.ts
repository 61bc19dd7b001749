import assert from "node:assert/strict";
import { changeMs, exists, lastChangeMs } from "../../src/storage/paths.ts";
import { temporaryFolder } from "./fixture.ts";

Deno.test("changeMs() tells when a file was written, exists() whether there is one", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/file`;
  assert.deepEqual([changeMs(path), exists(path)], [undefined, false]);
  Deno.writeTextFileSync(path, "");
  Deno.utimeSync(path, 5, 7);
  assert.deepEqual([changeMs(path), exists(path)], [7000, true]);
  assert.equal(lastChangeMs(path), 7000);
  Deno.writeTextFileSync(`${path}-wal`, "");
  Deno.utimeSync(`${path}-wal`, 5, 9);
  assert.equal(lastChangeMs(path), 9000);
});
