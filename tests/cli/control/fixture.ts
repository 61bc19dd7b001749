/**
 * Commands that ask a broker, and a control socket that answers what a test wants.
 *
 * Owns the folder of the socket and the configuration.
 */

import { Command, CommanderError } from "commander";
import type { ControlItem, ControlReply, ControlRequest } from "../../../src/control/protocol.ts";
import { ControlServer } from "../../../src/control/control_server.ts";
import type { CommandContext } from "../../../src/cli/command_context.ts";
import type { Terminal } from "../../../src/cli/terminal.ts";
import type { Screen, ScreenSize } from "../../../src/cli/control/screen.ts";

export interface Outcome {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** What is answered to a request. */
export interface Canned {
  readonly items?: readonly ControlItem[];
  readonly reply?: ControlReply;
}

export class AnsweringBroker implements AsyncDisposable {
  readonly folder: string;
  readonly asked: Required<ControlRequest>[] = [];
  readonly #server: ControlServer;

  private constructor(folder: string, server: ControlServer) {
    this.folder = folder;
    this.#server = server;
  }

  /** One answer for each request; the last one for all that follow. */
  static async start(...answers: Canned[]): Promise<AnsweringBroker> {
    const folder = await Deno.makeTempDir();
    const waiting = [...answers];
    const server = await ControlServer.open(
      `${folder}/data.db.control`,
      async (request, stream) => {
        broker.asked.push(request);
        const { items = [], reply = { ok: true, lines: [] } } = waiting[0] ?? {};
        if (waiting.length > 1) waiting.shift();
        for (const item of items) await stream.put(item);
        return reply;
      },
    );
    const broker = new AnsweringBroker(folder, server);
    return broker;
  }

  get socket(): string {
    return this.#server.path;
  }

  /** What was asked for last. */
  get lastArguments(): unknown {
    return this.asked.at(-1)?.arguments;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Runs a function of a command with a terminal of its own. */
export async function captured(
  run: (terminal: Terminal) => Promise<number>,
): Promise<Outcome> {
  const written = { out: "", err: "" };
  const exitCode = await run({
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
  });
  return { exitCode, ...written };
}

/** Runs a command line whose only command is the one that `add` adds. */
export function runCommand(
  add: (context: CommandContext) => void,
  ...args: string[]
): Promise<Outcome> {
  return captured(async (terminal) => {
    let exitCode = 0;
    const program = new Command("broker")
      .option("-c, --config <file>", "the configuration")
      .enablePositionalOptions()
      .exitOverride()
      .configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
    add({ program, terminal, done: (code) => void (exitCode = code) });
    try {
      await program.parseAsync(args, { from: "user" });
    } catch (error) {
      if (!(error instanceof CommanderError)) throw error;
      return error.exitCode === 0 ? 0 : 2;
    }
    return exitCode;
  });
}

/** A person who answers `line` when asked; undefined: nobody is there. */
export function screenOf(line: string | undefined, pauses = 0, size?: ScreenSize): Screen {
  let left = pauses;
  return {
    isTerminal: line !== undefined,
    canAsk: line !== undefined,
    size: () => size,
    readLine: () => Promise.resolve(line),
    pause: () => Promise.resolve(left-- > 0),
  };
}
