/**
 * Which CAs a program trusts that is a client and nothing else.
 *
 * Owns that choice. The platform trusts a list of its own beside the CAs that it is given, and decides
 * once for the process; it can be told by an environment variable until TLS is used first. Not for the
 * broker, which has other connections as well.
 */

import type { TlsClientOptions } from "./endpoint.ts";

const STORE = "DENO_TLS_CA_STORE";

/**
 * From now on the process trusts the CAs of `tls` only, or if it names none, those of the system. To be
 * called before anything uses TLS. Needs the right to set environment variables.
 */
export function trustAsToldBy({ caCertificates }: TlsClientOptions): void {
  if (caCertificates.length > 0) Deno.env.set(STORE, "");
  else if (Deno.env.get(STORE) === undefined) Deno.env.set(STORE, "system");
}
