/**
 * The move from Mosquitto as a whole: a Mosquitto with its files, their import, and our broker with
 * what was made of them.
 *
 * Owns the folder, and Mosquitto's process until it has ended, its database written.
 */

import assert from "node:assert/strict";
import { runImport, writeFiles } from "../cli/import_fixture.ts";
import { type BrokerProcess, startBroker } from "../support/broker_process.ts";
import { RunningProgram, runProgram } from "../support/programs.ts";

/** A folder with mosquitto.conf; DIR in the files is the folder, PORT a port that is free. */
export class OldSite implements AsyncDisposable {
  readonly folder: string;
  readonly port: number;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
  }

  static async make(files: Readonly<Record<string, string>>): Promise<OldSite> {
    const folder = await Deno.makeTempDir({ prefix: "broker-import-" });
    const site = new OldSite(folder, freePort());
    for (const name of Object.keys(files)) {
      const [inner] = name.split("/").slice(0, -1);
      if (inner !== undefined) await Deno.mkdir(`${folder}/${inner}`, { recursive: true });
    }
    const texts = Object.entries(files).map(([name, text]) =>
      [name, text.replaceAll("PORT", String(site.port))] as const
    );
    writeFiles(folder, Object.fromEntries(texts));
    return site;
  }

  get conf(): string {
    return `${this.folder}/mosquitto.conf`;
  }

  /** Starts Mosquitto with the folder's configuration. */
  async start(): Promise<OldMosquitto> {
    const program = new RunningProgram("mosquitto", ["-c", this.conf, "-v"]);
    await program.waitForLine(/mosquitto version .* running/);
    return new OldMosquitto(program, `${this.folder}/mosquitto.pid`, this.port);
  }

  /** Imports, and returns the text of broker.yaml. */
  async import(...args: readonly string[]): Promise<string> {
    const output = `${this.folder}/broker.yaml`;
    const { exitCode, out, err } = await runImport(this.conf, "-o", output, ...args);
    assert.equal(exitCode, 0, out + err);
    return await Deno.readTextFile(output);
  }

  /** Starts our broker with the text, on a port that is free. */
  async startOurs(yaml: string): Promise<BrokerProcess> {
    const config = yaml.replaceAll(`port: ${this.port}`, "port: 0");
    assert.notEqual(config, yaml);
    const process = await startBroker({ folder: this.folder, config });
    return process;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A Mosquitto that runs; it writes its database when it is disposed. */
export class OldMosquitto implements AsyncDisposable {
  readonly port: number;
  readonly #program: RunningProgram;
  readonly #pidFile: string;

  constructor(program: RunningProgram, pidFile: string, port: number) {
    this.#program = program;
    this.#pidFile = pidFile;
    this.port = port;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // With SIGTERM it saves what it has.
    Deno.kill(Number(await Deno.readTextFile(this.#pidFile)), "SIGTERM");
    await this.#program.allLines();
    await this.#program[Symbol.asyncDispose]();
  }
}

/** A user name with its password, or none. */
export type Login = readonly [username: string, password: string] | undefined;

function loginArgs({ port }: { readonly port: number }, login: Login): string[] {
  const credentials = login === undefined ? [] : ["-u", login[0], "-P", login[1]];
  return ["-h", "127.0.0.1", "-p", String(port), ...credentials];
}

/** Publishes with mosquitto_pub; rejects when the broker refuses the client. */
export async function pub(
  broker: { readonly port: number },
  login: Login,
  ...args: string[]
): Promise<void> {
  await runProgram("mosquitto_pub", [...loginArgs(broker, login), ...args]);
}

/** What mosquitto_sub prints until it ends by itself. */
export async function sub(
  broker: { readonly port: number },
  login: Login,
  ...args: string[]
): Promise<string> {
  return await runProgram("mosquitto_sub", [...loginArgs(broker, login), ...args]);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
