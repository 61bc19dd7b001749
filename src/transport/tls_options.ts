/**
 * What the configuration says about TLS on a listener, and which of the platform's two ways serves
 * it.
 *
 * Owns that choice. `Deno.listenTls` is the fast one; it knows no client certificates, always speaks
 * TLS 1.2 and 1.3, and must have the connection from its first byte. For the rest there is
 * `node:tls`, whose servers work from Deno 2.9 on.
 */

import { createServer } from "node:tls";
import type { CertificateIdentity } from "../access/login_method.ts";

export interface TlsOptions {
  /** Path of a PEM file. Undefined: no TLS. */
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly minVersion: "1.2" | "1.3";
  readonly clientCa: string | undefined;
  readonly clientCertificate: "none" | "request" | "require";
  readonly identity: CertificateIdentity;
  readonly crl: string | undefined;
}

/** What else of a listener decides. */
export interface TlsSurroundings {
  readonly hasProxyProtocol: boolean;
  readonly isUnixSocket: boolean;
}

/** Why `Deno.listenTls` cannot serve it, for people; undefined when it can. */
export function needsNodeTls(tls: TlsOptions, around: TlsSurroundings): string | undefined {
  if (tls.clientCertificate !== "none") return `client_certificate: ${tls.clientCertificate}`;
  if (tls.minVersion === "1.3") return "min_version: 1.3";
  if (around.hasProxyProtocol) return "TLS behind the PROXY protocol";
  return around.isUnixSocket ? "TLS on a Unix socket" : undefined;
}

/** Whether servers of `node:tls` work: where they do not, they never look at a connection. */
export function hasNodeTls(): boolean {
  try {
    return createServer({}).listenerCount("connection") > 0;
  } catch {
    return false;
  }
}
