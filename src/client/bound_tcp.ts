/**
 * TCP from an address of one's own choice, by `node:net`: `Deno.connect` lets the system choose.
 *
 * Owns the socket. Deno 2.4 takes the address and ignores it; that is noticed, and is an error.
 */

import { connect, type Socket } from "node:net";
import { hostAndPort, oneSpelling } from "../transport/address_text.ts";
import { NodeStream } from "../transport/node_stream.ts";
import type { Transport } from "../transport/transport.ts";
import { ConnectError } from "./connect_error.ts";
import { isAddress } from "./tcp.ts";

export interface BoundTarget {
  readonly host: string;
  readonly port: number;
  readonly noDelay: boolean;
  /** The server, for people. */
  readonly place: string;
}

/** Rejects with a `ConnectError`, or the platform's error. */
export async function connectFrom(
  bindAddress: string,
  { host, port, noDelay, place }: BoundTarget,
  signal: AbortSignal | undefined,
): Promise<Transport> {
  if (!isAddress(bindAddress)) {
    throw new ConnectError(
      "failed",
      `Cannot connect to ${place}: '${bindAddress}' is not an IP address to connect from`,
    );
  }
  const family = bindAddress.includes(":") ? 6 : 4;
  const socket = connect({ host, port, localAddress: bindAddress, family, noDelay });
  await connected(socket, signal);
  if (oneSpelling(socket.localAddress ?? "") !== oneSpelling(bindAddress)) {
    socket.destroy();
    throw new ConnectError(
      "not_supported",
      `Cannot connect to ${place}: Deno ${Deno.version.deno} cannot connect from ` +
        `${hostAndPort(bindAddress)}; leave the address out`,
    );
  }
  return new BoundTransport(socket, place);
}

function connected(socket: Socket, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = () => socket.destroy(new Error("it was given up"));
  signal?.addEventListener("abort", abort);
  socket.once("connect", () => resolve());
  socket.once("error", reject);
  return promise.finally(() => {
    signal?.removeEventListener("abort", abort);
    socket.removeListener("error", reject);
  });
}

class BoundTransport implements Transport {
  readonly remoteAddress: string;
  readonly #stream: NodeStream;

  constructor(socket: Socket, place: string) {
    this.remoteAddress = place;
    this.#stream = new NodeStream(socket);
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#stream.read(buffer);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#stream.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#stream.closeWrite();
  }

  close(): void {
    this.#stream.close();
  }
}
