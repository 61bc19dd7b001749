/**
 * The words. What root does not meet, permissions that are missing, is in `store_modes_test.ts`.
 */
import assert from "node:assert/strict";
import { describeFailure } from "../../src/storage/access_problem.ts";
import { temporaryFolder } from "./fixture.ts";

const CANNOT_OPEN = new Error("unable to open database file");

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

Deno.test("describeFailure() adds nothing where permissions are not to blame", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  for (const error of [CANNOT_OPEN, new Error("database or disk is full"), "no Error"]) {
    const text = error instanceof Error ? error.message : error;
    assert.equal(describeFailure(path, error), text);
  }
  Deno.writeTextFileSync(path, "content");
  assert.equal(describeFailure(path, CANNOT_OPEN), CANNOT_OPEN.message);
  assert.deepEqual([names(folder.path), Deno.readTextFileSync(path)], [["broker.db"], "content"]);
});

Deno.test("describeFailure() says that there is a folder where a file should be", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  Deno.mkdirSync(`${path}-wal`);
  assert.equal(
    describeFailure(path, CANNOT_OPEN),
    `unable to open database file: '${path}-wal' is a folder`,
  );
  Deno.mkdirSync(path);
  assert.equal(
    describeFailure(path, CANNOT_OPEN),
    `unable to open database file: '${path}' is a folder`,
  );
});

Deno.test("describeFailure() says nothing of a folder that does not exist", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/none/broker.db`;
  assert.equal(describeFailure(path, CANNOT_OPEN), CANNOT_OPEN.message);
});
