/**
 * Opens what carries MQTT to a server: a socket, straight or through a proxy, then TLS, then WebSocket.
 *
 * Owns the order of the layers and what happens to the lower ones when one above fails. Everything but
 * plain TCP is loaded when it is needed: a program that publishes one message should start fast.
 * Invariant: when it rejects, nothing is left open.
 */

import { hostAndPort } from "../transport/address_text.ts";
import { SocketTransport } from "../transport/socket_transport.ts";
import type { Transport } from "../transport/transport.ts";
import { abortFailure, ConnectError, connectFailure } from "./connect_error.ts";
import type { Endpoint } from "./endpoint.ts";
import { connectTcp } from "./tcp.ts";

/** A connection as far as it has come. */
interface Carrier {
  readonly transport: Transport;
  /** The socket itself, when nothing but bytes of TCP goes through it. */
  readonly socket: Deno.TcpConn | undefined;
}

/** What is connected to, for people: "localhost:1883", or the path of the socket. */
export function placeOf({ host, port, unixPath }: Endpoint): string {
  return unixPath ?? hostAndPort(host, port);
}

/**
 * Opens what carries MQTT; all handshakes before MQTT are done, `Transport.open` need not be called.
 * `signal` ends the attempt. Rejects with `ConnectError`.
 */
export async function openEndpoint(endpoint: Endpoint, signal?: AbortSignal): Promise<Transport> {
  const place = placeOf(endpoint);
  const steps = new Steps(signal);
  try {
    const carrier = await openCarrier(endpoint, steps);
    const secured = await secure(endpoint, carrier, steps);
    return await wrapInWebSocket(endpoint, secured, steps);
  } catch (error) {
    steps.closeAll();
    if (signal?.aborted) throw abortFailure(place, signal);
    throw connectFailure(place, error, endpoint.unixPath !== undefined);
  } finally {
    steps.end();
  }
}

/** What is open so far; the signal closes it. */
class Steps {
  readonly signal: AbortSignal | undefined;
  #opened: Pick<Transport, "close"> | undefined;
  readonly #abort = () => this.closeAll();

  constructor(signal: AbortSignal | undefined) {
    this.signal = signal;
    signal?.addEventListener("abort", this.#abort);
  }

  /** `opened` holds everything that was opened before. */
  reached<T extends Pick<Transport, "close">>(opened: T): T {
    this.#opened = opened;
    if (this.signal?.aborted) this.signal.throwIfAborted();
    return opened;
  }

  closeAll(): void {
    const opened = this.#opened;
    this.#opened = undefined;
    try {
      opened?.close();
    } catch {
      // The handshake that failed has closed it.
    }
  }

  end(): void {
    this.signal?.removeEventListener("abort", this.#abort);
  }
}

async function openCarrier(endpoint: Endpoint, steps: Steps): Promise<Carrier> {
  const { unixPath, proxy, bindAddress, host, port } = endpoint;
  const place = placeOf(endpoint);
  if (unixPath !== undefined) {
    const conn = steps.reached(await Deno.connect({ transport: "unix", path: unixPath }));
    return { transport: new SocketTransport(conn, place), socket: undefined };
  }
  const target = proxy ?? { host, port };
  if (bindAddress !== undefined) {
    const { connectFrom } = await import("./bound_tcp.ts");
    const transport = steps.reached(
      await connectFrom(bindAddress, { ...target, noDelay: endpoint.noDelay, place }, steps.signal),
    );
    if (proxy !== undefined) await passProxy(endpoint, transport);
    return { transport, socket: undefined };
  }
  // With a client certificate the platform wants to open the socket itself.
  if (isTlsByPlatform(endpoint)) return await openTlsWithCertificate(endpoint, steps);
  const socket = steps.reached(await openTcp(target, endpoint, steps));
  if (endpoint.noDelay) socket.setNoDelay(true);
  if (proxy !== undefined) await passProxy(endpoint, socket);
  return { transport: new SocketTransport(socket, place), socket };
}

async function openTcp(
  target: { readonly host: string; readonly port: number },
  { proxy }: Endpoint,
  { signal }: Steps,
): Promise<Deno.TcpConn> {
  try {
    return await connectTcp(target.host, target.port, signal);
  } catch (error) {
    if (proxy === undefined) throw error;
    const place = `the proxy ${hostAndPort(target.host, target.port)}`;
    throw new ConnectError("proxy", connectFailure(place, error).message);
  }
}

async function passProxy(
  endpoint: Endpoint,
  stream: Pick<Transport, "read" | "write">,
): Promise<void> {
  const { passSocksProxy } = await import("./socks.ts");
  await passSocksProxy(stream, endpoint);
}

/** `Deno.connectTls` is the only one of the platform's two that sends a client certificate. */
function isTlsByPlatform({ tls, proxy, unixPath, bindAddress }: Endpoint): boolean {
  if (tls?.certificate === undefined || tls.minimumVersion === "1.3") return false;
  return proxy === undefined && unixPath === undefined && bindAddress === undefined;
}

async function openTlsWithCertificate(endpoint: Endpoint, steps: Steps): Promise<Carrier> {
  const { connectTls } = await import("./platform_tls.ts");
  const transport = steps.reached(await connectTls(endpoint, placeOf(endpoint), steps));
  return { transport, socket: undefined };
}

async function secure(endpoint: Endpoint, carrier: Carrier, steps: Steps): Promise<Transport> {
  const { tls, host } = endpoint;
  if (tls === undefined || isTlsByPlatform(endpoint)) return carrier.transport;
  const canStart = tls.certificate === undefined && tls.minimumVersion !== "1.3";
  if (canStart && carrier.socket !== undefined) {
    const { startTls } = await import("./platform_tls.ts");
    return steps.reached(await startTls(carrier.socket, endpoint, placeOf(endpoint), steps));
  }
  const { NodeTlsClientTransport } = await import("./node_tls.ts");
  const transport = steps.reached(new NodeTlsClientTransport(carrier.transport, host, tls));
  await transport.handshake(placeOf(endpoint));
  return transport;
}

async function wrapInWebSocket(
  endpoint: Endpoint,
  inner: Transport,
  steps: Steps,
): Promise<Transport> {
  const { websocketPath } = endpoint;
  if (websocketPath === undefined) return steps.reached(inner);
  const { WebSocketClientTransport } = await import("./websocket.ts");
  const transport = steps.reached(new WebSocketClientTransport(inner));
  await transport.handshake(endpoint, websocketPath);
  return transport;
}
