/**
 * Mosquitto with a folder for its data: started, used, stopped so that it writes the data, and
 * started again on a copy.
 *
 * Owns its process until that has ended. The folder is the caller's.
 */

import { OutputLines } from "../support/output_lines.ts";
import type { Address } from "../support/packet_channel.ts";
import type { MqttUrl } from "../support/mqttjs_client.ts";

const WATCHDOG_MS = 30_000;

export class MosquittoOnData implements Address, MqttUrl, AsyncDisposable {
  readonly hostname = "127.0.0.1";
  readonly port: number;
  readonly #process: Deno.ChildProcess;
  readonly #output: OutputLines;

  private constructor(process: Deno.ChildProcess, port: number) {
    this.#process = process;
    this.port = port;
    this.#output = new OutputLines([process.stdout, process.stderr]);
  }

  /** `folder` holds `mosquitto.db`, or will. `lines`: more of mosquitto.conf. */
  static async start(folder: string, lines: readonly string[] = []): Promise<MosquittoOnData> {
    const port = freePort();
    const config = [
      `listener ${port} 127.0.0.1`,
      "persistence true",
      `persistence_location ${folder}/`,
      // Started by root, it would become a user who cannot write there.
      ...Deno.uid() === 0 ? ["user root"] : [],
      ...lines,
      "",
    ];
    await Deno.writeTextFile(`${folder}/mosquitto.conf`, config.join("\n"));
    const process = new Deno.Command("mosquitto", {
      args: ["-c", `${folder}/mosquitto.conf`],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const broker = new MosquittoOnData(process, port);
    try {
      await broker.#output.waitFor(/mosquitto version .* running/, WATCHDOG_MS);
      return broker;
    } catch (error) {
      await broker[Symbol.asyncDispose]();
      throw error;
    }
  }

  get url(): string {
    return `mqtt://${this.hostname}:${this.port}`;
  }

  /** Resolves when it has written its data and ended. */
  async stop(): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#ended();
  }

  async #ended(): Promise<void> {
    await this.#process.status;
    await this.#output.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#ended();
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
