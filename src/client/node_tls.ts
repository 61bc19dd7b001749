/**
 * TLS by `node:tls` on top of any other transport: for TLS 1.3 only, on a Unix socket, from an address
 * of one's own choice, and for a client certificate through a proxy.
 *
 * Owns the TLS socket. It trusts the given CAs only. Works from Deno 2.9 on: before that, it does not
 * tell when a server's certificate is bad, so it is not used.
 */

import { messageOf } from "../error_text.ts";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { NodeStream } from "../transport/node_stream.ts";
import { hasNodeTls } from "../transport/tls_options.ts";
import type { Transport } from "../transport/transport.ts";
import { TransportDuplex } from "../transport/transport_duplex.ts";
import { ConnectError } from "./connect_error.ts";
import type { TlsClientOptions } from "./endpoint.ts";
import { checkClientKey } from "./platform_tls.ts";
import { isAddress } from "./tcp.ts";
import { explainTlsFailure } from "./tls_text.ts";

export class NodeTlsClientTransport implements Transport {
  readonly remoteAddress: string;
  readonly #inner: Transport;
  readonly #host: string;
  readonly #tls: TlsClientOptions;
  #duplex: TransportDuplex | undefined;
  #stream: NodeStream | undefined;

  /** Owns `inner`, which is open. `host`: the name that must be in the certificate. */
  constructor(inner: Transport, host: string, tls: TlsClientOptions) {
    this.#inner = inner;
    this.#host = host;
    this.#tls = tls;
    this.remoteAddress = inner.remoteAddress;
  }

  /** To be called once, before anything but `close`. Rejects with a `ConnectError`. */
  async handshake(place: string): Promise<void> {
    const failure = (kind: "tls" | "not_supported", why: string) =>
      new ConnectError(kind, `Cannot connect to ${place}: ${why}`);
    if (!hasNodeTls()) {
      const what = "TLS 1.3 only, on a Unix socket, from a chosen address or with a client " +
        "certificate through a proxy";
      throw failure("not_supported", `${what} needs Deno 2.9; this is ${Deno.version.deno}`);
    }
    if (this.#tls.certificate !== undefined) await checkClientKey(this.#tls, place);
    try {
      const socket = await this.#connect();
      this.#stream = new NodeStream(socket, this.#duplex);
    } catch (error) {
      throw failure("tls", explainTlsFailure(messageOf(error), this.#host));
    }
  }

  #connect(): Promise<TLSSocket> {
    const duplex = this.#duplex = new TransportDuplex(this.#inner);
    const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
    const socket = connect({ ...nodeOptions(this.#host, this.#tls), socket: duplex }, () => {
      duplex.isHeld = true;
      resolve(socket);
    });
    socket.once("error", reject);
    duplex.on("error", reject);
    duplex.on("end", () => reject(new Error("tls handshake eof")));
    duplex.on("close", () => reject(new Error("tls handshake eof")));
    return promise;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return (this.#stream as NodeStream).read(buffer);
  }

  write(bytes: Uint8Array): Promise<number> {
    return (this.#stream as NodeStream).write(bytes);
  }

  closeWrite(): Promise<void> {
    return (this.#stream as NodeStream).closeWrite();
  }

  close(): void {
    this.#stream?.close();
    if (this.#duplex === undefined) this.#inner.close();
    else this.#duplex.destroy();
  }
}

function nodeOptions(host: string, tls: TlsClientOptions): ConnectionOptions {
  const { caCertificates, certificate, key, alpnProtocols, minimumVersion, checkHostname } = tls;
  return {
    host,
    // An address is not sent as a name (RFC 6066 section 3).
    ...(isAddress(host) ? {} : { servername: host }),
    ...(caCertificates.length === 0 ? {} : { ca: [...caCertificates] }),
    ...(certificate === undefined ? {} : { cert: certificate, key }),
    ...(alpnProtocols.length === 0 ? {} : { ALPNProtocols: [...alpnProtocols] }),
    ...(checkHostname ? {} : { checkServerIdentity: () => undefined }),
    minVersion: minimumVersion === "1.3" ? "TLSv1.3" : "TLSv1.2",
  };
}
