/**
 * `broker check --config FILE`: whether a configuration is right, and what would be in effect.
 *
 * Owns the layout of the summary. Starts nothing, opens nothing but the file and those it names.
 */

import { escapeControls } from "../config/escape.ts";
import type { LoadedSettings } from "../config/load.ts";
import {
  describeChanges,
  describeListeners,
  describePersistence,
  describeWarnings,
} from "../config/policy.ts";
import { checkFiles } from "./check_files.ts";
import { usersNowhere } from "./check_roles.ts";
import { ExitCode, type Terminal } from "./terminal.ts";

/** Prints all errors (exit code 2) or "FILE: ok" and the policy (0). */
export async function check(path: string, terminal: Terminal): Promise<number> {
  const { loadSettings } = await import("../config/load.ts");
  const loaded = await loadSettings(path);
  if (!loaded.ok) {
    terminal.err(loaded.report);
    return ExitCode.Usage;
  }
  const { errors, warnings, users } = await checkFiles(loaded);
  if (errors.length > 0) {
    const count = errors.length === 1 ? "1 error" : `${errors.length} errors`;
    terminal.err(asText([...errors, "", `${count} in the files that ${path} names`]));
    return ExitCode.Usage;
  }
  const doubts = [
    ...describeWarnings(loaded.settings),
    ...usersNowhere(loaded, users),
    ...warnings,
  ];
  terminal.out(asText([
    `${path}: ok`,
    ...summary(loaded),
    ...doubts.map((line) => `Warning: ${line}`),
  ]));
  return ExitCode.Ok;
}

function summary({ settings }: LoadedSettings): string[] {
  const changes = describeChanges(settings);
  return [
    "Listeners:",
    ...describeListeners(settings).map((line) => `  ${line}`),
    describePersistence(settings),
    changes.length === 0 ? "Everything else has its default" : "Not the default:",
    ...changes.map((line) => `  ${line}`),
  ];
}

function asText(lines: readonly string[]): string {
  return lines.map((line) => `${escapeControls(line)}\n`).join("");
}
