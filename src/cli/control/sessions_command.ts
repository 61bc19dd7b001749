/**
 * `sessions` on the command line: its names and its help.
 */

import { addCommand, type CommandContext } from "../command_context.ts";
import {
  addControlOptions,
  CONTROL_EXIT_CODES,
  type ControlFlags,
  controlFlags,
  WHERE_THE_BROKER_IS,
} from "./control_options.ts";

interface SessionsFlags extends ControlFlags {
  readonly json?: boolean;
  readonly subscriptions?: boolean;
}

const HELP = `${WHERE_THE_BROKER_IS}

Unlike 'broker inspect', which reads the data on disk, this asks the broker: sessions that end with
their connection are there too. With a Client Identifier everything of that session is shown: its
subscriptions, its Will, and the first 100 messages that wait for it.

${CONTROL_EXIT_CODES}

Examples:
  broker sessions
  broker sessions --subscriptions
  broker sessions old-phone --json`;

export function addSessions(context: CommandContext): void {
  const command = addCommand(
    context,
    "sessions [client]",
    "list the sessions of the running broker, or show one",
    HELP,
  );
  addControlOptions(command)
    .option("--subscriptions", "list the subscriptions of each")
    .action(async (client: string | undefined, flags: SessionsFlags) => {
      const { sessions } = await import("./sessions.ts");
      const { json = false, subscriptions = false } = flags;
      const request = { ...controlFlags(context, flags), client, subscriptions, json };
      context.done(await sessions(request, context.terminal));
    });
}
