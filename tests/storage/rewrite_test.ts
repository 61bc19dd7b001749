/**
 * What a kill leaves while a running broker writes everything it knows to a new file.
 */
import assert from "node:assert/strict";
import { Writer } from "../../src/protocol/writer.ts";
import { replaceFile } from "../../src/storage/open_file.ts";
import { PendingChanges } from "../../src/storage/pending_changes.ts";
import {
  isRepairPending,
  readablePath,
  repairSteps,
  replaceDamaged,
  rewriteSteps,
} from "../../src/storage/replacement.ts";
import { checkIntact, makeFile, openAsWorker, overwrite, PAGE_BYTES } from "./damage_fixture.ts";
import {
  describeFile,
  describeState,
  namesIn,
  newMessage,
  newOutgoing,
  newSession,
  temporaryFolder,
} from "./fixture.ts";

const MOMENT = Date.UTC(2026, 10, 23, 8, 5, 9);
const STEPS = 5;
/** After so many steps the replacement is complete, and the note says so. */
const STEPS_TO_NOTE = 2;
const DAMAGED = { reason: "it is malformed", isForeign: false };
const GONE = { reason: "it was deleted", isForeign: true };
const EVERYTHING = { everything: ["t=of the running broker qos 1"] };

/** What a running broker knows. */
function everything(): Uint8Array {
  const changes = new PendingChanges();
  const session = newSession("everything");
  changes.addOutgoing(session, newOutgoing(newMessage("t", "of the running broker")));
  const writer = new Writer();
  changes.take(writer, 0);
  return writer.written().slice();
}

/** Rewrites as far as a kill after so many steps lets it. */
function rewriteAndKill(path: string, loss: typeof DAMAGED, steps: number): void {
  const rewriting = rewriteSteps(path, loss, everything(), MOMENT);
  for (let step = 0; step < steps; step++) assert.equal(rewriting.next().done, false);
}

/** What there is after a start, and what is reported of a repair. */
function startAt(path: string) {
  const { file, state, repair } = openAsWorker(path);
  file.close();
  return { found: describeState(state).sessions, repair };
}

function makeDamaged(path: string): Uint8Array {
  makeFile(path);
  overwrite(path, Deno.statSync(path).size - 10 * PAGE_BYTES, new Uint8Array(PAGE_BYTES));
  return Deno.readFileSync(path);
}

