/**
 * `broker check --config FILE`: whether a configuration is right, and what would be in effect.
 *
 * Owns the layout of the summary. Starts nothing, opens nothing but the file.
 */

import { escapeControls } from "../config/escape.ts";
import { describeChanges, describeListeners, describePersistence } from "../config/policy.ts";
import { ExitCode, type Terminal } from "./terminal.ts";

/** Prints all errors (exit code 2) or "FILE: ok" and the policy (0). */
export async function check(path: string, terminal: Terminal): Promise<number> {
  const { loadSettings } = await import("../config/load.ts");
  const loaded = await loadSettings(path);
  if (!loaded.ok) {
    terminal.err(loaded.report);
    return ExitCode.Usage;
  }
  const lines = [`${path}: ok`, "Listeners:"];
  lines.push(...describeListeners(loaded.settings).map((line) => `  ${line}`));
  lines.push(describePersistence(loaded.settings));
  const changes = describeChanges(loaded.settings);
  lines.push(changes.length === 0 ? "Everything else has its default" : "Not the default:");
  lines.push(...changes.map((line) => `  ${line}`));
  terminal.out(lines.map((line) => `${escapeControls(line)}\n`).join(""));
  return ExitCode.Ok;
}
