import assert from "node:assert/strict";
import { loadOnly } from "../../src/storage/load_only.ts";
import { PendingChanges } from "../../src/storage/pending_changes.ts";
import { LoadedState } from "../../src/storage/stored_state.ts";
import { checkIntact, makeFile, MESSAGES, overwrite } from "./damage_fixture.ts";
import { temporaryFolder } from "./fixture.ts";

/** How many messages were loaded, and what was left out; undefined: nothing can be read. */
function load(path: string) {
  const state = new LoadedState(new PendingChanges(), () => {});
  const damage = loadOnly(path, (chunk) => state.add(chunk), () => state.startAgain());
  state.complete({ offsetMs: 0, nowMs: 0 });
  return damage && { count: checkIntact(state), damage };
}

Deno.test("loadOnly() reads a store and leaves it as it is", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  const before = Deno.readFileSync(path);
  assert.deepEqual(load(path), {
    count: MESSAGES,
    damage: { rows: 0, gaps: 0, reason: "" },
  });
  assert.deepEqual(Deno.readFileSync(path), before);
});

Deno.test("loadOnly() goes round what is damaged, and says so", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  overwrite(path, Deno.statSync(path).size - 10 * 4096, new Uint8Array(4096));
  const { count = NaN, damage } = load(path) ?? {};
  assert.ok(count > MESSAGES / 2 && count < MESSAGES, `${count}`);
  assert.deepEqual([damage?.rows, damage?.gaps], [0, 1]);
  assert.match(damage?.reason ?? "", /malformed/);
});

Deno.test("loadOnly() reads what is left of a file that was cut off, and leaves it as it is", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  Deno.truncateSync(path, Deno.statSync(path).size * 0.7);
  const before = Deno.readFileSync(path);
  const { count = NaN } = load(path) ?? {};
  assert.ok(count > MESSAGES / 4 && count < MESSAGES, `${count}`);
  assert.deepEqual(Deno.readFileSync(path), before);
});

Deno.test("loadOnly() says when there is nothing to read, and makes nothing", () => {
  using folder = temporaryFolder();
  assert.equal(load(`${folder.path}/none.db`), undefined);
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});
