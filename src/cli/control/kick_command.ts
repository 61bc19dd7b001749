/**
 * `kick` on the command line: its names and its help.
 */

import { addCommand, type CommandContext } from "../command_context.ts";
import {
  addControlOptions,
  CONTROL_EXIT_CODES,
  type ControlFlags,
  controlFlags,
  WHERE_THE_BROKER_IS,
} from "./control_options.ts";

interface KickFlags extends ControlFlags {
  readonly json?: boolean;
  readonly session?: boolean;
}

const HELP = `${WHERE_THE_BROKER_IS}

A client of MQTT 5 is told the reason (0x98, Administrative action). Its Will is published: it has not
left by itself. Nothing keeps it from connecting again; who may is up to the configuration. With
--session what waits for it is deleted, its subscriptions and queued messages, also if it is away.

${CONTROL_EXIT_CODES}

Examples:
  broker kick kitchen-lamp
  broker kick --session old-phone --config broker.yaml`;

export function addKick(context: CommandContext): void {
  const command = addCommand(context, "kick <client>", "disconnect a client", HELP);
  addControlOptions(command)
    .option("--session", "end its session too, or that of a client that is away")
    .action(async (client: string, flags: KickFlags) => {
      const { kick } = await import("./kick.ts");
      const { json = false, session = false } = flags;
      const request = { ...controlFlags(context, flags), client, session, json };
      context.done(await kick(request, context.terminal));
    });
}
