/**
 * `broker bench`: puts loads on a broker, one after the other, and says what came of it.
 *
 * Owns the order, Ctrl-C and what is written. The loads are those of src/load/. Invariant: what was
 * measured is written, also when it is stopped or a later load fails.
 */

import { jsonText } from "./json_text.ts";
import { ConnectError } from "../client/connect_error.ts";
import { judge } from "../load/bottleneck.ts";
import { ConnectRun } from "../load/connect_run.ts";
import { LoadError } from "../load/load_error.ts";
import { LoadRun } from "../load/load_run.ts";
import { VERSION_NAMES } from "../protocol/describe.ts";
import { BenchLive, type LiveSurface, type Progress } from "./bench_live.ts";
import {
  type BenchFlags,
  BenchUsageError,
  type ConnectRequest,
  type LoadRequest,
  type MessageRequest,
  requestsOf,
} from "./bench_request.ts";
import { type BenchTarget, targetOf } from "./bench_target.ts";
import {
  connectRemarks,
  type ConnectRow,
  connectTable,
  LEGEND,
  messageRemarks,
  type MessageRow,
  messageTable,
} from "./bench_text.ts";
import { ToolFailure } from "./client/tool_exit.ts";
import { ExitCode, type Terminal, writeLines } from "./terminal.ts";

/** What `bench` needs of the process it runs in. */
export interface BenchTerminal extends Terminal, LiveSurface {
  /** Calls `listener` for SIGINT and SIGTERM in place of ending; returns what takes that back. */
  onInterrupt(listener: () => void): () => void;
}

/** What a shell says of a program that was ended by SIGINT. */
const INTERRUPTED = 130;

const NOTHING_MEASURED = "Stopped before anything was measured";

type Row = MessageRow | ConnectRow;

export async function bench(
  preset: string | undefined,
  flags: BenchFlags,
  terminal: BenchTerminal,
): Promise<number> {
  try {
    const requests = requestsOf(preset, flags);
    return await new Bench(targetOf(flags), terminal).run(requests, flags.json ?? false);
  } catch (error) {
    if (error instanceof BenchUsageError) return fail(terminal, error.message, ExitCode.Usage);
    if (error instanceof ToolFailure) return fail(terminal, error.message, ExitCode.Usage);
    throw error;
  }
}

function fail(terminal: Terminal, message: string, exitCode: number): number {
  writeLines([`error: ${message}`], terminal.err);
  return exitCode;
}

class Bench {
  readonly #target: BenchTarget;
  readonly #terminal: BenchTerminal;
  readonly #live: BenchLive;
  readonly #rows: Row[] = [];
  #running: { stop(): void } | undefined;
  #interrupts = 0;
  readonly #abandoned = Promise.withResolvers<"abandoned">();

  constructor(target: BenchTarget, terminal: BenchTerminal) {
    this.#target = target;
    this.#terminal = terminal;
    this.#live = new BenchLive(terminal);
  }

