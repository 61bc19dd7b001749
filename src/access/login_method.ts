/**
 * What a way to prove a user name is: users with passwords, JWT, a webhook, and the methods of
 * enhanced authentication (MQTT 5 section 4.12). The authenticator asks them one after the other.
 *
 * Owns the types and nothing else, so that every method can be in a file of its own.
 */

import type { ProtocolVersion } from "../protocol/packet.ts";

/** What a client certificate says, once TLS has verified it. */
export interface ClientCertificate {
  readonly commonName: string | undefined;
  /** The whole distinguished name as in RFC 2253: "CN=lamp,O=home". */
  readonly subject: string;
  /** With or without their kind before them: "DNS:lamp.home" or "lamp.home". */
  readonly subjectAltNames: readonly string[];
}

/** What of a certificate becomes the user name. */
export type CertificateIdentity = "none" | "common_name" | "subject" | "san";

/** Which clients may come without proving a name. */
export type AnonymousPolicy = "never" | "local_network" | "always";

/** A listener as far as authentication cares. */
export interface LoginListener {
  readonly name: string;
  readonly allowAnonymous: AnonymousPolicy;
  /** Undefined: no TLS. */
  /** `clientCa`: the file whose CA vouches for certificates; looked at when it is configured anew. */
  readonly tls?: {
    readonly identity: CertificateIdentity;
    readonly clientCa?: string | undefined;
  } | undefined;
}

/** Where a login comes from. */
export interface LoginOrigin {
  readonly listener: LoginListener;
  /** IP address without port; empty for a Unix socket. */
  readonly address: string;
  readonly certificate: ClientCertificate | undefined;
  readonly isEncrypted: boolean;
}

/** What a client says of itself, nothing of it proven. */
export interface LoginRequest {
  /** Empty when it wants one assigned. */
  readonly clientIdentifier: string;
  readonly username: string | undefined;
  /** Never logged. */
  readonly password: Uint8Array | undefined;
  readonly protocolVersion: ProtocolVersion;
  readonly origin: LoginOrigin;
}

/** A name that is proven. */
export interface Proven {
  readonly kind: "proven";
  readonly username: string;
  /** Groups that came with the proof; those of configured users are not among them. */
  readonly groups: readonly string[];
  /** Milliseconds for which the proof holds; then the client is disconnected. Left out: for ever. */
  readonly validForMs?: number | undefined;
}

/** A "no". `cause` is for the log alone and never contains a secret: "wrong password". */
export interface Refused {
  readonly kind: "refused";
  readonly cause: string;
}

/** No answer for now, and no sign of an attack: too much to do, or a server that is away. */
export interface Unavailable {
  readonly kind: "unavailable";
  readonly cause: string;
}

/**
 * "unknown": not for this method (an unknown user, a password that is no token), so the next one
 * is asked. Every other answer is final.
 */
export type MethodAnswer =
  | Proven
  | Refused
  | Unavailable
  | { readonly kind: "unknown"; readonly cause: string };

/** Proves a user name by what stands in CONNECT. */
export interface LoginMethod {
  /** For the log: "users", "jwt", "http". */
  readonly name: string;
  /**
   * Asked for clients that send a User Name, a Password or both. A rejection counts as
   * "unavailable"; its message is logged. What may take long limits its time itself.
   */
  check(request: LoginRequest): MethodAnswer | Promise<MethodAnswer>;
  /**
   * Takes as long as `check` of a user whom it knows: called when no method has known the user, so
   * that the time of the answer does not tell who exists. Resolves with "busy" when `check` of a
   * known user would have been "unavailable".
   */
  pretend?(request: LoginRequest): Promise<"done" | "busy">;
}

/** One exchange of enhanced authentication is over, or goes on. */
export type ExchangeStep =
  | { readonly kind: "continue"; readonly data: Uint8Array }
  /** `data`: for the client, in CONNACK or the last AUTH. */
  | Proven & { readonly data?: Uint8Array | undefined }
  /** `username`: whom the client claimed to be, for the log. */
  | Refused & { readonly username?: string | undefined }
  | Unavailable;

/** One exchange with one client. */
export interface Exchange {
  /** Acts on Authentication Data of the client; undefined: it sent none. */
  next(data: Uint8Array | undefined): ExchangeStep | Promise<ExchangeStep>;
}

/** Enhanced authentication by one Authentication Method, such as SCRAM-SHA-256. */
export interface EnhancedMethod {
  /** The Authentication Method, exactly. */
  readonly name: string;
  /** Called for every CONNECT and re-authentication that names it. */
  start(request: LoginRequest): Exchange;
}
