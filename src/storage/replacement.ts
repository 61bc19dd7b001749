/**
 * Puts another file in the place of one that cannot be used, so that a kill at any moment loses
 * nothing: what can be read of a damaged file, or everything that a running broker knows.
 *
 * Owns the order of the steps and the files `PATH.recovering`, the replacement, and `PATH.recovered`,
 * the note which says that it is complete and holds the report. Invariant: the file that is replaced
 * keeps its name until both are on the disk; from then on each start finishes what was begun. The
 * report stays until somebody has got it (`forgetRepair`).
 */

import { basename, dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { syncFolderOf } from "./copy.ts";
import { noCounts } from "./counts.ts";
import { createPrivately, exists, type FileState, fileState, isStill } from "./paths.ts";
import {
  applyChunk,
  nameAside,
  recover,
  removeDatabase,
  removeLog,
  type RepairReport,
  type Salvaged,
  setLogAside,
} from "./repair.ts";
import { migrate, rollBack } from "./schema.ts";
import { TableWriter } from "./table_writer.ts";

/** Without a journal: if it is not completed it is thrown away. */
const REPLACEMENT_PRAGMAS = `
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = OFF;
  PRAGMA synchronous = OFF;
`;

/** What `PATH.recovered` holds, as JSON. */
interface Note extends Salvaged {
  readonly reason: string;
  /**
   * What the name that the file gets has more than its own: the folder may be moved. Undefined:
   * there is nothing to set aside.
   */
  readonly suffix: string | undefined;
  /**
   * Of a replacement that holds more than can be read of the file, which it takes the place of as
   * long as that is this one. Undefined: if the file has its name still, the repair begins anew.
   */
  readonly replaces: FileState | undefined;
}

const replacementOf = (path: string) => `${path}.recovering`;
const copyOf = (path: string) => `${path}.recovering-copy`;
const noteOf = (path: string) => `${path}.recovered`;
const unfinishedNoteOf = (path: string) => `${path}.recovered-partial`;

/** How one replacement differs from another. */
interface Replacement {
  readonly reason: string;
  /** The replacement holds all there is, whatever can be read of the file. */
  readonly isWhole: boolean;
  readonly wallMs: number;
  fill(database: DatabaseSync): Salvaged;
}

/** Replaces the damaged file `path`. Throws what the disk is to blame for, as when it is full. */
export function replaceDamaged(path: string, reason: string, wallMs: number): RepairReport {
  return runAll(repairSteps(path, reason, wallMs));
}

/** As `replaceDamaged`, with a pause wherever a kill leaves something else behind. */
export function* repairSteps(
  path: string,
  reason: string,
  wallMs: number,
): Generator<void, RepairReport> {
  removeUnfinished(path);
  const fill = (database: DatabaseSync) => recover(path, copyOf(path), database);
  return yield* replacementSteps(path, { reason, isWhole: false, wallMs, fill });
}

/** Whose file is replaced by what a running broker knows, and why. */
export interface Loss {
  readonly reason: string;
  /** What is under the path is not the file whose log lies beside it. */
  readonly isForeign: boolean;
}

/** Replaces whatever is under `path` by a file in which `batch` has been carried out. */
export function replaceByBatch(
  path: string,
  loss: Loss,
  batch: Uint8Array,
  wallMs: number,
): RepairReport {
  return runAll(rewriteSteps(path, loss, batch, wallMs));
}

/** As `replaceByBatch`, with a pause wherever a kill leaves something else behind. */
export function* rewriteSteps(
  path: string,
  { reason, isForeign }: Loss,
  batch: Uint8Array,
  wallMs: number,
): Generator<void, RepairReport> {
  // An attempt before this one may have failed when the file was out of the way already.
  finishRepair(path);
  // What the log has is in memory; together with another file it would damage that.
  if (isForeign) removeLog(path);
  const fill = (database: DatabaseSync) => fillFrom(batch, database);
  return yield* replacementSteps(path, { reason, isWhole: true, wallMs, fill });
}

function fillFrom(batch: Uint8Array, database: DatabaseSync): Salvaged {
  const recovered = noCounts();
  database.exec("BEGIN IMMEDIATE");
  try {
    applyChunk(batch, new TableWriter(database), recovered);
    database.exec("COMMIT");
  } catch (error) {
    rollBack(database);
    throw error;
  }
  return { recovered, damage: { rows: 0, gaps: 0, reason: "" } };
}

function runAll<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

function* replacementSteps(
  path: string,
  { reason, isWhole, wallMs, fill }: Replacement,
): Generator<void, RepairReport> {
  try {
    const salvaged = makeReplacement(path, fill);
    yield;
    const setAsideAs = exists(path) ? nameAside(path, wallMs, "damaged") : undefined;
    writeNote(path, {
      reason,
      suffix: setAsideAs?.slice(path.length),
      replaces: isWhole ? fileState(path) : undefined,
      ...salvaged,
    });
    yield;
    yield* putInPlace(path, setAsideAs);
    return { reason, setAsideAs, ...salvaged };
  } catch (error) {
    // Unless the damaged file is out of the way already: then a start finishes it.
    if (exists(path)) removeUnfinished(path);
    throw error;
  }
}

function makeReplacement(path: string, fill: Replacement["fill"]): Salvaged {
  const replacement = replacementOf(path);
  createPrivately(replacement);
  const database = new DatabaseSync(replacement);
  let salvaged: Salvaged;
  try {
    database.exec(REPLACEMENT_PRAGMAS);
    migrate(database);
    salvaged = fill(database);
  } finally {
    database.close();
  }
  using file = Deno.openSync(replacement, { write: true });
  file.syncSync();
  return salvaged;
}

function writeNote(path: string, note: Note): void {
  const unfinished = unfinishedNoteOf(path);
  {
    using file = Deno.openSync(unfinished, { write: true, createNew: true, mode: 0o600 });
    const bytes = new TextEncoder().encode(JSON.stringify(note));
    for (let written = 0; written < bytes.length;) {
      written += file.writeSync(bytes.subarray(written));
    }
    file.syncSync();
  }
  Deno.renameSync(unfinished, noteOf(path));
  syncFolderOf(path);
}

/** Can be repeated after a kill, wherever it was. */
function* putInPlace(path: string, setAsideAs: string | undefined): Generator<void> {
  if (setAsideAs !== undefined && exists(path)) Deno.renameSync(path, setAsideAs);
  yield;
  if (setAsideAs === undefined) removeLog(path);
  else setLogAside(path, setAsideAs);
  syncFolderOf(path);
  yield;
  Deno.renameSync(replacementOf(path), path);
  syncFolderOf(path);
  yield;
}

/**
 * Finishes a replacement that was interrupted, or removes what there is of it when it has to begin
 * anew. Returns the report when nobody has got it yet.
 */
export function finishRepair(path: string): RepairReport | undefined {
  const note = readNote(path);
  const isComplete = note !== undefined && exists(replacementOf(path));
  const isDue = isComplete && takesPlaceOf(note, path);
  // The file was not set aside, or another has been put in its place: that one counts.
  if (note === undefined || !isDue && (isComplete || !exists(path))) {
    removeUnfinished(path);
    return undefined;
  }
  const { reason, suffix, recovered, damage } = note;
  const setAsideAs = suffix === undefined ? undefined : path + suffix;
  if (isDue) runAll(putInPlace(path, setAsideAs));
  const finished = `${reason}; its repair was interrupted and is finished now`;
  return { reason: finished, setAsideAs, recovered, damage };
}

/** Whether a complete replacement has to be put in place. */
function takesPlaceOf({ replaces }: Note, path: string): boolean {
  return !exists(path) || replaces !== undefined && isStill(path, replaces);
}

/** That there is a note says that the replacement is complete, whether or not it can be read. */
function readNote(path: string): Note | undefined {
  const name = noteOf(path);
  if (!exists(name)) return undefined;
  const note = parseNote(Deno.readTextFileSync(name));
  return note ?? {
    reason: `what was done about it is not known, since '${name}' cannot be read`,
    suffix: lastSetAside(path)?.slice(path.length),
    replaces: undefined,
    recovered: noCounts(),
    damage: { rows: 0, gaps: 0, reason: "" },
  };
}

/** Undefined when it is damaged. */
function parseNote(text: string): Note | undefined {
  try {
    const note = JSON.parse(text) as Partial<Note> | null;
    const isWhole = typeof note?.reason === "string" && note.recovered && note.damage;
    return isWhole ? note as Note : undefined;
  } catch {
    return undefined;
  }
}

/** The name of the damaged file that was set aside last: names end with the time. */
function lastSetAside(path: string): string | undefined {
  const start = `${basename(path)}.damaged-`;
  const names = [...Deno.readDirSync(dirname(path))].map(({ name }) => name)
    .filter((name) => name.startsWith(start) && !name.endsWith("-wal")).sort();
  const last = names.pop();
  return last === undefined ? undefined : path + last.slice(basename(path).length);
}

/** The report has arrived. */
export function forgetRepair(path: string): void {
  if (exists(noteOf(path))) Deno.removeSync(noteOf(path));
}

/** The note goes first: without it, nobody takes the replacement for a complete one. */
function removeUnfinished(path: string): void {
  forgetRepair(path);
  for (const each of [replacementOf(path), copyOf(path), unfinishedNoteOf(path)]) {
    removeDatabase(each);
  }
}

/** A repair waits to be finished or reported: there is a store, whatever is under its own name. */
export function isRepairPending(path: string): boolean {
  return exists(noteOf(path));
}

/** Where the store can be read as it is: under its own name, or a replacement not yet in place. */
export function readablePath(path: string): string {
  const note = readNote(path);
  const isReplaced = note !== undefined && exists(replacementOf(path)) && takesPlaceOf(note, path);
  return isReplaced ? replacementOf(path) : path;
}
