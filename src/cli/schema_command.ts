/**
 * `schema` on the command line: its name and its help.
 */

import { addCommand, type CommandContext } from "./command_context.ts";
import { printSchema } from "./schema.ts";

const HELP = `Example:
  broker schema > broker.schema.json`;

export function addSchema(context: CommandContext): void {
  addCommand(
    context,
    "schema",
    "print the JSON Schema of the configuration, for editors",
    HELP,
  ).action(async () => context.done(await printSchema(context.terminal)));
}
