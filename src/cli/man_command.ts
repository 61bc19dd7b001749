/**
 * `man` on the command line: its names and its help.
 */

import { addCommand, type CommandContext, once } from "./command_context.ts";

const HELP =
  `Prints the man page of the broker, or of a command, or writes those of all commands to a folder.

Examples:
  broker man pub | man -l -                                read a page
  sudo broker man --output /usr/local/share/man/man1       for 'man broker', 'man broker-pub'`;

export function addMan(context: CommandContext): void {
  const { program, terminal, done } = context;
  addCommand(context, "man [command...]", "print a man page, or write all of them", HELP)
    .option("--output <folder>", "write all pages to this folder", once)
    .action(async (words: readonly string[], flags: { readonly output?: string }) => {
      if (words.length > 0 && flags.output !== undefined) {
        program.error("error: '--output' writes all pages and takes no command");
      }
      const { printMan, writeManPages } = await import("./manual/man.ts");
      done(
        flags.output === undefined
          ? printMan(words, program, terminal)
          : await writeManPages(flags.output, program, terminal),
      );
    });
}
