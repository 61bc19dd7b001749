/**
 * `check` on the command line: its names, its help, the ways to name the file.
 */

import type { Command } from "commander";
import { check } from "./check.ts";
import { addCommand, type CommandContext, configBefore, once } from "./command_context.ts";

/** What commander collects for `check`. */
interface CheckFlags {
  readonly config?: string;
  readonly user?: string;
  readonly settingsOnly?: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
}

const HELP =
  `Looks at the settings, and at whether they will work on this machine: ports and addresses, files
that the broker's user must be able to read, certificates, the place of the data, the clock, memory,
and who could reach the broker that should not. Each finding has its line in the file, and its cure.
Changes nothing. Files of others can only be looked at by root: run it with sudo.

Ends with 0 when the broker would work as configured, with 2 when there are errors, and with
--strict with 1 when there are warnings.

Examples:
  broker check broker.yaml
  sudo broker check --config /etc/broker/broker.yaml --user broker
  broker check --settings-only --strict broker.yaml    on another machine than the broker's
  broker check --json broker.yaml`;

export function addCheck(context: CommandContext): void {
  const { terminal, done } = context;
  const program: Command = context.program;
  addCommand(
    context,
    "check [file]",
    "check a configuration, and whether this machine lets it work, without starting",
    HELP,
  )
    .option("-c, --config <file>", "the file to check")
    .option(
      "--user <name>",
      "whom the broker runs as (default: as broker.service says, or you)",
      once,
    )
    .option("--settings-only", "look at the settings alone, not at this machine")
    .option("--strict", "end with 1 when there are warnings")
    .option("--json", "print one JSON document: what is in effect, and all findings")
    .action(async (file: string | undefined, flags: CheckFlags) => {
      const before = configBefore(program);
      const named = [before, flags.config, file].filter((name) => name !== undefined);
      const [path] = named;
      if (path === undefined || named.length > 1) {
        program.error("error: 'check' needs one file, as in 'broker check --config broker.yaml'");
      }
      if (flags.settingsOnly === true && flags.user !== undefined) {
        program.error("error: option '--user <name>' cannot be used with option '--settings-only'");
      }
      const { user, settingsOnly, strict, json } = flags;
      done(
        await check(path, terminal, {
          user,
          isSettingsOnly: settingsOnly,
          isStrict: strict,
          isJson: json,
        }),
      );
    });
}
