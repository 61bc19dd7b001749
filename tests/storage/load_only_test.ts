import assert from "node:assert/strict";
import { loadOnly } from "../../src/storage/load_only.ts";
import { PendingChanges } from "../../src/storage/pending_changes.ts";
import { LoadedState } from "../../src/storage/stored_state.ts";
import { checkIntact, makeFile, MESSAGES, overwrite } from "./damage_fixture.ts";
import { temporaryFolder } from "./fixture.ts";

function load(path: string): LoadedState | undefined {
  const state = new LoadedState(new PendingChanges(), () => {});
  const isLoaded = loadOnly(path, (chunk) => state.add(chunk), () => state.startAgain());
  state.complete({ offsetMs: 0, nowMs: 0 });
  return isLoaded ? state : undefined;
}

Deno.test("loadOnly() reads a store and leaves it as it is", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  const before = Deno.readFileSync(path);
  const state = load(path);
  assert.equal(state && checkIntact(state), MESSAGES);
  assert.deepEqual(Deno.readFileSync(path), before);
});

Deno.test("loadOnly() goes round what is damaged", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  overwrite(path, Deno.statSync(path).size - 10 * 4096, new Uint8Array(4096));
  const state = load(path);
  const count = state && checkIntact(state);
  assert.ok(count !== undefined && count > MESSAGES / 2 && count < MESSAGES, `${count}`);
});

Deno.test("loadOnly() reads what is left of a file that was cut off, and leaves it as it is", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  Deno.truncateSync(path, Deno.statSync(path).size * 0.7);
  const before = Deno.readFileSync(path);
  const state = load(path);
  const count = state && checkIntact(state);
  assert.ok(count !== undefined && count > MESSAGES / 4 && count < MESSAGES, `${count}`);
  assert.deepEqual(Deno.readFileSync(path), before);
});

Deno.test("loadOnly() says when there is nothing to read, and makes nothing", () => {
  using folder = temporaryFolder();
  assert.equal(load(`${folder.path}/none.db`), undefined);
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});
