import assert from "node:assert/strict";
import { loadOnly } from "../../src/storage/load_only.ts";
import { openFile } from "../../src/storage/open_file.ts";
import { PendingChanges } from "../../src/storage/pending_changes.ts";
import {
  finishRepair,
  isRepairPending,
  readablePath,
  repairSteps,
  replaceDamaged,
} from "../../src/storage/replacement.ts";
import { LoadedState } from "../../src/storage/stored_state.ts";
import {
  checkIntact,
  makeFile,
  MESSAGES,
  openAsWorker,
  overwrite,
  PAGE_BYTES,
} from "./damage_fixture.ts";
import { temporaryFolder } from "./fixture.ts";

const MOMENT = Date.UTC(2026, 10, 23, 8, 5, 9);
const SET_ASIDE = "broker.db.damaged-20261123-080509";
/** Of the steps of a repair, so many come before the note that the replacement is complete. */
const STEPS_TO_NOTE = 2;
const STEPS = 5;

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

/** A file with a page that cannot be read, and a log that has nothing for it. */
function makeDamaged(path: string): Uint8Array {
  makeFile(path);
  overwrite(path, Deno.statSync(path).size - 10 * PAGE_BYTES, new Uint8Array(PAGE_BYTES));
  Deno.writeTextFileSync(`${path}-wal`, "log");
  return Deno.readFileSync(path);
}

/** Repairs as far as a kill after so many steps lets it. */
function repairAndKill(path: string, steps: number): void {
  const repair = repairSteps(path, "it is malformed", MOMENT);
  for (let step = 0; step < steps; step++) assert.equal(repair.next().done, false);
}

/** How many messages there are after a start. */
function messagesAt(path: string): number {
  const { file, state } = openAsWorker(path);
  file.close();
  return checkIntact(state);
}

function loadOnlyAt(path: string): number | undefined {
  const state = new LoadedState(new PendingChanges(), () => {});
  const damage = loadOnly(path, (chunk) => state.add(chunk), () => state.startAgain());
  state.complete({ offsetMs: 0, nowMs: 0 });
  return damage && checkIntact(state);
}

Deno.test("replaceDamaged() puts what can be read in place, and keeps the damaged file with its log", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const damaged = makeDamaged(path);
  const { reason, setAsideAs, recovered, damage } = replaceDamaged(path, "malformed", MOMENT);
  assert.deepEqual([reason, setAsideAs], ["malformed", `${folder.path}/${SET_ASIDE}`]);
  assert.deepEqual([damage.gaps, damage.rows, recovered.sessions], [1, 0, 20]);
  assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  assert.deepEqual(Deno.readFileSync(`${folder.path}/${SET_ASIDE}`), damaged);
  assert.equal(Deno.readTextFileSync(`${folder.path}/${SET_ASIDE}-wal`), "log");
  // The report waits for somebody who gets it.
  assert.deepEqual(names(folder.path), [
    "broker.db",
    SET_ASIDE,
    `${SET_ASIDE}-wal`,
    "broker.db.recovered",
  ]);
  assert.equal(messagesAt(path), recovered.outgoing);
});

for (let steps = 0; steps <= STEPS; steps++) {
  Deno.test(`a repair that is killed after ${steps} steps is finished by the next start`, () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/broker.db`;
    const damaged = makeDamaged(path);
    using whole = temporaryFolder();
    makeDamaged(`${whole.path}/broker.db`);
    const expected = messagesAt(`${whole.path}/broker.db`);
    assert.ok(expected > MESSAGES / 2 && expected < MESSAGES);

    repairAndKill(path, steps);
    if (steps <= STEPS_TO_NOTE) assert.deepEqual(Deno.readFileSync(path), damaged);
    const { file, repair, isNew, state } = openAsWorker(path);
    assert.deepEqual([checkIntact(state), isNew], [expected, false]);
    file.close();
    assert.equal(repair?.recovered.outgoing, expected);
    assert.deepEqual([repair.damage.gaps, repair.damage.rows], [1, 0]);
    const setAsideAs = repair.setAsideAs ?? "";
    assert.deepEqual(Deno.readFileSync(setAsideAs), damaged);
    // Where it had to begin anew, SQLite has seen that the log is none.
    const isFinished = steps > STEPS_TO_NOTE;
    assert.equal(/interrupted and is finished now$/.test(repair.reason), isFinished, repair.reason);
    const left = names(folder.path).filter((name) => !name.endsWith("-wal"));
    assert.deepEqual(left, ["broker.db", setAsideAs.slice(folder.path.length + 1)]);
    if (isFinished) assert.equal(Deno.readTextFileSync(`${setAsideAs}-wal`), "log");

    const again = openAsWorker(path);
    again.file.close();
    assert.deepEqual([again.repair, checkIntact(again.state)], [undefined, expected]);
  });
}

Deno.test("a repair has as many steps as the tests kill", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeDamaged(path);
  assert.equal([...repairSteps(path, "malformed", MOMENT)].length, STEPS);
});

Deno.test("what a kill during recovery leaves is removed, beside a sound file too", () => {
  for (const make of [makeFile, makeDamaged]) {
    using folder = temporaryFolder();
    const path = `${folder.path}/broker.db`;
    make(path);
    for (const name of ["recovering", "recovering-copy", "recovering-copy-wal"]) {
      Deno.writeTextFileSync(`${path}.${name}`, "half of it");
    }
    Deno.writeTextFileSync(`${path}.recovered-partial`, '{"rea');
    assert.ok(messagesAt(path) > MESSAGES / 2);
    assert.deepEqual(names(folder.path).filter((name) => name.includes("recover")), []);
  }
});

Deno.test("a file that was put in the place of the damaged one counts, not the replacement", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeDamaged(path);
  repairAndKill(path, STEPS_TO_NOTE + 2);
  makeFile(`${folder.path}/other.db`);
  Deno.renameSync(`${folder.path}/other.db`, path);
  assert.equal(finishRepair(path), undefined);
  assert.equal(messagesAt(path), MESSAGES);
  assert.equal(isRepairPending(path), false);
});

Deno.test("while a repair waits to be finished, the replacement is what can be read", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeDamaged(path);
  assert.deepEqual([isRepairPending(path), readablePath(path)], [false, path]);
  repairAndKill(path, STEPS_TO_NOTE + 1);
  assert.deepEqual([isRepairPending(path), readablePath(path)], [true, `${path}.recovering`]);
  const before = names(folder.path);
  const loaded = loadOnlyAt(path);
  assert.deepEqual(names(folder.path), before);
  assert.equal(loaded, messagesAt(path));
});

Deno.test("a repair that is opened but not loaded is reported by the next start as well", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  Deno.truncateSync(path, Deno.statSync(path).size * 0.7);
  const first = openFile(path, MOMENT);
  first.file.close();
  const { file, repair } = openAsWorker(path);
  file.close();
  assert.notEqual(first.repair, undefined);
  assert.deepEqual(
    [repair?.setAsideAs, repair?.recovered],
    [first.repair?.setAsideAs, first.repair?.recovered],
  );
  assert.equal(isRepairPending(path), false);
});

Deno.test("a repair that fails leaves the damaged file under its name, and nothing else", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const damaged = makeDamaged(path);
  const before = names(folder.path);
  // The name of the note is taken by something that no file can replace.
  const repair = repairSteps(path, "malformed", MOMENT);
  repair.next();
  Deno.mkdirSync(`${path}.recovered`);
  assert.throws(() => repair.next(), /directory/i);
  assert.deepEqual(names(folder.path), before);
  assert.deepEqual(Deno.readFileSync(path), damaged);
});
