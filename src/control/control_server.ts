/**
 * The control socket of a running broker: a Unix socket for its owner alone.
 *
 * Owns the socket and its connections; what is done is up to `answer`. Requests of several
 * connections are answered side by side, so that a long answer that is read slowly keeps nobody
 * waiting. Nothing that goes wrong here concerns the broker. Invariant: the socket file is never open
 * to others, not even while it is made.
 */

import { messageOf } from "../error_text.ts";
import { writeAll } from "../transport/transport.ts";
import { openUnixSocket, removeSocketFile, socketPathFault } from "../transport/unix_socket.ts";
import { AnswerStream } from "./answer_stream.ts";
import { type ControlReply, type ControlRequest, parseRequest, readLine } from "./protocol.ts";

/** What a rejected promise says is told to who asked. */
export type Answer = (
  request: Required<ControlRequest>,
  stream: AnswerStream,
) => Promise<ControlReply>;

export class ControlServer {
  readonly path: string;
  readonly #listener: Deno.Listener;
  readonly #answer: Answer;
  readonly #open = new Map<Deno.Conn, AnswerStream>();
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
    const fault = socketPathFault(path);
    if (fault !== undefined) throw new Error(`Cannot listen at '${path}': ${fault}`);
    return new ControlServer(path, await openUnixSocket({ path, mode: "0600" }), answer);
  }

  close(): void {
    this.#isClosed = true;
    this.#listener.close();
    for (const conn of [...this.#open.keys()]) this.#drop(conn);
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
    const encoder = new TextEncoder();
    const stream = new AnswerStream((text) => writeAll(conn, encoder.encode(text)));
    this.#open.set(conn, stream);
    try {
      const line = await readLine(conn);
      await stream.end(await this.#reply(line, stream));
    } catch {
      // Whoever asked is gone, or asks for nothing.
    }
    this.#drop(conn);
  }

  #drop(conn: Deno.Conn): void {
    this.#open.get(conn)?.close();
    if (this.#open.delete(conn)) conn.close();
  }

  async #reply(line: string, stream: AnswerStream): Promise<ControlReply> {
    try {
      return await this.#answer(parseRequest(line), stream);
    } catch (error) {
      return { ok: false, lines: [messageOf(error)] };
    }
  }
}
