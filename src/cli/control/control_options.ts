/**
 * The options by which commands find the broker that runs, and what they find.
 *
 * Owns their names and the order: the socket that was named, else the one beside the data of the
 * configuration, as the broker or its service has it. `broker reload` finds it in the same way.
 */

import { isAbsolute } from "node:path";
import type { Command } from "commander";
import type { Machine } from "../../check/machine.ts";
import { controlPath } from "../../config/control_path.ts";
import { defaultSettings } from "../../config/read.ts";
import type { Settings } from "../../config/settings.ts";
import { type CommandContext, configBefore, once } from "../command_context.ts";
import type { Terminal } from "../terminal.ts";

export interface ControlFlags {
  readonly config?: string | undefined;
  /** Undefined: beside the data that the configuration names. */
  readonly socket?: string | undefined;
}

/** For the help of the commands that have these options. */
export const WHERE_THE_BROKER_IS = `The broker is found by its data: name the configuration it was
started with, or its socket, which is the data's file with '.control' behind. The socket is its
owner's alone: run the command as the user that the broker runs as, or as root.`;

export const CONTROL_EXIT_CODES =
  "Ends with 0 when it was done, with 1 when it was not or no broker runs, with 2 when something was\n" +
  "typed wrong.";

export function addControlOptions(command: Command): Command {
  return command
    .option("-c, --config <file>", "the configuration that the broker was started with", once)
    .option("--socket <path>", "the broker's control socket (default: beside its data)", once)
    .option("--json", "print JSON, for programs");
}

/** What was given of these options; `-c` may stand before the command too. */
export function controlFlags({ program }: CommandContext, flags: ControlFlags): ControlFlags {
  const before = configBefore(program);
  if (before !== undefined && flags.config !== undefined) {
    program.error("error: option '-c, --config <file>' is given twice");
  }
  return { config: before ?? flags.config, socket: flags.socket };
}

/**
 * The socket beside the data; where a relative path starts is up to the service that runs the broker
 * with this configuration, if there is one.
 */
export async function socketBeside(
  persistence: Settings["persistence"],
  config: string,
  machine?: Machine,
): Promise<string> {
  const path = controlPath(persistence);
  if (isAbsolute(persistence.path) || isThere(path)) return path;
  const { storePathOfUnit } = await import("../../check/service.ts");
  const asked = machine ?? (await import("../../check/this_machine.ts")).thisMachine;
  const stored = storePathOfUnit(asked, config, persistence);
  return stored === undefined ? path : controlPath({ ...persistence, path: stored });
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The path of the socket; undefined when the configuration is wrong, which has been reported then. */
export async function findSocket(
  { config, socket }: ControlFlags,
  terminal: Terminal,
): Promise<string | undefined> {
  if (socket !== undefined) return socket;
  if (config === undefined) return controlPath(defaultSettings().persistence);
  const { loadSettings } = await import("../../config/load.ts");
  const loaded = await loadSettings(config);
  if (loaded.ok) return await socketBeside(loaded.settings.persistence, config);
  terminal.err(loaded.report);
  return undefined;
}
