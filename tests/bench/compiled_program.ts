/**
 * The C programs of the benchmarks, compiled on the spot.
 *
 * Owns the folder with the compiled program. The sources lie beside this file; their headers explain
 * arguments and figures.
 */

import { fromFileUrl } from "../../build/paths.ts";

/** What TLS takes: OpenSSL and its headers (Debian: libssl-dev). */
const TLS_FLAGS = ["-DWITH_TLS", "-lssl", "-lcrypto"];

/** Whether the C compiler finds the headers that TLS takes. */
export function compilesWithTls(): boolean {
  const path = sourcePath("mqttload.c");
  const args = ["-fsyntax-only", "-DWITH_TLS", path];
  const stdio = { stdin: "null", stdout: "null", stderr: "null" } as const;
  return new Deno.Command("cc", { args, ...stdio }).outputSync().success;
}

export class CompiledProgram implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Compiles `source`, a file name beside this one, with the C compiler `cc`. */
  static async compile(source: string, options: { tls: boolean }): Promise<CompiledProgram> {
    if (Deno.build.os !== "linux") {
      throw new Error(`Cannot compile ${source} here: it needs Linux`);
    }
    const program = new CompiledProgram(await Deno.makeTempDir({ prefix: "broker-bench-" }));
    const flags = options.tls ? TLS_FLAGS : [];
    try {
      await run("cc", ["-O2", "-o", program.path, sourcePath(source), ...flags]);
      return program;
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
  }

  get path(): string {
    return `${this.#folder}/program`;
  }

  /** Runs it to its end; its standard output. Throws an Error when it fails. */
  run(args: readonly string[]): Promise<string> {
    return run(this.path, args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function sourcePath(source: string): string {
  return fromFileUrl(new URL(source, import.meta.url));
}

/** Standard output of a program; throws an Error with its error output when it fails. */
async function run(program: string, args: readonly string[]): Promise<string> {
  const command = new Deno.Command(program, { args: [...args], stdin: "null" });
  return readOutput(`${program} ${args.join(" ")}`, await command.output());
}

/** Standard output of a command that has ended; throws an Error with its error output if it failed. */
export function readOutput(command: string, output: Deno.CommandOutput): string {
  const decoder = new TextDecoder();
  if (output.success) return decoder.decode(output.stdout);
  throw new Error(`Cannot run ${command}: ${decoder.decode(output.stderr)}`);
}
