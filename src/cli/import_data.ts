/**
 * The part of `broker import` that makes a store of Mosquitto's database.
 *
 * Owns when the store is taken back: when something that matters was lost, and when the user presses
 * Ctrl-C. Invariant: unless it says that it went well, there is no store.
 */

import type { DatabaseReport } from "../import/database/import_database.ts";
import type { DatabasePlan } from "../import/convert_persistence.ts";
import type { ClientTerminal } from "./client/client_terminal.ts";
import { ExitCode, type Terminal, writeLines } from "./terminal.ts";

/** What was imported, or the exit code with which it ended. */
export type DataOutcome =
  | { readonly ok: true; readonly report: DatabaseReport; readonly notes: readonly string[] }
  | { readonly ok: false; readonly exitCode: number };

export const NOTHING_WRITTEN = [
  "Nothing was written: what is left out matters, as it changes who may connect, what is encrypted,",
  "what is delivered, or where the broker listens. --allow-unsupported goes on without it.",
];

/** Makes the store; `mayLose`: also when something that matters is lost. Says what went wrong. */
export async function importData(
  plan: DatabasePlan,
  mayLose: boolean,
  terminal: Terminal,
  onInterrupt?: ClientTerminal["onInterrupt"],
): Promise<DataOutcome> {
  const { DatabaseError, importDatabase } = await import("../import/database/import_database.ts");
  const { interruptExitCode } = await import("./client/tool_exit.ts");
  const abort = new AbortController();
  let interruptedWith: number = ExitCode.Failure;
  const release = (onInterrupt ?? await processInterrupts())((signal) => {
    interruptedWith = interruptExitCode(signal);
    abort.abort();
  });
  try {
    const { signal } = abort;
    const { notGivenTo, ...report } = await importDatabase({ ...plan, nowMs: Date.now(), signal });
    if (report.lost.length > 0 && !mayLose) {
      await discardStore(plan.target);
      const lines = report.lost.map((line) => `Cannot import ${line}`);
      writeLines([...lines, ...NOTHING_WRITTEN], terminal.err);
      return { ok: false, exitCode: ExitCode.Failure };
    }
    return { ok: true, report, notes: notesOn(plan.target, notGivenTo) };
  } catch (error) {
    if (abort.signal.aborted) {
      writeLines(["Interrupted: nothing was written"], terminal.err);
      return { ok: false, exitCode: interruptedWith };
    }
    if (!(error instanceof DatabaseError)) throw error;
    const advice = `${error.advice}. To go on without its data: --no-database`;
    writeLines([error.message, advice], terminal.err);
    return { ok: false, exitCode: ExitCode.Usage };
  } finally {
    release();
  }
}

async function processInterrupts(): Promise<ClientTerminal["onInterrupt"]> {
  const { processClientTerminal } = await import("./client/client_terminal.ts");
  return processClientTerminal.onInterrupt;
}

function notesOn(
  path: string,
  notGivenTo: { readonly uid: number; readonly gid: number } | undefined,
): string[] {
  if (notGivenTo === undefined) return [];
  const { uid, gid } = notGivenTo;
  return [
    `'${path}' belongs to you now. If the broker runs as another user: ` +
    `sudo chown ${uid}:${gid} '${path}'`,
  ];
}

/** Takes back the store that was made just now: else another try would find it in its way. */
export async function discardStore(path: string): Promise<void> {
  for (const ending of ["", "-wal", "-shm", ".lock"]) {
    await Deno.remove(path + ending).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}
