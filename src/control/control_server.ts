/**
 * The control socket of a running broker: a Unix socket for its owner alone.
 *
 * Owns the socket and its connections; what is done is up to `answer`. Requests are answered one
 * after the other. Nothing that goes wrong here concerns the broker. Invariant: the socket file is
 * never open to others, not even while it is made.
 */

import { messageOf, writeAll } from "../transport/transport.ts";
import { openUnixSocket, removeSocketFile } from "../transport/unix_socket.ts";
import {
  type ControlReply,
  type ControlRequest,
  encodeLine,
  parseRequest,
  readLine,
} from "./protocol.ts";

export type Answer = (request: ControlRequest) => Promise<ControlReply>;

/** Longest path of a Unix socket on Linux, in bytes (`sun_path` without its final zero). */
const MAX_PATH_BYTES = 107;

export class ControlServer {
  readonly path: string;
  readonly #listener: Deno.Listener;
  readonly #answer: Answer;
  readonly #open = new Set<Deno.Conn>();
  /** The request before this one is answered. */
  #previous: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  private constructor(path: string, listener: Deno.Listener, answer: Answer) {
    this.path = path;
    this.#listener = listener;
    this.#answer = answer;
    void this.#accept();
  }

  /** Throws what keeps the socket from being opened: another broker's listener, a missing folder. */
  static async open(path: string, answer: Answer): Promise<ControlServer> {
    if (Deno.build.os === "windows") throw new Error("Cannot make a Unix socket on Windows");
    if (new TextEncoder().encode(path).length > MAX_PATH_BYTES) {
      throw new Error(
        `Cannot listen at '${path}': the path of a socket has ${MAX_PATH_BYTES} bytes`,
      );
    }
    return new ControlServer(path, await openUnixSocket({ path, mode: "0600" }), answer);
  }

  close(): void {
    this.#isClosed = true;
    this.#listener.close();
    for (const conn of this.#open) conn.close();
    this.#open.clear();
    removeSocketFile(this.path);
  }

  async #accept(): Promise<void> {
    while (!this.#isClosed) {
      try {
        void this.#serve(await this.#listener.accept());
      } catch {
        if (this.#isClosed) return;
        // Out of file descriptors: without a pause it would be asked for ever.
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  async #serve(conn: Deno.Conn): Promise<void> {
    this.#open.add(conn);
    try {
      const line = await readLine(conn);
      const reply = this.#previous.then(() => this.#reply(line));
      this.#previous = reply;
      await writeAll(conn, encodeLine(await reply));
    } catch {
      // Whoever asked is gone, or asks for nothing.
    }
    if (this.#open.delete(conn)) conn.close();
  }

  async #reply(line: string): Promise<ControlReply> {
    try {
      return await this.#answer(parseRequest(line));
    } catch (error) {
      return { ok: false, lines: [messageOf(error)] };
    }
  }
}
