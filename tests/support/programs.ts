/**
 * Programs of others that tests run: whether they are installed, and what they print.
 *
 * Owns every process it starts until that process has ended.
 */

import { OutputLines } from "./output_lines.ts";

/** Milliseconds for a line of output. */
const WATCHDOG_MS = 30_000;

/** Whether the program can be started. */
export function isInstalled(program: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(Deno.build.os === "windows" ? ";" : ":");
  const name = Deno.build.os === "windows" ? `${program}.exe` : program;
  return folders.some((folder) => {
    try {
      return Deno.statSync(`${folder}/${name}`).isFile;
    } catch {
      return false;
    }
  });
}

/**
 * Registers a test that needs programs. Without them it is skipped, but where CI=true it fails; not
 * on Windows, where nothing installs them.
 */
export function testWithPrograms(
  programs: string[],
  name: string,
  body: () => Promise<void>,
): void {
  const missing = programs.filter((program) => !isInstalled(program));
  const mustRun = Deno.env.get("CI") === "true" && Deno.build.os !== "windows";
  Deno.test({
    name,
    ignore: missing.length > 0 && !mustRun,
    fn: () => {
      if (missing.length === 0) return body();
      throw new Error(`Cannot run ${missing.join(", ")}: not installed`);
    },
  });
}

/** Runs a program to its end; throws an Error with its error output when it fails. */
export async function runProgram(program: string, args: string[]): Promise<string> {
  const command = new Deno.Command(program, { args, stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  throw new Error(`Cannot run ${program} ${args.join(" ")}: ${decoder.decode(stderr)}`);
}

/** A program that runs beside the test; disposing of it ends it. */
export class RunningProgram implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #output: OutputLines;

  constructor(program: string, args: string[]) {
    const command = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    this.#process = command.spawn();
    this.#output = new OutputLines([this.#process.stdout, this.#process.stderr]);
  }

  get pid(): number {
    return this.#process.pid;
  }

  waitForLine(pattern: RegExp): Promise<string> {
    return this.#output.waitFor(pattern, WATCHDOG_MS);
  }

  /** Every line it printed, once it has ended by itself. */
  async allLines(): Promise<readonly string[]> {
    await this.#process.status;
    await this.#output.ended;
    return this.#output.lines;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#process.status;
    await this.#output.ended;
  }
}
