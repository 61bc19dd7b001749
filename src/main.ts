/**
 * The entry: from the command line to a command, from its result to the exit code. No logic.
 */

import { runCommandLine } from "./cli/command_line.ts";
import { processTerminal } from "./cli/terminal.ts";

if (import.meta.main) Deno.exit(await runCommandLine(Deno.args, processTerminal));
