/**
 * What the three tools have in common while they run: what they were asked, whom they talk to, and
 * how they leave.
 *
 * Owns making the connection and the output ready, and DISCONNECT. Invariant: a tool that was told to
 * stop by somebody does not wait for a server or a reader longer than a second.
 */

import { messageOf } from "../../error_text.ts";
import type { ClientEvents } from "../../client/client.ts";
import { NO_PROPERTIES } from "../../protocol/property.ts";
import { ReasonCode } from "../../protocol/reason_code.ts";
import { BlockOutput, type OutputPressure } from "./block_output.ts";
import { BrokerConnection } from "./broker_connection.ts";
import type { ClientTerminal } from "./client_terminal.ts";
import { planConnection } from "./connection_setup.ts";
import type { PrinterSurface } from "./message_printer.ts";
import type { ToolSettings } from "./settings.ts";
import { type StopRequest, ToolExit } from "./tool_exit.ts";

export interface ToolContext {
  readonly settings: ToolSettings;
  readonly terminal: ClientTerminal;
  readonly stop: StopRequest;
  /** What messages are printed on. */
  readonly surface: Omit<PrinterSurface, "push">;
  /** What Ctrl-C ends with; undefined: as if the signal had ended the process. */
  readonly interrupt: { exitCode: number | undefined };
  /** Writes a line to standard error, unless `--quiet`. */
  say(line: string): void;
}

const LEAVE_MS = 1000;

/** `writeLine` takes the lines of `-d`. Throws `ToolFailure` when files cannot be used. */
export async function prepareConnection(
  { settings, terminal, stop, say }: ToolContext,
  message: ClientEvents["message"],
  writeLine: (line: string) => void,
): Promise<BrokerConnection> {
  const plan = await planConnection(settings, terminal.processId);
  if (plan.endpoint.tls !== undefined) terminal.trust(plan.endpoint.tls);
  if (!settings.output.debug) return new BrokerConnection(plan, { message }, stop, say);
  const { DebugLines } = await import("./debug_lines.ts");
  const { protocolVersion, clientIdentifier } = plan.options;
  const lines = new DebugLines(protocolVersion, clientIdentifier);
  const packet: ClientEvents["packet"] = (direction, packet) => {
    for (const line of lines.of(direction, packet)) writeLine(line);
  };
  return new BrokerConnection(plan, { message, packet }, stop, say);
}

/** Standard output for messages; when it fails, the tool stops. */
export function openOutput(
  { terminal, stop }: ToolContext,
  pressure: Omit<OutputPressure, "failed">,
): BlockOutput {
  return new BlockOutput((bytes) => terminal.outBytes(bytes), {
    ...pressure,
    failed: (error) => {
      // `| head -1` has what it wants; with `pipefail` a script goes on, as with Mosquitto's tools.
      if (error instanceof Deno.errors.BrokenPipe) return stop.ask({ exitCode: ToolExit.Ok });
      const message = `Cannot write to standard output: ${messageOf(error)}`;
      stop.ask({ exitCode: ToolExit.Failure, message });
    },
  });
}

/**
 * Ends the connection as the reason for stopping asks for, and writes what is still to be printed.
 * Without a reason everything that was published is sent first.
 */
export async function leave(
  { settings, stop: { reason } }: ToolContext,
  { client, protocolVersion }: BrokerConnection,
  output?: BlockOutput,
): Promise<void> {
  const isFor5 = protocolVersion === 5;
  const disconnected = client.disconnect(
    reason?.withWill && isFor5 ? ReasonCode.DisconnectWithWillMessage : ReasonCode.Success,
    isFor5 ? settings.connection.properties.disconnect : NO_PROPERTIES,
  );
  if (reason === undefined) await disconnected;
  else await within(LEAVE_MS, disconnected);
  client.close();
  const flushed = output?.flush() ?? Promise.resolve();
  if (reason?.withWill) await within(LEAVE_MS, flushed);
  else await flushed;
}

/** Waits for the promise, but not longer. */
async function within(ms: number, promise: Promise<void>): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, ms);
  try {
    await Promise.race([promise, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}
