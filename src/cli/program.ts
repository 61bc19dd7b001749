/**
 * The commands of the program, and which of them is meant, with which options.
 *
 * Owns the start of the broker, which needs no command, and the exit codes. Each command has its
 * names and its help in `NAME_command.ts`; what it does is in the file of its name. Invariant: an
 * unknown command or option ends with 2 and names the nearest right one.
 */

import { Command, CommanderError, InvalidArgumentError } from "commander";
import { escapeControls } from "../config/escape.ts";
import { nearest } from "../config/nearest.ts";
import { MAX_PORT } from "../config/settings.ts";
import { VERSION } from "../version.ts";
import { addBench } from "./bench_command.ts";
import { addClients } from "./control/clients_command.ts";
import { addKick } from "./control/kick_command.ts";
import { addLogLevel } from "./control/log_level_command.ts";
import { addRetained } from "./control/retained_command.ts";
import { addSessions } from "./control/sessions_command.ts";
import { addStatus } from "./control/status_command.ts";
import { addBackup } from "./store/backup_command.ts";
import { addCert } from "./cert_command.ts";
import { addCheck } from "./check_command.ts";
import { addCompletions } from "./completions_command.ts";
import { addExplain } from "./explain_command.ts";
import { addImport } from "./import_command.ts";
import { addInspect } from "./store/inspect_command.ts";
import { addMan } from "./man_command.ts";
import { addPasswd } from "./passwd_command.ts";
import { addReload } from "./reload_command.ts";
import { addRestore } from "./store/restore_command.ts";
import { addSchema } from "./schema_command.ts";
import { CLIENT_TOOLS, clientToolSummary } from "./client/tools.ts";
import { type CommandContext, setHelpText } from "./command_context.ts";
import { serve, type ServeOptions, type StartServer } from "./serve.ts";
import { ExitCode, type Terminal } from "./terminal.ts";

/** What commander collects for the options of `serve`. */
interface ServeFlags {
  readonly config?: string;
  readonly port?: readonly number[];
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

/**
 * Runs what the arguments ask for and returns the exit code. `startServer` is what `serve`
 * starts; by default it is `runServer` of `net/run.ts`.
 */
export async function runProgram(
  args: readonly string[],
  terminal: Terminal,
  startServer?: StartServer,
): Promise<number> {
  let exitCode: number = ExitCode.Ok;
  const done = (code: number): void => {
    exitCode = code;
  };
  const program = createProgram(terminal, done, startServer);
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage;
  }
  return exitCode;
}

/** All commands, as the help groups them. */
const COMMANDS: readonly (readonly [string, readonly ((context: CommandContext) => void)[]])[] = [
  ["Client tools:", [addClientTools, addBench]],
  ["A running broker:", [
    addStatus,
    addClients,
    addKick,
    addSessions,
    addRetained,
    addLogLevel,
    addReload,
  ]],
  ["Configuration:", [addCheck, addExplain, addPasswd, addCert, addImport, addSchema]],
  ["Data:", [addBackup, addRestore, addInspect]],
  ["Help:", [addCompletions, addMan]],
];

/** The program with all its commands. `done` takes the exit code of the one that runs. */
export function createProgram(
  terminal: Terminal,
  done: (code: number) => void,
  startServer: StartServer | undefined,
): Command {
  const program = new Command("broker")
    .description("An MQTT broker (3.1, 3.1.1 and 5). Without a command it is started.")
    .version(VERSION, "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .addHelpCommand(helpCommand())
    // `broker check -c FILE`: what stands after a command belongs to it.
    .enablePositionalOptions()
    .allowExcessArguments()
    .showHelpAfterError("(see 'broker --help')")
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: (text) => terminal.err(safe(text)) });
  addServe(program, terminal, done, startServer);
  const context = { program, terminal, done };
  for (const [heading, commands] of COMMANDS) {
    program.commandsGroup(heading);
    for (const add of commands) add(context);
  }
  return program;
}

function helpCommand(): Command {
  return new Command("help")
    .argument("[command]")
    .description("print the help of a command")
    .helpOption(false)
    .helpGroup("Help:");
}

/** They are listed here and read their own options (command_line.ts), if they come first. */
function addClientTools({ program }: CommandContext): void {
  for (const tool of CLIENT_TOOLS) {
    program.command(tool)
      .description(clientToolSummary(tool))
      .helpOption(false)
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        program.error(`error: '${tool}' must be the first word, as in 'broker ${tool} --help'`);
      });
  }
}

const HELP =
  `Without --config no file is read: port 1883 on all addresses, clients without a user name from
the local network only.

Examples:
  broker                            start with the defaults
  broker --config broker.yaml       start with a configuration
  broker -v -p 1884                 try it on another port and watch every packet`;

function addServe(
  program: Command,
  terminal: Terminal,
  done: (code: number) => void,
  startServer: StartServer | undefined,
): void {
  setHelpText(program, HELP)
    .option("-c, --config <file>", "read the configuration from this file")
    .option(
      "-p, --port <port>",
      "listen on this port of all addresses, in place of the configured listeners; repeatable",
      collectPort,
    )
    .option("-v, --verbose", "log everything, every packet in one line")
    .option("-q, --quiet", "log errors only")
    .action(async (flags: ServeFlags) => {
      const [command] = program.args;
      if (command !== undefined) throw unknownCommand(program, command);
      if (flags.verbose === true && flags.quiet === true) {
        program.error("error: option '-v, --verbose' cannot be used with option '-q, --quiet'");
      }
      done(await serve(serveOptions(flags), terminal, startServer));
    });
}

function serveOptions(flags: ServeFlags): ServeOptions {
  return {
    configFile: flags.config,
    ports: flags.port ?? [],
    verbose: flags.verbose ?? false,
    quiet: flags.quiet ?? false,
  };
}

function collectPort(text: string, previous: readonly number[] = []): readonly number[] {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= MAX_PORT)) {
    throw new InvalidArgumentError(`Allowed: a whole number from 0 to ${MAX_PORT}.`);
  }
  if (port > 0 && previous.includes(port)) {
    throw new InvalidArgumentError("The port is named twice.");
  }
  return [...previous, port];
}

function unknownCommand(program: Command, name: string): never {
  const near = nearest(name, [...program.commands.map((command) => command.name()), "help"]);
  const hint = near === undefined ? "" : `\n(Did you mean ${near}?)`;
  program.error(`error: unknown command '${name}'${hint}`);
}

/** Commander repeats what was typed; line ends are its own. */
function safe(text: string): string {
  return text.split("\n").map(escapeControls).join("\n");
}
