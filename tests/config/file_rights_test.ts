/**
 * Who may read a file, in words.
 */

import assert from "node:assert/strict";
import { deniedText, userName } from "../../src/config/file_rights.ts";

async function withFile<Result>(mode: number, use: (path: string) => Result): Promise<Result> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.chmod(path, mode);
    return use(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("userName() knows the names of this machine, and has the number for others", () => {
  assert.deepEqual([userName(0), userName(4_000_000), userName(null)], [
    "root",
    "4000000",
    "unknown",
  ]);
});

Deno.test("deniedText() says whose file it is, its mode, who we are, and what helps", async () => {
  const me = userName(Deno.uid());
  await withFile(0o040, (path) => {
    assert.deepEqual(deniedText(path), {
      reason: `permission denied: it belongs to user '${me}', mode 0040, and this is user '${me}'`,
      remedy: `chmod u+r '${path}'`,
    });
    assert.equal(deniedText(path, "(not shown)").remedy, "chmod u+r (not shown)");
  });
  assert.deepEqual(deniedText("/nowhere/at/all"), {
    reason: "permission denied, for it or for a folder above it",
    remedy: undefined,
  });
});
