/**
 * Asks a running broker something over its control socket.
 *
 * Owns the connection while it asks. Invariant: items are handed over one by one, and the next is
 * read when the one before is dealt with.
 */

import { messageOf } from "../error_text.ts";
import { writeAll } from "../transport/transport.ts";
import { socketPathFault } from "../transport/unix_socket.ts";
import { LineReader } from "./line_reader.ts";
import {
  type ControlItem,
  type ControlReply,
  type ControlRequest,
  encodeLine,
  parseAnswer,
} from "./protocol.ts";

/** Nobody listens at the path, or it may not be opened; the message says what to do. */
export class NoBrokerError extends Error {
  override readonly name = "NoBrokerError";
}

/** Of an answer, one line of which holds everything about one thing. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** What is read, for errors. */
const ANSWER = "the broker's answer";

export interface AskOptions {
  /** Takes an item of the answer. */
  take?(item: ControlItem): void | Promise<void>;
  /** Milliseconds without a line after which a broker does not answer; by default it may take long. */
  readonly silenceMs?: number;
}

/**
 * Resolves with the end of the answer. Throws `NoBrokerError`; an `Error` for people when the answer
 * cannot be read or breaks off; and what `take` throws.
 */
export async function askBroker(
  path: string,
  request: ControlRequest,
  { take = () => {}, silenceMs }: AskOptions = {},
): Promise<ControlReply> {
  const conn = await connect(path);
  const watch = new Watch(silenceMs);
  try {
    await watch.over(breaksOff(writeAll(conn, encodeLine(request))), path);
    const lines = new LineReader(conn, MAX_ANSWER_BYTES, ANSWER);
    for (;;) {
      const answer = parseAnswer(await watch.over(breaksOff(lines.next()), path));
      if (!("item" in answer)) return answer;
      await take(answer.item);
    }
  } finally {
    conn.close();
  }
}

/** Ends the waiting for a broker that is stopped or busy with something for ever. */
class Watch {
  readonly #silenceMs: number | undefined;

  constructor(silenceMs: number | undefined) {
    this.#silenceMs = silenceMs;
  }

  async over<T>(work: Promise<T>, path: string): Promise<T> {
    if (this.#silenceMs === undefined) return await work;
    const silence = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => silence.reject(new NoBrokerError(`Cannot ask the broker at '${path}': no answer`)),
      this.#silenceMs,
    );
    // It ends with an error when the connection is closed.
    work.catch(() => {});
    try {
      return await Promise.race([work, silence.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A broker that is killed breaks off in several ways; they are one to who asks. */
async function breaksOff<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const isBroken = error instanceof Deno.errors.ConnectionReset ||
      error instanceof Deno.errors.BrokenPipe;
    throw isBroken ? new Error(`Cannot read ${ANSWER}: the connection ended before it did`) : error;
  }
}

async function connect(path: string): Promise<Deno.Conn> {
  const fault = socketPathFault(path);
  if (fault !== undefined) {
    throw new NoBrokerError(`Cannot ask the broker: none can listen at '${path}': ${fault}`);
  }
  try {
    return await Deno.connect({ transport: "unix", path });
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new NoBrokerError(
        `Cannot open '${path}': it is another user's. Run the command as the user that the ` +
          "broker runs as (with 'sudo -u USER')",
      );
    }
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.ConnectionRefused) {
      throw new NoBrokerError(
        `Cannot ask the broker: none listens at '${path}'. Is it running, with this configuration? ` +
          "If persistence.path has changed since it was started, name its socket: --socket PATH " +
          "(the data that it uses, with '.control' behind)",
      );
    }
    throw new NoBrokerError(`Cannot ask the broker at '${path}': ${messageOf(error)}`);
  }
}
