/**
 * `check` on the command line: its names, its help, the ways to name the file.
 */

import type { Command } from "commander";
import { check } from "./check.ts";
import { addCommand, type CommandContext, configBefore } from "./command_context.ts";

const HELP = `Ends with 0 when the configuration is right and with 2 when it is not.

Example:
  broker check --config broker.yaml`;

export function addCheck(context: CommandContext): void {
  const { terminal, done } = context;
  const program: Command = context.program;
  addCommand(
    context,
    "check [file]",
    "check a configuration without starting: all errors, or what is in effect",
    HELP,
  )
    .option("-c, --config <file>", "the file to check")
    .action(async (file: string | undefined, flags: { readonly config?: string }) => {
      const before = configBefore(program);
      const named = [before, flags.config, file].filter((name) => name !== undefined);
      const [path] = named;
      if (path === undefined || named.length > 1) {
        program.error("error: 'check' needs one file, as in 'broker check --config broker.yaml'");
      }
      done(await check(path, terminal));
    });
}
