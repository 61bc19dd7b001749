/**
 * `retained list` and `retained clear` on the command line: their names and their help.
 */

import { type Command, InvalidArgumentError } from "commander";
import { DURATION_PATTERN, parseDuration } from "../../config/units.ts";
import { topicFilterFault } from "../../protocol/topic.ts";
import { addCommand, type CommandContext } from "../command_context.ts";
import {
  addControlOptions,
  CONTROL_EXIT_CODES,
  type ControlFlags,
  controlFlags,
  WHERE_THE_BROKER_IS,
} from "./control_options.ts";

interface ListFlags extends ControlFlags {
  readonly json?: boolean;
  /** Milliseconds. */
  readonly olderThan?: number;
}

interface ClearFlags extends ListFlags {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const AGE = `The age of a message is the time since it was retained, or retained anew: it tells what
nobody has published for long. Of messages that were retained by a version that did not note it, it is
not known; --older-than leaves those out, and says how many there are.`;

const GROUP_HELP = `Example:
  broker retained list 'homeassistant/#' --older-than 30d`;

const LIST_HELP = `${WHERE_THE_BROKER_IS}

FILTER is a Topic Filter, in quotes since the shell has its own use for '#'; without it all messages
are shown but those of $SYS. PUBLISHER is the Client Identifier of who had it retained, as far as that
is known. ${AGE}

${CONTROL_EXIT_CODES}

Examples:
  broker retained list
  broker retained list 'homeassistant/#' --older-than 30d
  broker retained list 'home/+/state' --json`;

const CLEAR_HELP = `${WHERE_THE_BROKER_IS}

Every message that FILTER, a Topic Filter, matches is removed for good, as if a client had published
an empty one: subscribers get that empty message, and so Home Assistant forgets a device whose
discovery topic is cleared. Clients may publish it again at any time. $SYS topics cannot be cleared.
${AGE}

On a terminal it shows what it will do and asks first; elsewhere it needs --yes or --dry-run.

${CONTROL_EXIT_CODES}

Examples:
  broker retained clear 'homeassistant/sensor/old/#' --dry-run
  broker retained clear 'zigbee2mqtt/#' --older-than 90d --yes`;

export function addRetained(context: CommandContext): void {
  const group = addCommand(
    context,
    "retained",
    "list or clear retained messages of the running broker",
    GROUP_HELP,
  );
  addList(context, group);
  addClear(context, group);
}

function addList(context: CommandContext, group: Command): void {
  const command = addCommand({ ...context, program: group }, "list", "list them", LIST_HELP)
    .argument("[filter]", "those that this Topic Filter matches", topicFilter);
  addListOptions(command)
    .action(async (filter: string | undefined, flags: ListFlags) => {
      const { listRetained } = await import("./retained.ts");
      context.done(await listRetained(listRequest(context, filter, flags), context.terminal));
    });
}

function addClear(context: CommandContext, group: Command): void {
  const command = addCommand({ ...context, program: group }, "clear", "remove them", CLEAR_HELP)
    .argument("<filter>", "those that this Topic Filter matches", topicFilter);
  addListOptions(command)
    .option("-n, --dry-run", "show what would be removed, and remove nothing")
    .option("-y, --yes", "do not ask")
    .action(async (filter: string, flags: ClearFlags) => {
      const [{ clearRetained }, { screenOn }] = await Promise.all([
        import("./retained.ts"),
        import("./screen.ts"),
      ]);
      const { dryRun = false, yes = false } = flags;
      const request = { ...listRequest(context, filter, flags), dryRun, yes };
      context.done(await clearRetained(request, context.terminal, screenOn(Deno)));
    });
}

function addListOptions(command: Command): Command {
  return addControlOptions(command)
    .option("--older-than <age>", "only what was retained before that: 7d, 12h, 30m", age);
}

function listRequest(context: CommandContext, filter: string | undefined, flags: ListFlags) {
  const { json = false, olderThan } = flags;
  return {
    ...controlFlags(context, flags),
    filter,
    json,
    olderThanSeconds: olderThan === undefined ? undefined : olderThan / 1000,
  };
}

function topicFilter(text: string): string {
  const fault = text.startsWith("$share/")
    ? "shared subscriptions get no retained messages"
    : topicFilterFault(text);
  if (fault !== undefined) throw new InvalidArgumentError(`This is no Topic Filter: ${fault}.`);
  return text;
}

/** Milliseconds. */
function age(text: string, previous: unknown): number {
  if (previous !== undefined) throw new InvalidArgumentError("The option is given twice.");
  const milliseconds = DURATION_PATTERN.test(text) ? parseDuration(text) : undefined;
  if (milliseconds === undefined) {
    throw new InvalidArgumentError("Allowed: a number with ms, s, m, h, d or w, as in 7d.");
  }
  return milliseconds;
}
