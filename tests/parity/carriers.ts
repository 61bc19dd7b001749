/**
 * What carries MQTT to the recording server: TCP, a Unix socket, TLS with and without client
 * certificates, WebSocket; and what was said before MQTT.
 *
 * Owns the listening socket.
 */

import { NodeTlsTransport } from "../../src/transport/node_tls_transport.ts";
import { SocketTransport } from "../../src/transport/socket_transport.ts";
import type { Peer, Transport } from "../../src/transport/transport.ts";
import { WebSocketTransport } from "../../src/transport/websocket_transport.ts";
import { newTestServer, testCa } from "../support/certificates.ts";

export type Carrier =
  | "tcp"
  | "unix"
  | "tls"
  /** With a client certificate of the test's CA. */
  | "mutual tls"
  | "tls 1.3"
  /** The certificate is for another host. */
  | "tls of another host"
  | "websocket"
  | "tls websocket";

const SOMEBODY: Peer = {
  remoteAddress: "client",
  address: "127.0.0.1",
  certificate: undefined,
  isEncrypted: false,
};

export class Listening {
  /** Of the first connection; at most one read. */
  firstBytes = new Uint8Array();
  readonly #listener: Deno.Listener;
  readonly #wrap: (inner: Transport) => Transport;

  private constructor(listener: Deno.Listener, wrap: (inner: Transport) => Transport) {
    this.#listener = listener;
    this.#wrap = wrap;
  }

  /** A Unix socket is made as `socket` in `folder`. */
  static async open(carrier: Carrier, folder: string): Promise<Listening> {
    const wrap = await wrapperOf(carrier);
    const listener: Deno.Listener = carrier === "unix"
      ? Deno.listen({ transport: "unix", path: `${folder}/socket` }) as unknown as Deno.Listener
      : Deno.listen({ hostname: "127.0.0.1", port: 0 });
    return new Listening(listener, wrap);
  }

  get port(): number {
    const { addr } = this.#listener;
    return "port" in addr ? addr.port : 0;
  }

  async *connections(): AsyncGenerator<Transport> {
    try {
      for await (const conn of this.#listener) {
        const socket = new SocketTransport(conn, "client");
        yield this.#wrap(
          new Overheard(socket, (bytes) => {
            if (this.firstBytes.length === 0) this.firstBytes = bytes;
          }),
        );
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  close(): void {
    this.#listener.close();
  }
}

/** Tells what is read first. */
class Overheard implements Transport {
  readonly #inner: Transport;
  #tell: ((bytes: Uint8Array<ArrayBuffer>) => void) | undefined;

  constructor(inner: Transport, tell: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#inner = inner;
    this.#tell = tell;
  }

  get remoteAddress(): string {
    return this.#inner.remoteAddress;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const count = await this.#inner.read(buffer);
    this.#tell?.(buffer.slice(0, count ?? 0));
    this.#tell = undefined;
    return count;
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#inner.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#inner.closeWrite();
  }

  close(): void {
    this.#inner.close();
  }
}

async function wrapperOf(carrier: Carrier): Promise<(inner: Transport) => Transport> {
  switch (carrier) {
    case "tcp":
    case "unix":
      return (inner) => inner;
    case "websocket":
      return webSocket;
    case "tls websocket": {
      const tls = await tlsWrapper({});
      return (inner) => webSocket(tls(inner));
    }
    case "tls":
      return await tlsWrapper({});
    case "mutual tls":
      return await tlsWrapper({ clientCertificate: "require" });
    case "tls 1.3":
      return await tlsWrapper({ minVersion: "1.3" });
    case "tls of another host":
      return await tlsWrapper({ names: ["elsewhere.example"] });
  }
}

function webSocket(inner: Transport): Transport {
  return new WebSocketTransport(inner, SOMEBODY, {
    paths: ["/mqtt", "/other"],
    origins: [],
    trustedProxies: [],
  });
}

async function tlsWrapper(
  options: {
    readonly clientCertificate?: "require";
    readonly minVersion?: "1.3";
    readonly names?: readonly string[];
  },
): Promise<(inner: Transport) => Transport> {
  const { names } = options;
  const server = await newTestServer(names === undefined ? {} : { names: [...names] });
  const ca = await testCa();
  const terms = {
    files: {
      ...server,
      clientCa: ca.certificate,
      revocationList: undefined,
      endsAtMs: Infinity,
      digest: "",
    },
    options: { minVersion: "1.2", clientCertificate: "none", ...options } as const,
    nowMs: () => Date.now(),
  };
  return (inner) => new NodeTlsTransport(inner, SOMEBODY, terms);
}
