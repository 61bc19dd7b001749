/**
 * `broker completions SHELL`: prints the script.
 */

import type { Command } from "commander";
import { ExitCode, type Terminal } from "../terminal.ts";
import { allManuals } from "./all_manuals.ts";
import { bashCompletion } from "./bash_completion.ts";
import { fishCompletion } from "./fish_completion.ts";
import type { CommandManual } from "./manual.ts";
import type { Shell } from "./shells.ts";
import { zshCompletion } from "./zsh_completion.ts";

const SCRIPTS: Readonly<Record<Shell, (manuals: readonly CommandManual[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

export function printCompletions(shell: Shell, program: Command, terminal: Terminal): number {
  terminal.out(SCRIPTS[shell](allManuals(program)));
  return ExitCode.Ok;
}
