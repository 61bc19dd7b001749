/**
 * `broker check --config FILE`: whether a configuration is right, what would be in effect, and
 * whether this machine lets it work.
 *
 * Owns the order of the steps and the exit code. What is looked at is `src/check/`'s, what is printed
 * `check_report.ts`'s. Changes nothing.
 */

import type { Finding } from "../check/finding.ts";
import type { Machine } from "../check/machine.ts";
import type { LoadedSettings, RefusedSettings } from "../config/load.ts";
import { checkJson, type CheckReport, checkText, refusalJson } from "./check_report.ts";
import { ExitCode, type Terminal, writeLines } from "./terminal.ts";

export interface CheckOptions {
  /** Whom the broker runs as; undefined: as the installed unit says, else who runs this. */
  readonly user?: string | undefined;
  /** Neither the files that are named nor the machine are looked at. */
  readonly isSettingsOnly?: boolean | undefined;
  /** Warnings make the exit code 1. */
  readonly isStrict?: boolean | undefined;
  readonly isJson?: boolean | undefined;
}

/**
 * Prints what is found and returns the exit code: 2 for errors, 1 for warnings that count, else 0.
 * `machine`: by default the one that this process runs on.
 */
export async function check(
  path: string,
  terminal: Terminal,
  options: CheckOptions = {},
  machine?: Machine,
): Promise<number> {
  const { loadSettings } = await import("../config/load.ts");
  const loaded = await loadSettings(path);
  if (!loaded.ok) return await refuse(path, loaded, terminal, options);
  let report: CheckReport;
  try {
    report = await examined(loaded, options, machine);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "NoSuchUserError") throw error;
    writeLines([error.message], terminal.err);
    return ExitCode.Usage;
  }
  const exitCode = exitCodeOf(report.findings, options);
  if (options.isJson === true) terminal.out(checkJson(report, exitCode));
  else writeLines(checkText(report), terminal.out);
  return exitCode;
}

/** `src/check/` is loaded only for a configuration that is right. */
async function examined(
  loaded: LoadedSettings,
  options: CheckOptions,
  machine: Machine | undefined,
): Promise<CheckReport> {
  const { examine, examineSettings } = await import("../check/examine.ts");
  if (options.isSettingsOnly === true) {
    return { loaded, service: undefined, findings: examineSettings(loaded) };
  }
  const asked = machine ?? (await import("../check/this_machine.ts")).thisMachine;
  const { serviceOf } = await import("../check/service.ts");
  const { file, settings } = loaded;
  const service = serviceOf(asked, file, settings.persistence, options.user);
  return { loaded, service, findings: await examine({ loaded, machine: asked, service }) };
}

async function refuse(
  path: string,
  refused: RefusedSettings,
  terminal: Terminal,
  { isJson }: CheckOptions,
): Promise<number> {
  if (isJson === true) {
    const { readFileText } = await import("../config/file.ts");
    const file = await readFileText(path);
    const source = file.ok ? file.text : file.source;
    terminal.out(refusalJson(path, source, refused.problems, ExitCode.Usage));
  } else {
    terminal.err(refused.report);
  }
  return ExitCode.Usage;
}

function exitCodeOf(findings: readonly Finding[], { isStrict }: CheckOptions): number {
  if (findings.some(({ severity }) => severity === "error")) return ExitCode.Usage;
  const isDoubtful = isStrict === true && findings.some(({ severity }) => severity === "warning");
  return isDoubtful ? ExitCode.Failure : ExitCode.Ok;
}
