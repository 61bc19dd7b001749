/**
 * The load generator: compiled on the spot, run once for each measurement.
 *
 * Owns the folder with the compiled program, and the reading of what it prints. The source is
 * mqttload.c beside this file; its header explains the arguments and figures.
 */

import { fromFileUrl } from "../../build/paths.ts";

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
}

export class LoadGenerator implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Compiles the program with the C compiler `cc`. */
  static async compile(): Promise<LoadGenerator> {
    if (Deno.build.os !== "linux") {
      throw new Error("Cannot put load on a broker here: the load generator needs Linux");
    }
    const folder = await Deno.makeTempDir({ prefix: "broker-bench-" });
    const generator = new LoadGenerator(folder);
    const source = fromFileUrl(new URL("mqttload.c", import.meta.url));
    try {
      await run("cc", ["-O2", "-o", generator.#program, source]);
      return generator;
    } catch (error) {
      await generator[Symbol.asyncDispose]();
      throw error;
    }
  }

  get #program(): string {
    return `${this.#folder}/mqttload`;
  }

  /** Puts one load on the broker and waits for its end. */
  async run(target: LoadTarget, args: string[]): Promise<LoadResult> {
    return JSON.parse(await this.#output(target, args)) as LoadResult;
  }

  /** Measures memory with `--idle N` or `--retained N`. */
  async measureMemory(target: LoadTarget, args: string[]): Promise<MemoryResult> {
    return JSON.parse(await this.#output(target, args)) as MemoryResult;
  }

  #output({ port, pid }: LoadTarget, args: string[]): Promise<string> {
    return run(this.#program, ["--port", String(port), "--pid", String(pid), ...args]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Standard output of a program; throws an Error with its error output when it fails. */
async function run(program: string, args: string[]): Promise<string> {
  const command = new Deno.Command(program, { args, stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new Error(`Cannot run ${program} ${args.join(" ")}: ${decoder.decode(stderr)}`);
}
