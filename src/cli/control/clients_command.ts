/**
 * `clients` on the command line: its names and its help.
 */

import { addCommand, type CommandContext, once } from "../command_context.ts";
import {
  addControlOptions,
  CONTROL_EXIT_CODES,
  type ControlFlags,
  controlFlags,
  WHERE_THE_BROKER_IS,
} from "./control_options.ts";

interface ClientsFlags extends ControlFlags {
  readonly json?: boolean;
  readonly all?: boolean;
  readonly user?: string;
}

const HELP = `${WHERE_THE_BROKER_IS}

PATTERN is for Client Identifiers: '*' stands for any characters, '?' for one. Put it in quotes, since
the shell has its own use for them. QUEUED are messages that wait to be sent, IN FLIGHT those that the
client has not acknowledged; RECEIVED and SENT are bytes of the connection, as the broker sees it.

${CONTROL_EXIT_CODES}

Examples:
  broker clients
  broker clients 'zigbee*' --all
  broker clients --user ann --json`;

export function addClients(context: CommandContext): void {
  const command = addCommand(
    context,
    "clients [pattern]",
    "list the clients of the running broker",
    HELP,
  );
  addControlOptions(command)
    .option("-a, --all", "those that are away with a session that waits, too")
    .option("--user <name>", "those of one user", once)
    .action(async (pattern: string | undefined, flags: ClientsFlags) => {
      const { clients } = await import("./clients.ts");
      const { json = false, all = false, user } = flags;
      const request = { ...controlFlags(context, flags), json, all, user, pattern };
      context.done(await clients(request, context.terminal));
    });
}
