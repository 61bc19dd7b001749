/**
 * `completions` on the command line: its name and its help.
 */

import { Argument } from "commander";
import { addCommand, type CommandContext } from "./command_context.ts";
import { type Shell, SHELLS } from "./manual/shells.ts";

const HELP = `Prints a script that makes the shell complete commands, options and their values.

Examples:
  source <(broker completions bash)                                    bash, this terminal; or in ~/.bashrc
  broker completions zsh > ~/.zfunc/_broker                            zsh, with ~/.zfunc in fpath
  broker completions fish > ~/.config/fish/completions/broker.fish     fish`;

export function addCompletions(context: CommandContext): void {
  const { program, terminal, done } = context;
  addCommand(context, "completions", "print a script with which the shell completes", HELP)
    .addArgument(new Argument("<shell>", SHELLS.join(", ")).choices(SHELLS))
    .action(async (shell: Shell) => {
      const { printCompletions } = await import("./manual/completions.ts");
      done(printCompletions(shell, program, terminal));
    });
}