  async run(requests: readonly LoadRequest[], asJson: boolean): Promise<number> {
    const release = this.#terminal.onInterrupt(() => this.#interrupt());
    try {
      const failure = await Promise.race([this.#runAll(requests), this.#abandoned.promise]);
      if (failure === "abandoned") return INTERRUPTED;
      if (this.#rows.length > 0) this.#print(asJson);
      else if (this.#interrupts > 0) writeLines([NOTHING_MEASURED], this.#terminal.err);
      if (failure !== undefined) return fail(this.#terminal, failure, ExitCode.Failure);
      return this.#interrupts > 0 ? INTERRUPTED : ExitCode.Ok;
    } finally {
      this.#live.erase();
      release();
    }
  }

  /** Resolves with why it could not go on, if it could not. */
  async #runAll(requests: readonly LoadRequest[]): Promise<string | undefined> {
    for (const request of requests) {
      if (this.#interrupts > 0) return undefined;
      try {
        const row = request.kind === "messages"
          ? await this.#runMessages(request)
          : await this.#runConnections(request);
        if (row !== undefined) this.#rows.push(row);
      } catch (error) {
        if (error instanceof LoadError || error instanceof ConnectError) return error.message;
        throw error;
      } finally {
        this.#live.erase();
        this.#running = undefined;
      }
    }
    return undefined;
  }

  async #runMessages(request: MessageRequest): Promise<MessageRow | undefined> {
    const { kind: _kind, name, threads, warmupMs, durationMs, messages, ...load } = request;
    const { connect, process } = this.#target;
    const run = new LoadRun({
      settings: { ...load, connect, run: newRun() },
      threads,
      warmupMs,
      durationMs,
      messages,
      process,
    });
    this.#watch(name, run);
    const outcome = await run.run();
    if (outcome === undefined) return undefined;
    const { qos, rate } = request;
    return { request, outcome, judgement: judge({ ...outcome, threads, qos, rate }) };
  }

  async #runConnections(request: ConnectRequest): Promise<ConnectRow | undefined> {
    const { connect, process } = this.#target;
    const { clients, atOnce, holdMs, isStorm, name } = request;
    const settings = { connect, clients, atOnce, holdMs, isStorm, run: newRun(), process };
    const run = new ConnectRun(settings);
    this.#watch(name, run);
    return { request, outcome: await run.run() };
  }

  #watch(name: string, run: { stop(): void; readonly progress: Progress }): void {
    this.#running = run;
    this.#live.start(name, () => run.progress, () => this.#target.process.meter?.read());
  }

  /** The first ends it with what was measured, the second at once. */
  #interrupt(): void {
    if (++this.#interrupts > 1) this.#abandoned.resolve("abandoned");
    this.#running?.stop();
  }

  #print(asJson: boolean): void {
    const terminal = this.#terminal;
    const target = this.#target;
    const rows = this.#rows;
    if (asJson) return terminal.out(`${jsonText(jsonOf(target, rows), 2)}\n`);
    const messages = rows.filter((row): row is MessageRow => row.request.kind === "messages");
    const connections = rows.filter((row): row is ConnectRow => row.request.kind === "connections");
    const lines = [headline(target), ""];
    if (messages.length > 0) {
      lines.push(...messageTable(messages).split("\n"), "", ...LEGEND.split("\n"), "");
      lines.push(...messageRemarks(messages).map((remark) => `- ${remark}`));
    }
    for (const row of connections) {
      lines.push(...connectTable(row).split("\n"), "");
      lines.push(...connectRemarks(row).map((remark) => `- ${remark}`));
    }
    writeLines(lines, terminal.out);
  }
}

function headline({ name, connect, process }: BenchTarget): string {
  const { meter } = process;
  const what = meter === undefined ? "" : ` (${meter.program}, process ${meter.pid})`;
  const { tls, websocketPath } = connect.endpoint;
  const carrier = (tls === undefined ? "" : ", TLS") +
    (websocketPath === undefined ? "" : ", WebSocket");
  return `${name}${what}, MQTT ${VERSION_NAMES[connect.version]}${carrier}, ` +
    `generator on ${Deno.build.os} ${Deno.build.arch} with ${navigator.hardwareConcurrency} processors`;
}

/** No secrets: the way to the broker is told by its name. */
function jsonOf({ name, connect, process }: BenchTarget, rows: readonly Row[]): unknown {
  return {
    broker: {
      place: name,
      protocolVersion: VERSION_NAMES[connect.version],
      pid: process.meter?.pid,
      program: process.meter?.program,
    },
    loads: rows.map(({ request, ...measured }) => ({
      load: { ...request, ...("messages" in request && finite(request)) },
      ...measured,
    })),
  };
}

/** JSON has no Infinity. */
function finite({ messages }: MessageRequest): { messages: number | null } {
  return { messages: Number.isFinite(messages) ? messages : null };
}

/** Six characters that no other run has. */
function newRun(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(3));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
