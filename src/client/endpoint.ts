/**
 * Where a server is and what carries MQTT to it, as values.
 *
 * Owns the types only; `open_endpoint.ts` opens what they say.
 */

/** TLS of a client. Texts, not file names: whoever reads the files knows what to say about them. */
export interface TlsClientOptions {
  /** CAs that are trusted, in PEM; none: those that the system trusts. */
  readonly caCertificates: readonly string[];
  /** The client's own certificate with its chain, in PEM; goes with `key`. */
  readonly certificate: string | undefined;
  /** The private key of `certificate`, in PEM, not encrypted. */
  readonly key: string | undefined;
  /** False: any name in a certificate that is valid otherwise is good enough. */
  readonly checkHostname: boolean;
  /** Offered in this order; none: no ALPN. */
  readonly alpnProtocols: readonly string[];
  /** Undefined: what the platform takes, TLS 1.2 and later. */
  readonly minimumVersion: "1.2" | "1.3" | undefined;
}

/** A SOCKS5 proxy (RFC 1928). It resolves the host name of the server. */
export interface ProxyOptions {
  readonly host: string;
  readonly port: number;
  /** With a user name the proxy is asked for RFC 1929; both 1 to 255 bytes in UTF-8. */
  readonly username: string | undefined;
  readonly password: string | undefined;
}

export interface Endpoint {
  /** Name or IP address, without brackets. Not connected to with `unixPath`, but named in TLS and HTTP. */
  readonly host: string;
  readonly port: number;
  /** Path of a Unix socket, instead of host and port. */
  readonly unixPath: string | undefined;
  /** Undefined: no TLS. */
  readonly tls: TlsClientOptions | undefined;
  /** Path and query of the request, "/mqtt"; set: MQTT in WebSocket, subprotocol "mqtt". */
  readonly websocketPath: string | undefined;
  /** Undefined: none. */
  readonly proxy: ProxyOptions | undefined;
  /** IP address of this machine that the connection comes from; undefined: the system chooses. */
  readonly bindAddress: string | undefined;
  /** Whether small packets are sent at once (TCP_NODELAY). */
  readonly noDelay: boolean;
}
