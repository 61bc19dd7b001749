/**
 * Everything a listener says about what its connections go through before MQTT, and how a connection
 * that was accepted becomes a transport accordingly.
 *
 * Owns the order of the layers: socket, then the PROXY protocol, then TLS, then WebSocket.
 */

import type { Network } from "../access/network.ts";
import { parseNetworks } from "./networks.ts";
import { NodeTlsTransport } from "./node_tls_transport.ts";
import { ProxyTransport } from "./proxy_transport.ts";
import { type HandshakeWatch, SocketTransport, TlsSocketTransport } from "./socket_transport.ts";
import type { TlsFiles } from "./tls_files.ts";
import type { TlsOptions } from "./tls_options.ts";
import type { Peer, Transport } from "./transport.ts";
import { type WebSocketRules, WebSocketTransport } from "./websocket_transport.ts";

/** By the names of the configuration; what is left out is off. */
export interface TransportOptions {
  readonly protocol?: "mqtt" | "websocket" | undefined;
  readonly tls?: TlsOptions | undefined;
  readonly websocket?: {
    /** Request paths that are served. */
    readonly paths: readonly string[];
    /** Web pages that may connect; none: all. */
    readonly origins: readonly string[];
    /** Networks whose X-Forwarded-For is believed. */
    readonly trustedProxies: readonly string[];
  } | undefined;
  readonly proxyProtocol?: "off" | "on" | undefined;
  /** Networks whose PROXY header is believed; none: everybody's. */
  readonly proxyNetworks?: readonly string[] | undefined;
}

/** How TLS is done: by the socket that was accepted already, or here. */
export type TlsLayer =
  | { readonly kind: "none" }
  | { readonly kind: "socket"; readonly watch: HandshakeWatch }
  | { readonly kind: "node"; readonly options: TlsOptions; files(): TlsFiles };

/** Makes transports of what one listener accepts. */
export class TransportStack {
  readonly #proxyNetworks: readonly Network[] | undefined;
  readonly #webSocket: WebSocketRules | undefined;

  /** Throws an Error when a network cannot be read. */
  constructor(options: TransportOptions) {
    const { protocol, websocket, proxyProtocol, proxyNetworks } = options;
    if (proxyProtocol === "on") this.#proxyNetworks = parseNetworks(proxyNetworks ?? []);
    if (protocol !== "websocket") return;
    const { paths, origins, trustedProxies } = websocket ??
      { paths: ["/", "/mqtt"], origins: [], trustedProxies: [] };
    this.#webSocket = { paths, origins, trustedProxies: parseNetworks(trustedProxies) };
  }

  /** Does no handshake: `Transport.open` does them all. */
  wrap(conn: Deno.Conn, accepted: Peer, tls: TlsLayer): Transport {
    let transport: Transport = tls.kind === "socket"
      ? new TlsSocketTransport(conn as Deno.TlsConn, accepted, tls.watch)
      : new SocketTransport(conn, accepted.remoteAddress);
    if (this.#proxyNetworks !== undefined) {
      transport = new ProxyTransport(transport, accepted, this.#proxyNetworks);
    }
    if (tls.kind === "node") {
      const terms = { options: tls.options, files: tls.files(), nowMs: Date.now };
      transport = new NodeTlsTransport(transport, accepted, terms);
    }
    if (this.#webSocket === undefined) return transport;
    return new WebSocketTransport(transport, accepted, this.#webSocket);
  }
}
