/**
 * `import` on the command line: its names, its help, and what excludes what.
 */

import { type Command, InvalidArgumentError } from "commander";
import { addCommand, type CommandContext, once } from "./command_context.ts";

interface ImportFlags {
  readonly output?: string;
  readonly store?: string;
  /** False with --no-database. */
  readonly database: boolean;
  readonly path?: readonly PathFlag[];
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly force?: boolean;
  readonly allowUnsupported?: boolean;
}

interface PathFlag {
  readonly from: string;
  readonly to: string;
}

const HELP =
  `FILE is Mosquitto's configuration; the files it names are read, too: those of include_dir, of users
(password_file), of rules (acl_file), and the database with sessions and retained messages. Nothing of
Mosquitto is changed. Stop it first, so that its database is complete.

A table says for each option of FILE whether it was carried over, changed (how), or left out (why).
Ends with 0 when nothing that matters was left out: nothing that changes who may connect, what is
encrypted, what is delivered, or where the broker listens. Otherwise nothing is written, and it ends
with 1, unless --allow-unsupported. Ends with 2 when something cannot be read.

Examples:
  sudo systemctl stop mosquitto
  sudo broker import /etc/mosquitto/mosquitto.conf -o broker.yaml
  broker import mosquitto.conf --dry-run            only look at the table
  broker import mosquitto.conf -o -                 print the configuration
  broker import config/mosquitto.conf -o broker.yaml --path /mosquitto=.
                                                    of a container whose folder is here`;

export function addImport(context: CommandContext): void {
  const program: Command = context.program;
  addCommand(context, "import [file]", "make broker.yaml of Mosquitto's configuration", HELP)
    .usage("[options] <file>")
    .option("-o, --output <file>", "the file to write; - prints it", once)
    .option(
      "--store <file>",
      "where sessions and retained messages go (default: broker.db beside the written file)",
      once,
    )
    .option("--no-database", "leave sessions and retained messages out")
    .option("--path <from=to>", "where a path of FILE is on this machine; repeatable", collectPath)
    .option("--dry-run", "write nothing, only print the table")
    .option("--json", "print the table as JSON")
    .option("--force", "replace the file that is there")
    .option("--allow-unsupported", "go on when something that matters is left out")
    .action(async (file: string | undefined, flags: ImportFlags) => {
      refuseMix(program, file, flags);
      const { importMosquitto } = await import("./import.ts");
      context.done(
        await importMosquitto({
          source: file ?? "",
          output: flags.output,
          store: flags.store,
          withDatabase: flags.database,
          paths: flags.path ?? [],
          isDryRun: flags.dryRun ?? false,
          asJson: flags.json ?? false,
          mayReplace: flags.force ?? false,
          mayLose: flags.allowUnsupported ?? false,
        }, context.terminal),
      );
    });
}

function refuseMix(program: Command, file: string | undefined, flags: ImportFlags): void {
  if (!file || (flags.output === undefined && !flags.dryRun)) {
    program.error(
      "error: 'import' needs a file to read and one to write, as in 'broker import " +
        "/etc/mosquitto/mosquitto.conf -o broker.yaml'",
    );
  }
  if (flags.output === "-" && flags.json) {
    program.error("error: option '--json' cannot be used with '-o -': both print");
  }
  if (flags.store !== undefined && !flags.database) {
    program.error("error: option '--store' cannot be used with option '--no-database'");
  }
}

function collectPath(text: string, previous: readonly PathFlag[] = []): readonly PathFlag[] {
  const [, from, to] = /^(\/[^=]*)=(.+)$/.exec(text) ?? [];
  if (from === undefined || to === undefined) {
    throw new InvalidArgumentError("Allowed: two paths, as in /mosquitto=./mosquitto-data.");
  }
  return [...previous, { from, to }];
}
