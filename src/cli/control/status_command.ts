/**
 * `status` on the command line: its names and its help.
 */

import { addCommand, type CommandContext } from "../command_context.ts";
import {
  addControlOptions,
  CONTROL_EXIT_CODES,
  type ControlFlags,
  controlFlags,
  WHERE_THE_BROKER_IS,
} from "./control_options.ts";

interface StatusFlags extends ControlFlags {
  readonly json?: boolean;
  readonly watch?: boolean;
}

const HELP = `${WHERE_THE_BROKER_IS}

Shown are listeners and who may connect to them, clients, messages and bytes of the last minute,
messages that were dropped and why, memory against its limits, the data on disk, and bans. Rates are
averages over the last 60 seconds.

${CONTROL_EXIT_CODES}

Examples:
  broker status --config broker.yaml
  broker status --watch
  sudo broker status --socket /var/lib/broker/broker.db.control --json`;

export function addStatus(context: CommandContext): void {
  const { program, terminal, done } = context;
  const command = addCommand(context, "status", "show how the running broker is doing", HELP);
  addControlOptions(command)
    .option("--watch", "show it again every 2 seconds, until Ctrl-C")
    .action(async (flags: StatusFlags) => {
      const { json = false, watch = false } = flags;
      if (json && watch) {
        program.error("error: option '--json' cannot be used with option '--watch'");
      }
      const { status, watchStatus } = await import("./status.ts");
      const found = controlFlags(context, flags);
      if (watch) {
        const { screenOn } = await import("./screen.ts");
        done(await watchStatus(found, terminal, screenOn(Deno)));
      } else done(await status({ ...found, json }, terminal));
    });
}
