/**
 * One configured listener: opens its sockets, keeps trying when they cannot be opened yet, and
 * accepts connections.
 *
 * Owns the listening sockets. Running out of file descriptors, or an address that is not there yet
 * (a boot race), is waited out; nothing here ever ends the process.
 */

import type { ClientOrigin } from "../broker/access.ts";
import { listenOnAllAddresses } from "./all_addresses.ts";
import type { Transport } from "./transport.ts";

export interface ListenerOptions {
  /** TCP: "all" for every IPv4 and IPv6 address, an IP address or a host name. */
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  /** A Unix socket in place of address and port. */
  readonly path: string | undefined;
  /** `Infinity`: no limit of its own. */
  readonly maxConnections: number;
  readonly allowAnonymous: ClientOrigin["allowAnonymous"];
}

export interface ListenerHost {
  /** Takes over `transport`, or closes it when a limit forbids it. */
  accepted(transport: Transport, origin: ClientOrigin, listener: Listener): void;
  listening(endpoint: string): void;
  /** `willRetry`: it is tried again by itself. */
  listenFailed(endpoint: string, error: Error, willRetry: boolean): void;
  acceptFailed(endpoint: string, error: Error): void;
}

const RETRY_LISTEN_MS = 5000;
const RETRY_ACCEPT_MS = 200;
/** Connections that the kernel holds until we accept them: a whole fleet may reconnect at once. */
const BACKLOG = 4096;

type Socket = Deno.Listener;

export class Listener {
  readonly options: ListenerOptions;
  /** Connections that came in here and are open; kept by the server. */
  connectionCount = 0;
  readonly #host: ListenerHost;
  #sockets: Socket[] = [];
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: ListenerOptions, host: ListenerHost) {
    this.options = options;
    this.#host = host;
  }

  /** "127.0.0.1:1883", or the path of the Unix socket. Before it is open: what was configured. */
  get endpoint(): string {
    const { path, address, port } = this.options;
    return path ?? `${address}:${port}`;
  }

  /** The addresses that are listened on. */
  get addresses(): readonly Deno.Addr[] {
    return this.#sockets.map(({ addr }) => addr);
  }

  /** Opens the sockets. Returns the error that prevents it; it is tried again until `close`. */
  async open(): Promise<Error | undefined> {
    try {
      this.#sockets = await openSockets(
        this.options,
        (endpoint, error) => this.#host.listenFailed(endpoint, error, false),
      );
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (this.#closed) return error;
      this.#host.listenFailed(this.endpoint, error, true);
      this.#retryTimer = setTimeout(() => void this.open(), RETRY_LISTEN_MS);
      return error;
    }
    if (this.#closed) {
      this.close();
      return undefined;
    }
    for (const socket of this.#sockets) {
      this.#host.listening(formatAddress(socket.addr));
      void this.#accept(socket);
    }
    return undefined;
  }

  async #accept(socket: Socket): Promise<void> {
    while (!this.#closed) {
      try {
        this.#welcome(await socket.accept());
      } catch (error) {
        if (this.#closed || !(error instanceof Error)) return;
        if (isGoneBeforeAccept(error)) continue;
        this.#host.acceptFailed(formatAddress(socket.addr), error);
        // Without a pause a full table of file descriptors would be asked for ever.
        await new Promise((resolve) => setTimeout(resolve, RETRY_ACCEPT_MS));
      }
    }
  }

  #welcome(conn: Deno.Conn): void {
    const { remoteAddr } = conn;
    const address = remoteAddr.transport === "tcp" ? plainAddress(remoteAddr.hostname) : "";
    if ("setNoDelay" in conn) disableDelay(conn as Deno.TcpConn);
    const remoteAddress = remoteAddr.transport === "tcp"
      ? formatAddress(remoteAddr)
      : `unix:${this.endpoint}`;
    const origin = { address, allowAnonymous: this.options.allowAnonymous };
    this.#host.accepted(new SocketTransport(conn, remoteAddress), origin, this);
  }

  /** Stops accepting; connections stay. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retryTimer);
    // What is at the path is ours only if we listen on it.
    const { path } = this.options;
    if (path !== undefined && this.#sockets.length > 0) removeSocketFile(path);
    for (const socket of this.#sockets) socket.close();
    this.#sockets = [];
  }
}

/** The client reset the connection while it waited for us: no reason to pause. */
function isGoneBeforeAccept(error: Error): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionAborted || error instanceof Deno.errors.ConnectionReset;
}

/** Some systems refuse it for a connection that was reset; the first read tells that. */
function disableDelay(conn: Deno.TcpConn): void {
  try {
    conn.setNoDelay(true);
  } catch {
    // It is slower at worst.
  }
}

/** A class and not closures: ten thousand idle connections have one each. */
class SocketTransport implements Transport {
  readonly remoteAddress: string;
  readonly #conn: Deno.Conn;

  constructor(conn: Deno.Conn, remoteAddress: string) {
    this.#conn = conn;
    this.remoteAddress = remoteAddress;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#conn.read(buffer);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    this.#conn.close();
  }
}

/** `report` is told what keeps one IP version from being served when the other one is. */
async function openSockets(
  options: ListenerOptions,
  report: (endpoint: string, error: Error) => void,
): Promise<Socket[]> {
  const { path, address, port } = options;
  if (path !== undefined) return [await openUnixSocket(path)];
  if (address !== "all") return [listenTcp(address, port)];
  return listenOnAllAddresses(port, listenTcp, report);
}

/** `tcpBacklog` is unknown to Deno 2.4, which ignores it. */
function listenTcp(hostname: string, port: number): Deno.TcpListener {
  const options = { hostname, port, tcpBacklog: BACKLOG };
  return Deno.listen(options);
}

/** A socket file that nobody listens on is left over from a crash and in the way. */
async function openUnixSocket(path: string): Promise<Socket> {
  try {
    return Deno.listen({ transport: "unix", path });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    try {
      (await Deno.connect({ transport: "unix", path })).close();
    } catch (connectError) {
      if (!(connectError instanceof Deno.errors.ConnectionRefused)) throw error;
      removeSocketFile(path);
      return Deno.listen({ transport: "unix", path });
    }
    throw error;
  }
}

function removeSocketFile(path: string): void {
  try {
    if (Deno.lstatSync(path).isSocket) Deno.removeSync(path);
  } catch {
    // It is gone already.
  }
}

/** An IPv4 client on an IPv6 socket is shown by its IPv4 address. */
function plainAddress(hostname: string): string {
  return hostname.startsWith("::ffff:") && hostname.includes(".") ? hostname.slice(7) : hostname;
}

/** "127.0.0.1:1883", "[::1]:1883" or the path of a Unix socket. */
export function formatAddress(address: Deno.Addr): string {
  if (address.transport !== "tcp") return "path" in address ? address.path : address.transport;
  const hostname = plainAddress(address.hostname);
  return hostname.includes(":") ? `[${hostname}]:${address.port}` : `${hostname}:${address.port}`;
}
