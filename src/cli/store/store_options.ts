/**
 * The options by which commands are told where the broker's data is.
 *
 * Owns their names and which of them exclude each other. What they lead to is up to `store_place.ts`.
 */

import type { Command } from "commander";
import { type CommandContext, configBefore, once } from "../command_context.ts";
import type { StoreFlags } from "./store_place.ts";

/** For the help of the commands that have these options. */
export const WHERE_THE_DATA_IS = `The data is looked for where the broker would: in 'broker.db' of
$STATE_DIRECTORY or of the working directory, or where persistence.path of the configuration says.`;

export function addStoreOptions(command: Command): Command {
  return command
    .option("-c, --config <file>", "find the data as a broker with this configuration does", once)
    .option("--db <file>", "the data is in this file", once);
}

/** What was given of these options; `-c` may stand before the command too. */
export function storeFlags({ program }: CommandContext, flags: StoreFlags): StoreFlags {
  const before = configBefore(program);
  if (before !== undefined && flags.config !== undefined) {
    program.error("error: option '-c, --config <file>' is given twice");
  }
  const config = before ?? flags.config;
  if (config !== undefined && flags.db !== undefined) {
    program.error("error: option '-c, --config <file>' cannot be used with option '--db <file>'");
  }
  return { config, db: flags.db };
}
