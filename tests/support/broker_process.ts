/**
 * The broker as a process of its own, as people run it.
 *
 * Owns the process from start to end: its configuration file, its output, its signals. The program
 * is the executable named by the environment variable BROKER_BIN, or `deno run` of src/main.ts (or
 * of the bundle named by BROKER_BUNDLE) with the permissions of `deno task start`. Invariant: when a
 * test ends, the process has ended, its output has been read to the end and its folder is gone, unless
 * the folder was given.
 */

import { readDenoConfig, runtimeFlags } from "../../build/runtime_flags.ts";
import { repositoryPath } from "../../build/paths.ts";
import { OutputLines } from "./output_lines.ts";

/** Milliseconds for the first line and for the end; an emulated processor needs most of it. */
const WATCHDOG_MS = 60_000;

/** Listens on loopback alone, on a port that the operating system chooses. */
const LOOPBACK_CONFIG = `listeners:
  - address: 127.0.0.1
    port: 0
`;

/** What a test may say about the process. */
export interface BrokerOptions {
  /** The text of broker.yaml; by default one listener on loopback. */
  config?: string;
  /** Arguments after those that name the configuration. */
  args?: string[];
  /**
   * The working folder, when it is to outlive the process: it must exist, and whoever made it
   * removes it. By default the process has one of its own.
   */
  folder?: string;
}

/** A finished run: its exit code and everything it printed. */
export interface FinishedRun {
  code: number;
  stdout: string;
  stderr: string;
}

/** The program and the arguments in front of the broker's own. */
export function brokerCommand(): [string, string[]] {
  const executable = Deno.env.get("BROKER_BIN");
  if (executable) return [executable, []];
  const flags = runtimeFlags(readDenoConfig());
  const bundle = Deno.env.get("BROKER_BUNDLE");
  // A bundle is run as the executable that would hold it runs it.
  const program = bundle
    ? ["--no-config", "--no-code-cache", ...flags, bundle]
    : [...flags, repositoryPath("src/main.ts")];
  return [Deno.execPath(), ["run", "--quiet", ...program]];
}

/** Runs the broker with these arguments until it ends by itself: `--version`, `check`, and such. */
export async function runBroker(args: string[]): Promise<FinishedRun> {
  const [program, before] = brokerCommand();
  const command = new Deno.Command(program, {
    args: [...before, ...args],
    stdin: "null",
    env: { NO_COLOR: "1" },
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Starts the broker; resolves when it listens. Rejects with its output when it ends instead. */
export async function startBroker(options: BrokerOptions = {}): Promise<BrokerProcess> {
  const broker = await BrokerProcess.spawn(options);
  try {
    await broker.waitUntilListening();
    return broker;
  } catch (error) {
    await broker[Symbol.asyncDispose]();
    throw error;
  }
}

export class BrokerProcess implements AsyncDisposable {
  readonly hostname = "127.0.0.1";
  readonly #process: Deno.ChildProcess;
  readonly #folder: string;
  readonly #ownsFolder: boolean;
  readonly #output: OutputLines;
  #port = 0;
  #hasEnded = false;

  private constructor(process: Deno.ChildProcess, folder: string, ownsFolder: boolean) {
    this.#process = process;
    this.#folder = folder;
    this.#ownsFolder = ownsFolder;
    this.#output = new OutputLines([process.stdout, process.stderr]);
    process.status.then(() => this.#hasEnded = true);
  }

  /** Starts the process without waiting for anything it does. */
  static async spawn(options: BrokerOptions): Promise<BrokerProcess> {
    const { config, args } = options;
    const folder = options.folder ?? await Deno.makeTempDir({ prefix: "broker-test-" });
    await Deno.writeTextFile(`${folder}/broker.yaml`, config ?? LOOPBACK_CONFIG);
    const [program, before] = brokerCommand();
    const command = new Deno.Command(program, {
      args: [...before, "--config", `${folder}/broker.yaml`, ...(args ?? [])],
      cwd: folder,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    });
    return new BrokerProcess(command.spawn(), folder, options.folder === undefined);
  }

  /** The port of the first listener. */
  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Every line that was printed so far, on standard output and standard error. */
  get lines(): readonly string[] {
    return this.#output.lines;
  }

  /** Where MQTT.js connects to. */
  get url(): string {
    return `mqtt://${this.hostname}:${this.port}`;
  }

  async waitUntilListening(): Promise<void> {
    const listening = /Listening on \S+:(\d+)/;
    this.#port = Number(listening.exec(await this.waitForLine(listening))?.[1]);
  }

  /** The first line that matches, printed already or still to come. */
  waitForLine(pattern: RegExp): Promise<string> {
    return this.#output.waitFor(pattern, WATCHDOG_MS);
  }

  signal(name: Deno.Signal): void {
    this.#process.kill(name);
  }

  /** The exit code, once the process has ended by itself or by a signal (128 and more). */
  async exitCode(): Promise<number> {
    const { code } = await this.#process.status;
    return code;
  }

  /** Sends SIGKILL if the process still runs; resolves when it has ended and its output is read. */
  async kill(): Promise<void> {
    if (!this.#hasEnded) this.#process.kill("SIGKILL");
    await this.#process.status;
    await this.#output.ended;
  }

  /** Ends the process if it still runs, reads its output to the end and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    if (this.#ownsFolder) await Deno.remove(this.#folder, { recursive: true });
  }
}
