/**
 * The load generator: compiled on the spot, run once for each measurement.
 *
 * Owns the compiled program, and the reading of what it prints. The source is mqttload.c beside this
 * file; its header explains the arguments and figures.
 */

import { CompiledProgram } from "./compiled_program.ts";

/** What one load printed; the names are those of the program. */
export interface LoadResult {
  sent: number;
  received: number;
  missing: number;
  in_per_s: number;
  out_per_s: number;
  lat_us: { p50: number; p99: number; p999: number; max: number };
  cpu_us_per_message: number;
  rss_kb: number;
  disconnects: number;
}

/** What `--idle` and `--retained` print. */
export interface MemoryResult {
  rss_before_kb: number;
  rss_after_kb: number;
  disconnects: number;
  connects_per_s?: number;
  /** Retained messages that the broker has acknowledged. */
  acked?: number;
}

/** A broker that load can be put on. */
export interface LoadTarget {
  port: number;
  pid: number;
  /** Arguments that make clients as it wants them: their transport, their password. */
  clientArgs?: readonly string[];
}

export class LoadGenerator implements AsyncDisposable {
  readonly #program: CompiledProgram;

  private constructor(program: CompiledProgram) {
    this.#program = program;
  }

  /** Compiles the program with the C compiler `cc`; for targets that want TLS, with OpenSSL. */
  static async compile(options: { tls: boolean } = { tls: false }): Promise<LoadGenerator> {
    return new LoadGenerator(await CompiledProgram.compile("mqttload.c", options));
  }

  /** Puts one load on the broker and waits for its end. */
  async run(target: LoadTarget, args: readonly string[]): Promise<LoadResult> {
    return JSON.parse(await this.#output(target, args)) as LoadResult;
  }

  /** Measures memory with `--idle N` or `--retained N`. */
  async measureMemory(target: LoadTarget, args: readonly string[]): Promise<MemoryResult> {
    return JSON.parse(await this.#output(target, args)) as MemoryResult;
  }

  #output({ port, pid, clientArgs }: LoadTarget, args: readonly string[]): Promise<string> {
    const target = ["--port", String(port), "--pid", String(pid), ...(clientArgs ?? [])];
    return this.#program.run([...target, ...args]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}