for (let steps = 0; steps <= STEPS; steps++) {
  Deno.test(`everything is there after a kill ${steps} steps into replacing a damaged file`, () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/broker.db`;
    const damaged = makeDamaged(path);
    rewriteAndKill(path, DAMAGED, steps);
    const isRewritten = steps >= STEPS_TO_NOTE;
    assert.equal(readablePath(path) === path, !isRewritten || steps === STEPS);
    const { found, repair } = startAt(path);
    // Until the new file is complete, what can be read of the old one is the best there is.
    if (isRewritten) assert.deepEqual(found, EVERYTHING);
    else assert.equal(Object.keys(found).length, 20);
    const isFinished = /^it is malformed; its repair was interrupted and is finished now$/;
    assert.equal(isFinished.test(repair?.reason ?? ""), isRewritten, String(repair?.reason));
    assert.deepEqual(Deno.readFileSync(repair?.setAsideAs ?? ""), damaged);
    assert.equal(
      repair?.recovered.outgoing,
      isRewritten ? 1 : Object.values(found).flat().length - 20,
    );
    assert.deepEqual(namesIn(folder.path), ["broker.db", "broker.db.damaged-TIME"]);
    assert.deepEqual(startAt(path), { found, repair: undefined });
  });

  Deno.test(`nothing but the deleted file is missing after a kill ${steps} steps into making it anew`, () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/broker.db`;
    // The log of a file that was deleted.
    Deno.writeTextFileSync(`${path}-wal`, "log");
    rewriteAndKill(path, GONE, steps);
    const { found, repair } = startAt(path);
    assert.deepEqual(found, steps >= STEPS_TO_NOTE ? EVERYTHING : {});
    assert.equal(repair?.setAsideAs, undefined);
    assert.deepEqual(namesIn(folder.path), ["broker.db"]);
  });

  Deno.test(`a file in the place of the broker's is never lost by a kill after ${steps} steps`, () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/broker.db`;
    makeFile(path);
    Deno.writeTextFileSync(`${path}-wal`, "log of another file");
    rewriteAndKill(path, GONE, steps);
    const { found, repair } = startAt(path);
    if (steps < STEPS_TO_NOTE) return assert.equal(Object.keys(found).length, 20);
    assert.deepEqual(found, EVERYTHING);
    assert.equal(Object.keys(describeFile(repair?.setAsideAs ?? "").sessions).length, 20);
  });
}

Deno.test("replacing by a batch has as many steps as the tests kill", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeDamaged(path);
  assert.equal([...rewriteSteps(path, DAMAGED, everything(), MOMENT)].length, STEPS);
});

Deno.test("a file that is put in the place of the damaged one counts, not what the broker knew", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeDamaged(path);
  rewriteAndKill(path, DAMAGED, STEPS_TO_NOTE);
  // Of another size or time: somebody has put a backup back.
  makeFile(`${folder.path}/backup.db`);
  Deno.utimeSync(`${folder.path}/backup.db`, 1000, 1000);
  Deno.renameSync(`${folder.path}/backup.db`, path);
  const { found, repair } = startAt(path);
  assert.deepEqual([Object.keys(found).length, repair], [20, undefined]);
  assert.deepEqual(namesIn(folder.path), ["broker.db"]);
});

Deno.test("an attempt that failed half-way leaves the next one what it had", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeDamaged(path);
  rewriteAndKill(path, DAMAGED, STEPS_TO_NOTE + 1);
  const next = rewriteSteps(path, GONE, everything(), MOMENT);
  next.next();
  // Nothing of the next attempt counts yet, and the file is in its place.
  assert.deepEqual(describeFile(path).sessions, EVERYTHING);
});

Deno.test("replaceFile() sets aside what is there and begins with what it is given", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeFile(path);
  const { file, repair } = replaceFile(path, GONE, everything(), MOMENT);
  file.close();
  assert.deepEqual([repair.reason, repair.recovered.sessions], [GONE.reason, 1]);
  assert.deepEqual(namesIn(folder.path), ["broker.db", "broker.db.damaged-TIME"]);
  assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  assert.deepEqual(describeFile(path).sessions, EVERYTHING);
});

Deno.test("replaceFile() leaves nothing to report of a repair before it", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  makeDamaged(path);
  replaceDamaged(path, "malformed", MOMENT);
  replaceFile(path, GONE, everything(), MOMENT).file.close();
  assert.equal(startAt(path).repair, undefined);
});

for (const [what, text] of [["cut off", '{"rea'], ["empty", ""], ["not ours", "[]"]] as const) {
  Deno.test(`a note of a repair that is ${what} keeps nobody from starting`, () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/broker.db`;
    makeDamaged(path);
    const repair = repairSteps(path, "malformed", MOMENT);
    for (let step = 0; step < STEPS_TO_NOTE + 1; step++) repair.next();
    Deno.writeTextFileSync(`${path}.recovered`, text);
    const { file, state, repair: report } = openAsWorker(path);
    file.close();
    assert.ok(checkIntact(state) > 500);
    assert.match(
      report?.reason ?? "",
      /^what was done about it is not known, since '.*broker\.db\.recovered' cannot be read; its/,
    );
    assert.equal(report?.setAsideAs, `${path}.damaged-20261123-080509`);
    assert.equal(isRepairPending(path), false);
  });

  Deno.test(`a note of a repair that is ${what} is forgotten where the file was not set aside`, () => {
    using folder = temporaryFolder();
    const path = `${folder.path}/broker.db`;
    makeFile(path);
    Deno.writeTextFileSync(`${path}.recovered`, text);
    Deno.writeTextFileSync(`${path}.recovering`, "half of it");
    const { file, state } = openAsWorker(path);
    file.close();
    assert.equal(checkIntact(state), 1000);
    assert.deepEqual(namesIn(folder.path), ["broker.db"]);
  });
}
