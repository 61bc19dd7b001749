/**
 * Mosquitto as a broker beside ours, with the same files, so that both can be asked the same.
 *
 * Owns its process and its folder.
 */

import { RunningProgram } from "../support/programs.ts";

export class MosquittoBroker implements AsyncDisposable {
  readonly url: string;
  readonly #program: RunningProgram;
  readonly #folder: string;

  private constructor(program: RunningProgram, folder: string, url: string) {
    this.#program = program;
    this.#folder = folder;
    this.url = url;
  }

  /** Rejects with what it printed when it does not start. `lines`: of mosquitto.conf. */
  static async start(lines: readonly string[]): Promise<MosquittoBroker> {
    const folder = await Deno.makeTempDir({ prefix: "mosquitto-" });
    const port = freePort();
    // Started by root, it would become a user who cannot read the files.
    const config = [`listener ${port} 127.0.0.1`, "user root", ...lines, ""].join("\n");
    await Deno.writeTextFile(`${folder}/mosquitto.conf`, config);
    const program = new RunningProgram("mosquitto", ["-c", `${folder}/mosquitto.conf`]);
    const broker = new MosquittoBroker(program, folder, `mqtt://127.0.0.1:${port}`);
    try {
      await program.waitForLine(/mosquitto version .* running/);
      return broker;
    } catch (error) {
      await broker[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
