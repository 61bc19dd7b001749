/**
 * `broker log-level`: shows and changes the levels of the running log.
 */

import type { LevelsItem } from "../../control/items.ts";
import { jsonText } from "../json_text.ts";
import { ExitCode, type Terminal, writeLines } from "../terminal.ts";
import { textTable } from "../text_table.ts";
import { askForOne } from "./ask.ts";
import type { ControlFlags } from "./control_options.ts";

export interface LogLevelRequest extends ControlFlags {
  /** Undefined: shown only. */
  readonly level: string | undefined;
  /** Undefined: all. */
  readonly part: string | undefined;
  readonly json: boolean;
}

export async function logLevel(
  { level, part, json, ...flags }: LogLevelRequest,
  terminal: Terminal,
): Promise<number> {
  const question = { command: "log-level", arguments: { level, part } } as const;
  const { exitCode, item } = await askForOne<LevelsItem>(flags, question, terminal);
  if (exitCode !== ExitCode.Ok || item === undefined) return exitCode;
  if (json) {
    terminal.out(`${jsonText(item)}\n`);
    return exitCode;
  }
  const rows = Object.entries(item.levels).map(([name, value]) => [name, value ?? "silent"]);
  writeLines(textTable([{ title: "PART" }, { title: "LEVEL" }], rows), terminal.out);
  if (level !== undefined) writeLines(["", "Until the next reload or restart"], terminal.out);
  return exitCode;
}
