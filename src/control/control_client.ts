/**
 * Asks a running broker something over its control socket.
 */

import { writeAll } from "../transport/transport.ts";
import {
  type ControlReply,
  type ControlRequest,
  encodeLine,
  parseReply,
  readLine,
} from "./protocol.ts";

/** Nobody listens at the path, or it may not be opened; the message says what to do. */
export class NoBrokerError extends Error {
  override readonly name = "NoBrokerError";
}

/** Throws `NoBrokerError`; an `Error` when the answer cannot be read. */
export async function askBroker(path: string, request: ControlRequest): Promise<ControlReply> {
  const conn = await connect(path);
  try {
    await writeAll(conn, encodeLine(request));
    return parseReply(await readLine(conn));
  } finally {
    conn.close();
  }
}

async function connect(path: string): Promise<Deno.Conn> {
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
        `Cannot ask the broker: none listens at '${path}'. Is it running, with this configuration?`,
      );
    }
    throw error;
  }
}
