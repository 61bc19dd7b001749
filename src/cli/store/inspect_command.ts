/**
 * `inspect` on the command line: its names, its help, and which options go together.
 */

import { existsSync } from "node:fs";
import { type Command, Option } from "commander";
import { topicFilterFault } from "../../protocol/topic.ts";
import { addCommand, type CommandContext, configBefore, once } from "../command_context.ts";
import type { InspectOptions } from "./inspect.ts";
import { addStoreOptions, storeFlags, WHERE_THE_DATA_IS } from "./store_options.ts";
import type { StoreFlags } from "./store_place.ts";

/** What commander collects. */
interface InspectFlags extends StoreFlags {
  readonly sessions?: boolean;
  readonly session?: string;
  /** True: without a Topic Filter. */
  readonly retained?: string | true;
  readonly payloads?: boolean;
  readonly json?: boolean;
}

const HELP = `Without FILE it is the broker's own data, which may be in use.
${WHERE_THE_DATA_IS}

Without one of the first three options a summary and all sessions are shown.

JSON is one object: path, formatVersion, fileBytes, changedAt, inUse, counts, damage, and of what was
asked for (everything by default) sessions, with their subscriptions and messages, and retained.
Payloads that are UTF-8 are under payload, others under payloadBase64; times are ISO 8601 in UTC.

Ends with 1 when the file is damaged, after what can be read of it.

Examples:
  broker inspect --config broker.yaml
  broker inspect --session phone --payloads
  broker inspect backup.db --retained 'home/+/temperature' --json`;

export function addInspect(context: CommandContext): void {
  const command = addCommand(
    context,
    "inspect [file]",
    "list sessions, queues and retained messages of the data or of a backup",
    HELP,
  )
    .option("--sessions", "all sessions, one in a line")
    .option("--session <clientid>", "everything of one session, its messages in order", once)
    .addOption(
      new Option(
        "--retained [filter]",
        "retained messages, all or those that a Topic Filter matches",
      )
        .argParser(once),
    )
    .option("--payloads", "show the beginnings of payloads too (JSON always has all of them)")
    .option("--json", "print JSON, for programs");
  addStoreOptions(command).action(async (file: string | undefined, flags: InspectFlags) => {
    checkFlags(context.program, file, flags);
    const { sessions = false, payloads = false, json = false, session, retained } = flags;
    const store = storeFlags(context, flags);
    const options: InspectOptions = { file, store, sessions, session, retained, payloads, json };
    const { inspect } = await import("./inspect.ts");
    context.done(await inspect(options, context.terminal));
  });
}

/** Ends with what is wrong with the options as a whole. */
function checkFlags(program: Command, file: string | undefined, flags: InspectFlags): void {
  const { db, config = configBefore(program), sessions, session, retained, payloads, json } = flags;
  if (file === "") program.error("error: the name of the file is empty");
  if (file !== undefined && (db ?? config) !== undefined) {
    program.error("error: 'inspect' takes a file, or '--config <file>', or '--db <file>'");
  }
  if (sessions && session !== undefined) {
    program.error("error: option '--sessions' cannot be used with option '--session <clientid>'");
  }
  if (payloads && !json && session === undefined && retained === undefined) {
    program.error("error: '--payloads' needs '--session <clientid>', '--retained' or '--json'");
  }
  if (typeof retained === "string") checkFilter(program, file, retained);
}

function checkFilter(program: Command, file: string | undefined, filter: string): void {
  const isShared = filter.startsWith("$share/");
  const fault = isShared
    ? "shared subscriptions get no retained messages"
    : topicFilterFault(filter);
  if (fault !== undefined) {
    program.error(`error: '--retained ${filter}': this is no Topic Filter: ${fault}`);
  }
  if (file === undefined && existsSync(filter)) {
    program.error(
      `error: '--retained ${filter}': this is a file; write 'inspect ${filter} --retained'`,
    );
  }
}
