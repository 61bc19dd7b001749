/**
 * A client tool that runs in the test's own process: its streams, its environment and its signals are
 * the test's.
 *
 * Owns what was written. Invariant: nothing of the process itself is read or changed.
 */

import type { TlsClientOptions } from "../../../src/client/endpoint.ts";
import type {
  ClientTerminal,
  Interrupt,
  Terminals,
} from "../../../src/cli/client/client_terminal.ts";
import { parseArguments } from "../../../src/cli/client/parse_arguments.ts";
import { runClientTool } from "../../../src/cli/client/run_tool.ts";
import type { ToolSettings } from "../../../src/cli/client/settings.ts";
import type { ClientTool } from "../../../src/cli/client/tools.ts";
import { RecordingServer, type ServerScript } from "../../parity/recording_server.ts";

export interface TerminalFields {
  /** Standard input, a read each; after the last it ends. */
  readonly input?: readonly string[];
  /** Standard input does not end. */
  readonly isEndless?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly terminals?: Partial<Terminals>;
  /** Called before each write to standard output. */
  onWrite?(): void | Promise<void>;
}

export class FakeTerminal implements ClientTerminal {
  output = "";
  errors = "";
  readonly isTerminal: Terminals;
  readonly processId = 4711;
  /** Who is told of signals. */
  readonly listeners = new Set<(signal: Interrupt) => void>();
  readonly #fields: TerminalFields;
  readonly #input: string[];
  readonly #decoder = new TextDecoder();

  constructor(fields: TerminalFields = {}) {
    this.#fields = fields;
    this.#input = [...fields.input ?? []];
    this.isTerminal = { in: false, out: false, err: false, ...fields.terminals };
  }

  out = (text: string): void => void (this.output += text);
  err = (text: string): void => void (this.errors += text);

  async outBytes(bytes: Uint8Array): Promise<void> {
    await this.#fields.onWrite?.();
    this.output += this.#decoder.decode(bytes);
  }

  read = (buffer: Uint8Array): Promise<number | null> => {
    const next = this.#input.shift();
    if (next === undefined) {
      return this.#fields.isEndless ? new Promise(() => {}) : Promise.resolve(null);
    }
    const bytes = new TextEncoder().encode(next);
    buffer.set(bytes);
    return Promise.resolve(bytes.length);
  };

  columns(): number {
    return 80;
  }

  rows(): number {
    return 24;
  }

  env = (name: string): string | undefined => this.#fields.env?.[name];

  /** What it was told to trust: none of the tests' own trust is changed. */
  readonly trusted: TlsClientOptions[] = [];

  trust(tls: TlsClientOptions): void {
    this.trusted.push(tls);
  }

  onInterrupt(listener: (signal: Interrupt) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  interrupt(signal: Interrupt): void {
    for (const listener of this.listeners) listener(signal);
  }
}

export interface ToolOutcome {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the tool to its end. */
export async function runTool(
  tool: ClientTool,
  args: readonly string[],
  fields: TerminalFields = {},
): Promise<ToolOutcome> {
  const terminal = new FakeTerminal(fields);
  const exitCode = await runClientTool(tool, args, terminal);
  return { exitCode, out: terminal.output, err: terminal.errors };
}

/** Runs the tool with a scripted server; returns what the server was sent as well. */
export async function runWithServer(
  tool: ClientTool,
  args: readonly string[],
  script: ServerScript = {},
  fields: TerminalFields = {},
): Promise<ToolOutcome & { readonly sent: readonly string[] }> {
  await using server = await RecordingServer.start(script, ".");
  const outcome = await runTool(tool, ["-h", "127.0.0.1", "-p", `${server.port}`, ...args], fields);
  await server.everybodyGone();
  return { ...withoutPort(outcome, server.port), sent: server.lines };
}

/** The settings of a command line that is right. */
export function settingsOf(tool: ClientTool, ...args: string[]): ToolSettings {
  const parsed = parseArguments(tool, args, () => undefined);
  if (parsed.kind !== "run") throw new Error(`Cannot run ${args.join(" ")}: it is ${parsed.kind}`);
  return parsed.settings;
}

function withoutPort({ exitCode, out, err }: ToolOutcome, port: number): ToolOutcome {
  return { exitCode, out, err: err.replaceAll(`:${port}`, ":PORT") };
}
