/**
 * Certificates for tests: one CA for a test run, and what it signs.
 *
 * Owns nothing that outlives the process; everything is PEM text.
 */

import {
  type CaOptions,
  issueClient,
  type Issued,
  issueServer,
  makeCa,
  type ServerOptions,
} from "../../src/certificates/issue.ts";

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "::1"];

const cas = new Map<string, Promise<Issued>>();
let server: Promise<Issued> | undefined;

/** The CA of this test run: the same one for the same options. */
export function testCa(options: CaOptions = {}): Promise<Issued> {
  const name = JSON.stringify(options);
  const ca = cas.get(name) ?? makeCa({ commonName: "Test CA", ...options });
  cas.set(name, ca);
  return ca;
}

/** A server certificate of `testCa()` for loopback: the same one each time. */
export function testServer(): Promise<Issued> {
  return server ??= newTestServer();
}

/** A server certificate of `testCa()` of its own. */
export async function newTestServer(options: Partial<ServerOptions> = {}): Promise<Issued> {
  return await issueServer(await testCa(), { names: LOOPBACK_NAMES, ...options });
}

/** A client certificate of `testCa()`, for mutual TLS. */
export async function testClient(username: string): Promise<Issued> {
  return await issueClient(await testCa(), { username });
}
