/**
 * The attacker of the benchmarks: mqttattack.c, compiled on the spot, running beside the load.
 *
 * Owns the compiled program, its process and the reading of what it prints.
 */

import { CompiledProgram, readOutput } from "./compiled_program.ts";

/** What became of an attack; the names are those of the program. */
export interface AttackResult {
  seconds: number;
  started: number;
  connected: number;
  /** Connections that the broker has said something to. */
  answered: number;
  /** Logins: CONNACK with another Reason Code than 0, and with 0. */
  refused: number;
  accepted: number;
  /** Connections that the broker closed without an answer to a login. */
  closed: number;
  failed: number;
  /** Connections that were open at the end. */
  held: number;
}

export class Attacker implements AsyncDisposable {
  readonly #program: CompiledProgram;

  private constructor(program: CompiledProgram) {
    this.#program = program;
  }

  /** Compiles the program with the C compiler `cc` and OpenSSL. */
  static async compile(): Promise<Attacker> {
    return new Attacker(await CompiledProgram.compile("mqttattack.c", { tls: true }));
  }

  /** Attacks the broker on this port of 127.0.0.1 until it is told to stop, or for `--secs`. */
  start(port: number, args: readonly string[]): RunningAttack {
    return new RunningAttack(this.#program.path, ["--port", String(port), ...args]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}

/** An attack that goes on until its end, until `stop`, or until it is disposed of. */
export class RunningAttack implements AsyncDisposable {
  readonly #command: string;
  readonly #process: Deno.ChildProcess;
  readonly #output: Promise<Deno.CommandOutput>;
  #hasEnded = false;

  constructor(program: string, args: readonly string[]) {
    this.#command = `${program} ${args.join(" ")}`;
    const stdio = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
    this.#process = new Deno.Command(program, { args: [...args], ...stdio }).spawn();
    this.#output = this.#process.output();
    this.#output.then(() => this.#hasEnded = true);
  }

  /** What became of an attack that ends by itself; throws an Error when it has failed. */
  async result(): Promise<AttackResult> {
    return JSON.parse(readOutput(this.#command, await this.#output)) as AttackResult;
  }

  /** Ends the attack; throws an Error when it has failed. */
  async stop(): Promise<AttackResult> {
    if (!this.#hasEnded) this.#process.kill("SIGTERM");
    return await this.result();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) this.#process.kill("SIGKILL");
    await this.#output;
  }
}
