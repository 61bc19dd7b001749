/**
 * The manuals of the commands that commander knows.
 *
 * Reads what the commands say of themselves; the help text comes from `helpTextOf`, because commander
 * does not give back what follows the options.
 */

import type { Command, Option } from "commander";
import { helpTextOf } from "../command_context.ts";
import { parseHelpText } from "./help_text.ts";
import type { CommandManual, ManualOption } from "./manual.ts";

/** The program first, then its commands, each followed by those below it. */
export function programManuals(program: Command): readonly CommandManual[] {
  return manualsOf(program, []);
}

function manualsOf(command: Command, words: readonly string[]): readonly CommandManual[] {
  const below = command.commands.flatMap((each) => manualsOf(each, [...words, each.name()]));
  return [manualOf(command, words), ...below];
}

function manualOf(command: Command, words: readonly string[]): CommandManual {
  const help = command.createHelp();
  return {
    words,
    summary: command.description(),
    usage: [command.usage()],
    ...parseHelpText(helpTextOf(command)),
    options: help.visibleOptions(command).map(optionOf),
  };
}

function optionOf(option: Option): ManualOption {
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
    values: [...option.flags.matchAll(/[<[]([^>\].]+)(?:\.\.\.)?[>\]]/g)].map(([, name = ""]) =>
      name
    ),
    description: option.description,
    group: "",
    choices: option.argChoices ?? [],
  };
}
