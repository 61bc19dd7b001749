/**
 * Puts what can be read of a damaged file in its place, so that a kill at any moment loses nothing.
 *
 * Owns the order of the steps and the files `PATH.recovering`, the replacement, and `PATH.recovered`,
 * which says that it is complete and holds the report. Invariant: the damaged file keeps its name
 * until both are on the disk; from then on each start finishes what was begun. The report stays until
 * somebody has got it (`forgetRepair`).
 */

import { DatabaseSync } from "node:sqlite";
import { syncFolderOf } from "./copy.ts";
import { exists } from "./paths.ts";
import {
  nameAside,
  recover,
  removeDatabase,
  type RepairReport,
  type Salvaged,
  setLogAside,
} from "./repair.ts";
import { migrate } from "./schema.ts";

/** Without a journal: if it is not completed it is thrown away. */
const REPLACEMENT_PRAGMAS = `
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = OFF;
  PRAGMA synchronous = OFF;
`;

/** What `PATH.recovered` holds, as JSON. */
interface Note extends Salvaged {
  readonly reason: string;
  /** What the name that the damaged file gets has more than its own: the folder may be moved. */
  readonly suffix: string;
}

const replacementOf = (path: string) => `${path}.recovering`;
const copyOf = (path: string) => `${path}.recovering-copy`;
const noteOf = (path: string) => `${path}.recovered`;
const unfinishedNoteOf = (path: string) => `${path}.recovered-partial`;

/** Replaces the damaged file `path`. Throws what the disk is to blame for, as when it is full. */
export function replaceDamaged(path: string, reason: string, wallMs: number): RepairReport {
  const steps = repairSteps(path, reason, wallMs);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** As `replaceDamaged`, with a pause wherever a kill leaves something else behind. */
export function* repairSteps(
  path: string,
  reason: string,
  wallMs: number,
): Generator<void, RepairReport> {
  removeUnfinished(path);
  try {
    const salvaged = makeReplacement(path);
    yield;
    const setAsideAs = nameAside(path, wallMs, "damaged");
    const note: Note = { reason, suffix: setAsideAs.slice(path.length), ...salvaged };
    writeNote(path, note);
    yield;
    yield* putInPlace(path, setAsideAs);
    return { reason, setAsideAs, ...salvaged };
  } catch (error) {
    // Unless the damaged file is out of the way already: then a start finishes it.
    if (exists(path)) removeUnfinished(path);
    throw error;
  }
}

function makeReplacement(path: string): Salvaged {
  const replacement = replacementOf(path);
  Deno.openSync(replacement, { write: true, createNew: true, mode: 0o600 }).close();
  const database = new DatabaseSync(replacement);
  let salvaged: Salvaged;
  try {
    database.exec(REPLACEMENT_PRAGMAS);
    migrate(database);
    salvaged = recover(path, copyOf(path), database);
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
function* putInPlace(path: string, setAsideAs: string): Generator<void> {
  if (exists(path)) Deno.renameSync(path, setAsideAs);
  yield;
  setLogAside(path, setAsideAs);
  syncFolderOf(path);
  yield;
  Deno.renameSync(replacementOf(path), path);
  syncFolderOf(path);
  yield;
}

/**
 * Finishes a repair that was interrupted, or removes what there is of it when it has to begin anew.
 * Returns the report when nobody has got it yet.
 */
export function finishRepair(path: string): RepairReport | undefined {
  const note = readNote(path);
  const isComplete = note !== undefined && exists(replacementOf(path));
  const isInPlace = exists(path);
  // The damaged file was not set aside, or another has been put in its place: that one counts.
  if (note === undefined || isComplete === isInPlace) {
    removeUnfinished(path);
    return undefined;
  }
  const { reason, suffix, recovered, damage } = note;
  const setAsideAs = path + suffix;
  if (isComplete) { for (const _step of putInPlace(path, setAsideAs)); }
  const finished = `${reason}; its repair was interrupted and is finished now`;
  return { reason: finished, setAsideAs, recovered, damage };
}

function readNote(path: string): Note | undefined {
  const name = noteOf(path);
  return exists(name) ? JSON.parse(Deno.readTextFileSync(name)) as Note : undefined;
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
  const isReplaced = !exists(path) && isRepairPending(path) && exists(replacementOf(path));
  return isReplaced ? replacementOf(path) : path;
}
