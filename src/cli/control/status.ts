/**
 * `broker status`: how the running broker is doing, once or again and again.
 */

import { escapeControls } from "../../config/escape.ts";
import type { StatusItem } from "../../control/items.ts";
import { jsonText } from "../json_text.ts";
import { ExitCode, type Terminal, writeLines } from "../terminal.ts";
import { askForOne } from "./ask.ts";
import type { ControlFlags } from "./control_options.ts";
import { fitting, type Screen } from "./screen.ts";
import { statusLines } from "./status_text.ts";

/** A broker answers this at once; one that does not is stopped, or busy for ever. */
const SILENCE_MS = 10_000;
const WATCH_MS = 2000;
/** Cursor to the top, and the rest of the screen cleared. */
const CLEAR_SCREEN = "\x1b[H\x1b[2J";

export async function status(
  { json, ...flags }: ControlFlags & { readonly json: boolean },
  terminal: Terminal,
): Promise<number> {
  const { exitCode, item } = await askStatus(flags, terminal);
  if (item === undefined) return exitCode;
  if (json) terminal.out(`${jsonText(item, 2)}\n`);
  else writeLines(statusLines(item, Date.now()), terminal.out);
  return exitCode;
}

/** Ends when the broker cannot be asked any more, or the process is ended. */
export async function watchStatus(
  flags: ControlFlags,
  terminal: Terminal,
  screen: Screen,
): Promise<number> {
  if (!screen.isTerminal) {
    terminal.err("'--watch' needs a terminal\n");
    return ExitCode.Usage;
  }
  for (;;) {
    const { exitCode, item } = await askStatus(flags, terminal);
    if (item === undefined) return exitCode;
    terminal.out(CLEAR_SCREEN);
    const lines = [...statusLines(item, Date.now())].map(escapeControls);
    writeLines(fitting(lines, screen.size()), terminal.out);
    if (!await screen.pause(WATCH_MS)) return exitCode;
  }
}

function askStatus(flags: ControlFlags, terminal: Terminal) {
  return askForOne<StatusItem>(flags, { command: "status" }, terminal, { silenceMs: SILENCE_MS });
}
