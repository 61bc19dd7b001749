/**
 * `broker pub`, `broker sub` and `broker rr`: from the arguments to the exit code.
 *
 * Owns what is the same in all of them: the command line, signals, the time limit, and what is said
 * at the end. Invariant: whatever goes wrong outside this program is told in a line, without a stack.
 */

import { SendError } from "../../client/send_error.ts";
import { escapeControls } from "../../config/escape.ts";
import type { ClientTerminal } from "./client_terminal.ts";
import { parseArguments, type Parsed } from "./parse_arguments.ts";
import type { ToolSettings } from "./settings.ts";
import type { ToolContext } from "./tool_context.ts";
import { interruptExitCode, StopRequest, ToolExit, ToolFailure } from "./tool_exit.ts";
import type { ClientTool } from "./tools.ts";
import { UsageError } from "./usage_error.ts";

/** Returns the exit code. */
export async function runClientTool(
  tool: ClientTool,
  args: readonly string[],
  terminal: ClientTerminal,
): Promise<number> {
  let parsed: Parsed;
  try {
    parsed = parseArguments(tool, args, terminal.env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.err(`error: ${escapeControls(error.message)}\n(see 'broker ${tool} --help')\n`);
    return ToolExit.Failure;
  }
  if (parsed.kind !== "run") return await tell(parsed.kind, tool, terminal);
  const { settings, warnings } = parsed;
  const context = contextOf(settings, terminal);
  for (const warning of warnings) context.say(`Warning: ${warning}`);
  return await runContext(context);
}

async function tell(
  what: "help" | "version",
  tool: ClientTool,
  terminal: ClientTerminal,
): Promise<number> {
  const text = what === "help"
    ? (await import("./help.ts")).clientToolHelp(tool)
    : `broker ${(await import("../../version.ts")).VERSION}\n`;
  terminal.out(text);
  return ToolExit.Ok;
}

function contextOf(settings: ToolSettings, terminal: ClientTerminal): ToolContext {
  return {
    settings,
    terminal,
    stop: new StopRequest(),
    surface: {
      get isTerminal(): boolean {
        return terminal.isTerminal.out;
      },
      get hasColour(): boolean {
        return (terminal.env("NO_COLOR") ?? "") === "" && terminal.env("TERM") !== "dumb";
      },
      rows: () => terminal.rows(),
      random: Math.random,
    },
    interrupt: { exitCode: undefined },
    say: settings.output.quiet ? () => {} : (line) => terminal.err(`${escapeControls(line)}\n`),
  };
}

async function runContext(context: ToolContext): Promise<number> {
  const { settings: { messages }, terminal, stop, interrupt } = context;
  // Who presses Ctrl-C twice means it.
  const forced = Promise.withResolvers<number>();
  const release = terminal.onInterrupt((signal) => {
    const usual = interruptExitCode(signal);
    if (stop.reason !== undefined) return forced.resolve(usual);
    stop.ask({ exitCode: interrupt.exitCode ?? usual, withWill: true });
  });
  const timer = messages.timeoutMs === undefined ? undefined : setTimeout(() => {
    stop.ask({ exitCode: ToolExit.TimedOut, message: "Timed out", withWill: true });
  }, messages.timeoutMs);
  try {
    return await Promise.race([runToEnd(context), forced.promise]);
  } finally {
    clearTimeout(timer);
    release();
  }
}

/** Tells what went wrong; what was asked for before that counts more. */
async function runToEnd(context: ToolContext): Promise<number> {
  const { stop, say } = context;
  try {
    await runOf(context);
  } catch (error) {
    if (!(error instanceof ToolFailure) && !(error instanceof SendError)) {
      throw error;
    }
    if (stop.reason === undefined || stop.reason.exitCode === ToolExit.Ok) {
      say(error.message);
      return error instanceof ToolFailure ? error.exitCode : ToolExit.Failure;
    }
  }
  if (stop.reason?.message !== undefined) say(stop.reason.message);
  return stop.reason?.exitCode ?? ToolExit.Ok;
}

async function runOf(context: ToolContext): Promise<void> {
  switch (context.settings.tool) {
    case "pub":
      return await (await import("./pub.ts")).runPub(context);
    case "sub":
      return await (await import("./sub.ts")).runSub(context);
    case "rr":
      return await (await import("./rr.ts")).runRr(context);
  }
}
