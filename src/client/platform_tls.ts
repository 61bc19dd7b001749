/**
 * TLS by `Deno.startTls` and `Deno.connectTls`, the fast ones of the platform.
 *
 * Owns what they are told. They trust the CAs that are given beside those of the process, always speak
 * TLS 1.2 and 1.3, and want a TCP socket; only `Deno.connectTls` sends a client certificate.
 * `node_tls.ts` has the rest. Invariant: a key is never given to the platform with a certificate that
 * it does not belong to, since that ends the process (tried with 2.4 and 2.9).
 */

import { messageOf } from "../error_text.ts";
import { endWithoutNotice, SocketTransport } from "../transport/socket_transport.ts";
import type { Transport } from "../transport/transport.ts";
import { ConnectError } from "./connect_error.ts";
import type { Endpoint, TlsClientOptions } from "./endpoint.ts";
import { explainTlsFailure, isNameFailure } from "./tls_text.ts";

/** A TLS connection whose peer may go away without a word, as devices and brokers do. */
class TlsTransport extends SocketTransport {
  override read(buffer: Uint8Array): Promise<number | null> {
    return super.read(buffer).catch(endWithoutNotice);
  }
}

/** Told of what is open from now on, in place of what was before; it closes that if something fails. */
export interface TlsSteps {
  readonly signal: AbortSignal | undefined;
  reached(conn: Deno.TlsConn): unknown;
}

/** Does the handshake on `socket`, which belongs to the result. Rejects with a `ConnectError`. */
export async function startTls(
  socket: Deno.TcpConn,
  endpoint: Endpoint,
  place: string,
  steps: TlsSteps,
): Promise<Transport> {
  const { host: hostname, tls } = endpoint as Endpoint & { tls: TlsClientOptions };
  const conn = await Deno.startTls(socket, { hostname, ...platformOptions(tls) })
    .catch((error) => {
      throw tlsFailure(error, endpoint, place);
    });
  return await shakeHands(conn, endpoint, place, steps);
}

/** Opens the socket as well, and sends the client certificate. Rejects with a `ConnectError`. */
export async function connectTls(
  endpoint: Endpoint,
  place: string,
  steps: TlsSteps,
): Promise<Transport> {
  const { host: hostname, port, tls } = endpoint as Endpoint & { tls: TlsClientOptions };
  await checkClientKey(tls, place);
  const { certificate: cert = "", key = "" } = tls;
  const connecting = Deno.connectTls({ hostname, port, cert, key, ...platformOptions(tls) });
  const conn = await orAborted(connecting, steps.signal).catch((error) => {
    throw tlsFailure(error, endpoint, place);
  });
  return await shakeHands(conn, endpoint, place, steps);
}

/** What the platform opens after `signal` is closed again: it knows no signal itself. */
function orAborted(
  connecting: Promise<Deno.TlsConn>,
  signal: AbortSignal | undefined,
): Promise<Deno.TlsConn> {
  if (signal === undefined) return connecting;
  const { promise, resolve, reject } = Promise.withResolvers<Deno.TlsConn>();
  const abort = () => {
    reject(signal.reason);
    connecting.then((conn) => conn.close(), () => {});
  };
  signal.addEventListener("abort", abort);
  connecting.finally(() => signal.removeEventListener("abort", abort)).then(resolve, reject);
  return promise;
}

async function shakeHands(
  conn: Deno.TlsConn,
  endpoint: Endpoint,
  place: string,
  steps: TlsSteps,
): Promise<Transport> {
  steps.reached(conn);
  try {
    await conn.handshake();
  } catch (error) {
    throw tlsFailure(error, endpoint, place);
  }
  return new TlsTransport(conn, place);
}

function platformOptions(
  { caCertificates, alpnProtocols, checkHostname }: TlsClientOptions,
): Pick<
  Deno.ConnectTlsOptions,
  "caCerts" | "alpnProtocols" | "unsafelyDisableHostnameVerification"
> {
  return {
    caCerts: [...caCertificates],
    ...(alpnProtocols.length === 0 ? {} : { alpnProtocols: [...alpnProtocols] }),
    unsafelyDisableHostnameVerification: !checkHostname,
  };
}

function tlsFailure(error: unknown, endpoint: Endpoint, place: string): unknown {
  // What is not about TLS, the platform's other errors say by their class.
  const isAboutNetwork = error instanceof Deno.errors.ConnectionRefused ||
    error instanceof Deno.errors.TimedOut || error instanceof DOMException;
  const message = messageOf(error);
  if (isAboutNetwork || /lookup|not known|unreachable|no route/i.test(message)) return error;
  if (isNameFailure(message) && endpoint.tls?.checkHostname === false) {
    return new ConnectError(
      "not_supported",
      `Cannot connect to ${place}: Deno ${Deno.version.deno} always checks the host name, and ` +
        explainTlsFailure(message, endpoint.host),
    );
  }
  const why = explainTlsFailure(message, endpoint.host);
  return new ConnectError("tls", `Cannot connect to ${place}: ${why}`);
}

/** Throws a `ConnectError` unless the key is that of the certificate. */
export async function checkClientKey(
  { certificate = "", key = "" }: TlsClientOptions,
  place: string,
): Promise<void> {
  const { createPublicKey, X509Certificate } = await import("node:crypto");
  const failure = (why: string) => new ConnectError("tls", `Cannot connect to ${place}: ${why}`);
  if (key.includes("ENCRYPTED")) {
    throw failure("the client's key is encrypted; remove its passphrase");
  }
  let fits: boolean;
  try {
    const ofKey = createPublicKey(key).export({ type: "spki", format: "der" });
    const { publicKey } = new X509Certificate(certificate);
    fits = ofKey.equals(publicKey.export({ type: "spki", format: "der" }));
  } catch {
    throw failure("the client certificate or its key is not one in PEM");
  }
  if (!fits) throw failure("the client's key is not the key of its certificate");
}
