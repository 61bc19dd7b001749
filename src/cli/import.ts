/**
 * `broker import FILE -o broker.yaml`: the move from Mosquitto.
 *
 * Owns the order: everything is read and checked, then the store is made, then the files are put in
 * their places, then the table is printed. Invariants: nothing is written when something that matters
 * would be left out, unless that was allowed; what is there already is not touched without --force,
 * a store never.
 */

import { shellQuoted } from "../config/shell_text.ts";
import { messageOf } from "../error_text.ts";
import { resolve } from "node:path";
import type { PathReplacement } from "../import/input_files.ts";
import { type ImportPlan, planImport } from "../import/plan.ts";
import { discardStore, importData, NOTHING_WRITTEN } from "./import_data.ts";
import { putFiles, targetFault } from "./import_files.ts";
import { type ImportSummary, tableJson, tableLines } from "./import_table.ts";
import { jsonText } from "./json_text.ts";
import { ExitCode, type Terminal, writeLines } from "./terminal.ts";

export interface ImportRequest {
  /** mosquitto.conf. */
  readonly source: string;
  /** "-": standard output; undefined: nothing is written. */
  readonly output: string | undefined;
  readonly store: string | undefined;
  readonly withDatabase: boolean;
  readonly paths: readonly PathReplacement[];
  readonly isDryRun: boolean;
  readonly asJson: boolean;
  /** --force */
  readonly mayReplace: boolean;
  /** --allow-unsupported */
  readonly mayLose: boolean;
}

/** Reads all, and writes unless something that matters would be lost. Returns the exit code. */
export async function importMosquitto(
  request: ImportRequest,
  terminal: Terminal,
): Promise<number> {
  const { source, isDryRun, mayLose } = request;
  const output = request.output === "-" ? undefined : request.output;
  const planned = await planImport({
    source,
    output,
    ...storeOf(request, output),
    paths: request.paths,
    acceptUnknown: mayLose,
  });
  if (!planned.ok) {
    terminal.err(planned.report);
    return ExitCode.Usage;
  }
  const { plan } = planned;
  const isLost = plan.findings.some(({ matters }) => matters);
  const summary: ImportSummary = {
    source,
    written: [],
    findings: plan.findings,
    database: undefined,
  };
  if (isDryRun || (isLost && !mayLose)) {
    printTable(request, summary, terminal);
    if (isLost && !mayLose) writeLines(NOTHING_WRITTEN, terminal.err);
    return isLost && !mayLose ? ExitCode.Failure : ExitCode.Ok;
  }
  const faults = faultsOf(plan, output, request.mayReplace);
  if (faults.length > 0) {
    writeLines(faults, terminal.err);
    return ExitCode.Usage;
  }
  return await carryOut(request, plan, summary, terminal);
}

async function carryOut(
  request: ImportRequest,
  plan: ImportPlan,
  summary: ImportSummary,
  terminal: Terminal,
): Promise<number> {
  const { database } = plan;
  const outcome = database && await importData(database, request.mayLose, terminal);
  if (outcome?.ok === false) return outcome.exitCode;
  const output = request.output === undefined || request.output === "-"
    ? undefined
    : resolve(request.output);
  const files = output === undefined ? [] : [...plan.copies, { path: output, text: plan.yaml }];
  // Somebody else may have written one while the database was read.
  const faults = faultsOf(plan, output, request.mayReplace);
  try {
    if (faults.length === 0) putFiles(files, hasSecrets(plan));
  } catch (error) {
    faults.push(messageOf(error));
  }
  if (faults.length > 0) {
    if (database !== undefined) await discardStore(database.target);
    writeLines(faults, terminal.err);
    return ExitCode.Failure;
  }
  if (output === undefined) terminal.out(plan.yaml);
  const written = files.map(({ path }) => path);
  if (database !== undefined) written.push(database.target);
  printTable(request, { ...summary, written, database: outcome?.report }, terminal);
  writeLines([...closing(plan, written), ...outcome?.notes ?? []], terminal.err);
  return ExitCode.Ok;
}

/** Where the store goes, or why the database is left out. */
function storeOf(
  { store, withDatabase, isDryRun }: ImportRequest,
  output: string | undefined,
): { store: string | undefined; whyNoStore: string } {
  if (!withDatabase) return { store: undefined, whyNoStore: "its data is left out: --no-database" };
  if (store !== undefined) return { store, whyNoStore: "" };
  if (output === undefined && !isDryRun) {
    return { store: undefined, whyNoStore: "its data is not imported with '-o -'; see --store" };
  }
  return { store: resolve(output ?? "broker.yaml", "..", "broker.db"), whyNoStore: "" };
}

/** All reasons why nothing could be written. */
function faultsOf(plan: ImportPlan, output: string | undefined, mayReplace: boolean): string[] {
  if (output === undefined) return [];
  return [resolve(output), ...plan.copies.map(({ path }) => path)]
    .flatMap((path) => targetFault(path, mayReplace, plan.sources) ?? []);
}

/** The table is beside what `-o -` prints. */
function printTable(
  { asJson, output }: ImportRequest,
  summary: ImportSummary,
  terminal: Terminal,
): void {
  if (asJson) terminal.out(`${jsonText(tableJson(summary), 2)}\n`);
  else writeLines(tableLines(summary), output === "-" ? terminal.err : terminal.out);
}

function hasSecrets({ yaml, copies }: ImportPlan): boolean {
  return copies.length > 0 || /^ +password: /m.test(yaml);
}

/** What was written, and what comes next. */
function closing(plan: ImportPlan, written: readonly string[]): string[] {
  if (written.length === 0) return [];
  const names = written.map((path) => `'${path}'`).join(", ");
  const rights = hasSecrets(plan)
    ? [
      "There are hashes of passwords or rules in it, so that only its owner may read it: give it to the",
      "account that the broker runs as.",
    ]
    : [];
  const [file] = written.filter((path) => path !== plan.database?.target).slice(-1);
  const next = file === undefined
    ? []
    : [`See what is in effect: broker check --config ${shellWord(file)}`];
  return [`Written: ${names}`, ...rights, ...next];
}

/** As it may be pasted behind a command. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellQuoted(text);
}
