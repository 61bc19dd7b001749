/**
 * Where a connection came in, and what its listener demands of a login.
 *
 * Owns the types and nothing else: listeners fill them in, the login reads them.
 */

import type { ClientCertificate, LoginListener, LoginOrigin } from "../access/login_method.ts";

export type { ClientCertificate };

/** An MQTT version as the configuration writes it. */
export type VersionName = "3.1" | "3.1.1" | "5";

/**
 * What a listener says about logins (`ListenerOptions` of `listener.ts` has all of it). What is left
 * out restricts nothing.
 */
export interface ListenerLogin extends LoginListener {
  readonly protocolVersions?: readonly string[] | undefined;
  /** A Client Identifier must begin with one of these; none: with anything. */
  readonly clientidPrefixes?: readonly string[] | undefined;
  readonly useUsernameAsClientid?: boolean | undefined;
  /** Bytes of a packet of a connected client; never more than the broker's own limit counts. */
  readonly maxPacketSizeBytes?: number | undefined;
  /** 0 to 2. */
  readonly maxQos?: number | undefined;
  /** The PROXY protocol says where the client is, or a header of the WebSocket handshake does. */
  readonly proxyProtocol?: "off" | "on" | undefined;
  /** Networks whose PROXY header is believed; none: everybody's. */
  readonly proxyNetworks?: readonly string[] | undefined;
  readonly websocket?: { readonly trustedProxies: readonly string[] } | undefined;
  /** What goes before every Topic Name and Topic Filter of its clients; empty: nothing. */
  readonly mountPoint?: string | undefined;
}

/** Where a connection came in. What is known after the handshakes before MQTT replaces it whole. */
export interface ConnectionOrigin extends LoginOrigin {
  readonly listener: ListenerLogin;
}
