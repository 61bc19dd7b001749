/**
 * The command line: from its first word to what reads the rest.
 *
 * The client tools are started thousands of times by scripts and read their options the way
 * Mosquitto's do; they are not made to load what the other commands share. Owns only that choice.
 */

import { CLIENT_TOOLS } from "./client/tools.ts";
import type { StartServer } from "./serve.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Runs what the arguments ask for and returns the exit code. `startServer` is what is started when
 * no command is named; by default it is `runServer` of `net/run.ts`.
 */
export async function runCommandLine(
  args: readonly string[],
  terminal: Terminal,
  startServer?: StartServer,
): Promise<number> {
  const isHelp = args[0] === "help";
  const tool = CLIENT_TOOLS.find((name) => name === args[isHelp ? 1 : 0]);
  if (tool !== undefined) {
    const [{ runClientTool }, { processClientTerminal }] = await Promise.all([
      import("./client/run_tool.ts"),
      import("./client/client_terminal.ts"),
    ]);
    return await runClientTool(tool, isHelp ? ["--help"] : args.slice(1), processClientTerminal);
  }
  const { runProgram } = await import("./program.ts");
  return await runProgram(args, terminal, startServer);
}
