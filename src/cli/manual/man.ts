/**
 * `broker man`: prints a man page, or writes all of them.
 */

import type { Command } from "commander";
import { nearest } from "../../config/nearest.ts";
import { VERSION } from "../../version.ts";
import { ExitCode, type Terminal, writeLines } from "../terminal.ts";
import { allManuals } from "./all_manuals.ts";
import type { CommandManual } from "./manual.ts";
import { manPage, pageName } from "./roff.ts";
import { pathOf } from "./words.ts";

/** Ends with 2 when there is no such command. */
export function printMan(words: readonly string[], program: Command, terminal: Terminal): number {
  const manuals = allManuals(program);
  const path = pathOf(words);
  const manual = manuals.find((each) => pathOf(each.words) === path);
  if (manual === undefined) {
    const near = nearest(path, manuals.map((each) => pathOf(each.words)));
    const hint = near === undefined ? "" : `; did you mean '${near}'?`;
    writeLines([`Cannot print the man page: there is no command '${path}'${hint}`], terminal.err);
    return ExitCode.Usage;
  }
  terminal.out(manPage(manual, { version: VERSION, pages: related(manual, manuals) }));
  return ExitCode.Ok;
}

/** Writes `FOLDER/broker.1`, `FOLDER/broker-pub.1` and so on; the folder is made. */
export async function writeManPages(
  folder: string,
  program: Command,
  terminal: Terminal,
): Promise<number> {
  const manuals = allManuals(program);
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const manual of manuals) {
      const page = manPage(manual, { version: VERSION, pages: related(manual, manuals) });
      await Deno.writeTextFile(`${folder}/${pageName(manual)}.1`, page);
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    writeLines([`Cannot write the man pages to '${folder}': ${error.message}`], terminal.err);
    return ExitCode.Failure;
  }
  writeLines([`${manuals.length} man pages written to '${folder}'`], terminal.out);
  return ExitCode.Ok;
}

/** The broker's page leads to all others, and they lead back and to their kin. */
function related(manual: CommandManual, manuals: readonly CommandManual[]): readonly string[] {
  const [first] = manual.words;
  return manuals.filter(({ words }) =>
    first === undefined || words.length === 0 || words[0] === first
  ).map(pageName);
}
