/**
 * One run of a tool of Mosquitto or of ours, to its end.
 *
 * Owns the process: one that does not end is killed, and its exit code then says so.
 */

import { brokerCommand } from "../support/broker_process.ts";
import type { Tool } from "./row.ts";

export type Side = "mosquitto" | "ours";

export interface Finished {
  readonly code: number;
  /** Bytes as characters U+0000 to U+00FF. */
  readonly stdout: string;
  readonly stderr: string;
}

/** What a tool finds where it runs. */
export interface Surroundings {
  /** Its working and home folder. */
  readonly folder: string;
  /** Standard input; there is none by default. */
  readonly input?: string | Uint8Array | undefined;
  /** What standard output is, when nobody is to read it here. */
  readonly output?: UnreadOutput | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** A pipe whose reader has gone, and a full disk. */
export type UnreadOutput = "gone" | "full";

/** How a shell starts a program with such an output. */
const STARTS: Readonly<Record<UnreadOutput, string>> = {
  gone: 'exec 3> >(:); wait $!; exec "$@" >&3',
  full: 'exec "$@" > /dev/full',
};

const PATH = Deno.env.get("PATH") ?? "";

/** Milliseconds until a tool that does not end by itself is killed. */
const WATCHDOG_MS = 15_000;

export async function runTool(
  side: Side,
  tool: Tool,
  args: readonly string[],
  { folder, input, output: unread, env }: Surroundings,
): Promise<Finished> {
  const [program, before] = side === "mosquitto"
    ? [`mosquitto_${tool}`, []] as const
    : brokerCommand();
  const words = [...before, ...(side === "ours" ? [tool] : []), ...args];
  const child = new Deno.Command(unread === undefined ? program : "bash", {
    args: unread === undefined ? words : ["-c", STARTS[unread], "bash", program, ...words],
    cwd: folder,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    // Nobody's options files, but for the row's own; Deno's cache stays where it is.
    clearEnv: true,
    env: { PATH, HOME: folder, DENO_DIR: denoFolder(), NO_COLOR: "1", ...env },
  }).spawn();
  // Tools end well when they are asked to: this one must be seen.
  const watchdog = setTimeout(() => child.kill("SIGKILL"), WATCHDOG_MS);
  const [output] = await Promise.all([child.output(), feed(child, input)]);
  clearTimeout(watchdog);
  return {
    code: output.code,
    stdout: latin1(output.stdout),
    stderr: new TextDecoder().decode(output.stderr),
  };
}

export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

async function feed(child: Deno.ChildProcess, input: Surroundings["input"]): Promise<void> {
  if (input === undefined) return;
  const writer = child.stdin.getWriter();
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  try {
    await writer.write(bytes);
    await writer.close();
  } catch {
    // It ended before it had read everything.
  }
}

function denoFolder(): string {
  return Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME") ?? ""}/.cache/deno`;
}
