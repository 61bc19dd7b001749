/**
 * What all commands have in common when they are made known to the command line.
 *
 * Owns the form of a command's help, and what may stand before a command. Does not own the names:
 * each command has its own in `NAME_command.ts`.
 */

import type { QoS } from "../protocol/packet.ts";
import { type Command, InvalidArgumentError } from "commander";
import type { Terminal } from "./terminal.ts";

/** What a command is made known with. */
export interface CommandContext {
  readonly program: Command;
  readonly terminal: Terminal;
  /** Takes the exit code. */
  done(exitCode: number): void;
}

/** Adds a command; `help` follows the list of its options. */
export function addCommand(
  { program }: CommandContext,
  name: string,
  description: string,
  help: string,
): Command {
  const command = program.command(name)
    .description(description)
    .helpOption("-h, --help", "print this help")
    .allowExcessArguments(false)
    .showHelpAfterError(`(see 'broker ${name.replace(/ .*/, "")} --help')`)
    .hook("preAction", (_program, command) => refuseServeOptions(program, command.name()));
  return setHelpText(command, help);
}

const helpTexts = new WeakMap<Command, string>();

/** What follows the list of options, in the help and in the manual. */
export function setHelpText(command: Command, help: string): Command {
  helpTexts.set(command, help);
  return command.addHelpText("after", `\n${help}`);
}

export function helpTextOf(command: Command): string {
  return helpTexts.get(command) ?? "";
}

/** The value of `--config` when it stands before the command. */
export function configBefore(program: Command): string | undefined {
  return program.opts<{ readonly config?: string }>().config;
}

/** For options that are given once, with something. */
export function once(value: string, previous: unknown): string {
  if (previous !== undefined) throw new InvalidArgumentError("The option is given twice.");
  if (value === "") throw new InvalidArgumentError("It is empty.");
  return value;
}

/** For options that are a QoS. */
export function toQoS(value: string): QoS {
  if (/^[012]$/.test(value)) return Number(value) as QoS;
  throw new InvalidArgumentError("Allowed: 0, 1, 2.");
}

/** `broker -p 1884 check`: somebody expects something that will not happen. */
function refuseServeOptions(program: Command, name: string): void {
  for (const option of program.options) {
    const key = option.attributeName();
    if (key === "config" || program.getOptionValueSource(key) !== "cli") continue;
    program.error(`error: option '${option.flags}' is for starting the broker, not for '${name}'`);
  }
}
