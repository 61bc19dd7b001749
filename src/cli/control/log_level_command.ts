/**
 * `log-level` on the command line: its names and its help.
 */

import { InvalidArgumentError } from "commander";
import { nearest } from "../../config/nearest.ts";
import { levels, LOG_LEVELS } from "../../config/rows_logging.ts";
import { addCommand, type CommandContext } from "../command_context.ts";
import {
  addControlOptions,
  CONTROL_EXIT_CODES,
  type ControlFlags,
  controlFlags,
  WHERE_THE_BROKER_IS,
} from "./control_options.ts";

interface LogLevelFlags extends ControlFlags {
  readonly json?: boolean;
}

const PARTS = Object.keys(levels.rows);

const HELP = `${WHERE_THE_BROKER_IS}

Without LEVEL the levels of now are shown. A level is ${LOG_LEVELS.join(", ")}; a part one of
${PARTS.join(", ")}.
At level debug, part 'message' logs every packet in one line. What is set holds until the next reload
or restart, which bring back what the configuration says.

${CONTROL_EXIT_CODES}

Examples:
  broker log-level
  broker log-level debug message
  broker log-level info`;

export function addLogLevel(context: CommandContext): void {
  const command = addCommand(
    context,
    "log-level",
    "show or change how much the running broker logs",
    HELP,
  )
    .argument("[level]", `how much: ${LOG_LEVELS.join(", ")}`, oneOf(LOG_LEVELS))
    .argument("[part]", "of which part; by default of all", oneOf(PARTS));
  addControlOptions(command)
    .action(
      async (level: string | undefined, part: string | undefined, flags: LogLevelFlags) => {
        const { logLevel } = await import("./log_level.ts");
        const { json = false } = flags;
        const request = { ...controlFlags(context, flags), level, part, json };
        context.done(await logLevel(request, context.terminal));
      },
    );
}

/** Reads one of these, or names the nearest. */
function oneOf(allowed: readonly string[]): (text: string) => string {
  return (text) => {
    if (allowed.includes(text)) return text;
    const near = nearest(text, allowed);
    const hint = near === undefined ? "" : `\n(Did you mean ${near}?)`;
    throw new InvalidArgumentError(`Allowed: ${allowed.join(", ")}.${hint}`);
  };
}
