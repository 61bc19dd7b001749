/**
 * One configured listener: opens its sockets, keeps trying when they cannot be opened yet, and
 * accepts connections.
 *
 * Owns the listening sockets; `src/transport/` makes transports of what they accept. Running out of
 * file descriptors, an address that is not there yet (a boot race), or a certificate that is missing
 * is waited out; nothing here ever ends the process. Invariant: accepting never waits for a
 * handshake. New TLS files reach those who connect from then on; connections stay.
 */

import { messageOf } from "../error_text.ts";
import { hostAndPort, plainAddress } from "../transport/address_text.ts";
import { TlsKeeper } from "../transport/tls_keeper.ts";
import { hasNodeTls, needsNodeTls, type TlsOptions } from "../transport/tls_options.ts";
import type { HandshakeWatch } from "../transport/socket_transport.ts";
import {
  type TlsLayer,
  type TransportOptions,
  TransportStack,
} from "../transport/transport_stack.ts";
import { listenOnAllAddresses } from "./all_addresses.ts";
import type { ConnectionOrigin, ListenerLogin } from "./origin.ts";
import { Pause } from "./pause.ts";
import type { Peer, Transport } from "./transport.ts";
import {
  openUnixSocket,
  removeSocketFile,
  type UnixSocketOptions,
} from "../transport/unix_socket.ts";

export interface ListenerOptions
  extends ListenerLogin, TransportOptions, Omit<UnixSocketOptions, "path"> {
  /** TCP: "all" for every IPv4 and IPv6 address, an IP address or a host name. */
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  /** A Unix socket in place of address and port. */
  readonly path: string | undefined;
  /** `Infinity`: no limit of its own. */
  readonly maxConnections: number;
  readonly tls?: TlsOptions | undefined;
  readonly websocket?: Required<TransportOptions>["websocket"];
}

export interface ListenerHost {
  /** Takes over `transport`; or closes it when a limit forbids it, and returns false. */
  accepted(transport: Transport, origin: ConnectionOrigin, listener: Listener): boolean | void;
  /** `carries`: "mqtt", "mqtts", "ws" or "wss". */
  listening(endpoint: string, carries: string): void;
  /** `willRetry`: it is tried again by itself. */
  listenFailed(endpoint: string, error: Error, willRetry: boolean): void;
  acceptFailed(endpoint: string, error: Error): void;
  /** About TLS files: replaced, refused, soon to end. For the log: a sentence without a period. */
  tlsNotice?(endpoint: string, level: "info" | "warning" | "error", text: string): void;
}

/** The configuration asks for what this platform cannot do: trying again is of no use. */
export class CannotServeError extends Error {
  override name = "CannotServeError";
}

const RETRY_LISTEN_MS = 5000;
const RETRY_ACCEPT_MS = 200;
/** Connections that the kernel holds until we accept them: a whole fleet may reconnect at once. */
const BACKLOG = 4096;

/**
 * Connections that are accepted in a row before those that are open have their turn: Deno accepts what
 * waits without one. After one that was turned away they have it at once, so that a flood that is
 * turned away costs them little, however fast it comes.
 */
const ACCEPTS_IN_A_TURN = 32;

/** Sockets that Deno may keep open for good, of one listener (see `TlsSocketTransport`). */
const MOST_STALLED = 64;

/** Handshakes at the same time, of one listener, that may turn out to be such. */
const MOST_PENDING = 256;

/** A socket that is listened on, until its place is taken by another one. */
interface OpenSocket {
  readonly socket: Deno.Listener;
  /** Resolves when its accept loop has ended: then its address is free. */
  readonly ended: Promise<void>;
}

export class Listener {
  /** A reload may replace what concerns clients. */
  options: ListenerOptions;
  /** Connections that came in here and are open; kept by the server. */
  connectionCount = 0;
  readonly #host: ListenerHost;
  #stack: TransportStack | undefined;
  #keeper: TlsKeeper | undefined;
  #tlsKind: TlsLayer["kind"] = "none";
  #pendingHandshakes = 0;
  #stalledHandshakes = 0;
  readonly #handshakes: HandshakeWatch = {
    begun: () => {
      if (++this.#pendingHandshakes >= MOST_PENDING) this.#leaveSocketTls();
    },
    ended: (isStalled) => {
      this.#pendingHandshakes--;
      if (isStalled && ++this.#stalledHandshakes >= MOST_STALLED) this.#leaveSocketTls();
    },
  };
  #open: OpenSocket[] = [];
  /** Sockets that could not be opened again with new TLS files. */
  #missing: Deno.NetAddr[] = [];
  #replacing: Promise<void> = Promise.resolve();
  /** The turn of those that are open. */
  readonly #turn = new Pause();
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  /** Why it is not open, or not with all it should be. */
  #failure: Error | undefined;

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
    return this.#open.map(({ socket }) => socket.addr);
  }

  /** Why it is not open, or not with all it should be; undefined when it is. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** It is tried again by itself. */
  get willRetry(): boolean {
    return this.#failure !== undefined && !(this.#failure instanceof CannotServeError);
  }

  /** What it speaks, in the words of URLs. */
  get #carries(): string {
    const name = this.options.protocol === "websocket" ? "ws" : "mqtt";
    return this.#tlsKind === "none" ? name : `${name}s`;
  }

  // Opening.

  /** Opens the sockets. Returns the error that prevents it; it is tried again until `close`. */
  async open(): Promise<Error | undefined> {
    let sockets: Deno.Listener[];
    try {
      await this.#prepare();
      sockets = await this.#openSockets();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (this.#closed) return error;
      this.#failure = error;
      const willRetry = !(error instanceof CannotServeError);
      this.#host.listenFailed(this.endpoint, error, willRetry);
      if (willRetry) this.#retryTimer = setTimeout(() => void this.open(), RETRY_LISTEN_MS);
      return error;
    }
    this.#failure = undefined;
    for (const socket of sockets) this.#serve(socket);
    if (this.#closed) void this.close();
    else for (const { socket } of this.#open) this.#tellListening(socket.addr);
    return undefined;
  }

  #tellListening(address: Deno.Addr): void {
    // A Unix socket may have been made elsewhere.
    this.#host.listening(this.options.path ?? formatAddress(address), this.#carries);
  }

  /** Reads what the options name, once; the TLS files again as long as they cannot be used. */
  async #prepare(): Promise<void> {
    this.#stack ??= this.#makeStack();
    const { tls, path, proxyProtocol } = this.options;
    if (this.#keeper !== undefined || tls?.certificate === undefined) return;
    const reason = needsNodeTls(tls, {
      hasProxyProtocol: proxyProtocol === "on",
      isUnixSocket: path !== undefined,
    });
    this.#tlsKind = reason === undefined ? "socket" : "node";
    if (reason !== undefined && !hasNodeTls()) {
      throw new CannotServeError(
        `Cannot serve TLS: ${reason} needs Deno 2.9 or later, this is ${Deno.version.deno}`,
      );
    }
    const keeper = await TlsKeeper.open(tls, {
      tlsFilesReplaced: () => this.#tlsFilesReplaced(),
      tlsNotice: (level, text) => this.#host.tlsNotice?.(this.endpoint, level, text),
    });
    if (this.#closed) keeper.close();
    else this.#keeper = keeper;
  }

  #makeStack(): TransportStack {
    try {
      return new TransportStack(this.options);
    } catch (error) {
      throw new CannotServeError(messageOf(error));
    }
  }

  async #openSockets(): Promise<Deno.Listener[]> {
    const { path, address, port, mode, owner, group } = this.options;
    if (this.#closed) return [];
    if (path !== undefined) return [await openUnixSocket({ path, mode, owner, group })];
    if (address !== "all") return [this.#listenTcp(address, port)];
    return listenOnAllAddresses(
      port,
      (hostname, port) => this.#listenTcp(hostname, port),
      (endpoint, error) => this.#host.listenFailed(endpoint, error, false),
    );
  }

  /** `tcpBacklog` is unknown to Deno 2.4, which ignores it. */
  #listenTcp(hostname: string, port: number): Deno.TcpListener {
    const options = { hostname, port, tcpBacklog: BACKLOG };
    if (this.#tlsKind !== "socket" || this.#keeper === undefined) return Deno.listen(options);
    const { certificate: cert, key } = this.#keeper.files;
    return Deno.listenTls({ ...options, cert, key }) as Deno.Listener as Deno.TcpListener;
  }

  // Accepting.

  #serve(socket: Deno.Listener): void {
    this.#open.push({ socket, ended: this.#accept(socket) });
  }

  async #accept(socket: Deno.Listener): Promise<void> {
    for (let count = 1;; count++) {
      try {
        const isWelcome = this.#welcome(await socket.accept());
        if (isWelcome && count % ACCEPTS_IN_A_TURN !== 0) continue;
        this.#turn.begin(0);
        await this.#turn.over();
      } catch (error) {
        if (!this.#isOpen(socket) || !(error instanceof Error)) return;
        if (isGoneBeforeAccept(error)) continue;
        this.#host.acceptFailed(formatAddress(socket.addr), error);
        // Without a pause a full table of file descriptors would be asked for ever.
        await new Promise((resolve) => setTimeout(resolve, RETRY_ACCEPT_MS));
        if (!this.#isOpen(socket)) return;
      }
    }
  }

  #isOpen(socket: Deno.Listener): boolean {
    return this.#open.some((open) => open.socket === socket);
  }

  /** False when it was turned away. */
  #welcome(conn: Deno.Conn): boolean {
    const { remoteAddr } = conn;
    if ("setNoDelay" in conn) disableDelay(conn as Deno.TcpConn);
    const isTcp = remoteAddr.transport === "tcp";
    const peer: Peer = {
      address: isTcp ? plainAddress(remoteAddr.hostname) : "",
      remoteAddress: isTcp ? formatAddress(remoteAddr) : `unix:${this.endpoint}`,
      certificate: undefined,
      isEncrypted: false,
    };
    const transport = (this.#stack as TransportStack).wrap(conn, peer, this.#tlsLayer());
    const { address, certificate, isEncrypted } = peer;
    const origin = { listener: this.options, address, certificate, isEncrypted };
    return this.#host.accepted(transport, origin, this) !== false;
  }

  #tlsLayer(): TlsLayer {
    const { tls } = this.options;
    const keeper = this.#keeper;
    if (keeper === undefined || tls === undefined) return { kind: "none" };
    return this.#tlsKind === "socket"
      ? { kind: "socket", watch: this.#handshakes }
      : { kind: "node", options: tls, files: () => keeper.files };
  }

  /** `node:tls` can close such connections: slower, and safe from running out of files. */
  #leaveSocketTls(): void {
    if (this.#tlsKind !== "socket" || !hasNodeTls()) return;
    this.#tlsKind = "node";
    this.#host.tlsNotice?.(
      this.endpoint,
      "warning",
      "Many clients are in the middle of their TLS handshakes or have stopped there, and their " +
        "sockets could not be closed: from now on TLS is served in another way, at twice the cost",
    );
    this.#replacing = this.#replacing.then(() => this.#reopen());
  }

  // New TLS files, and the end.

  /** Reads the TLS files again now: what names them has not changed, and nothing has to tell of them. */
  lookAtFiles(): void {
    void this.#keeper?.look();
  }

  /** `node:tls` takes the new files by itself. A socket of `Deno.listenTls` is made with its files. */
  #tlsFilesReplaced(): void {
    if (this.#tlsKind !== "socket") return;
    this.#replacing = this.#replacing.then(() => this.#reopen());
  }

  /** The address is free when the accept loop has ended: for a moment nobody listens. */
  async #reopen(): Promise<void> {
    const old = this.#open;
    this.#open = [];
    this.#missing.push(...old.map(({ socket }) => socket.addr as Deno.NetAddr));
    for (const { socket } of old) socket.close();
    await Promise.all(old.map(({ ended }) => ended));
    this.#listenAgain();
  }

  #listenAgain(): void {
    if (this.#closed) return;
    clearTimeout(this.#retryTimer);
    const missing = this.#missing;
    this.#missing = [];
    this.#failure = undefined;
    for (const address of missing) {
      try {
        this.#serve(this.#listenTcp(address.hostname, address.port));
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        this.#missing.push(address);
        this.#failure = error;
        this.#host.listenFailed(formatAddress(address), error, true);
      }
    }
    if (this.#missing.length === 0) return;
    this.#retryTimer = setTimeout(() => this.#listenAgain(), RETRY_LISTEN_MS);
  }

  /** Stops accepting; connections stay. Resolves when its address is free. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retryTimer);
    this.#turn.end();
    this.#keeper?.close();
    this.#keeper = undefined;
    // What is at the path is ours only if we listen on it.
    const { path } = this.options;
    const old = this.#open;
    this.#open = [];
    if (path !== undefined && old.length > 0) removeSocketFile(path);
    for (const { socket } of old) socket.close();
    await Promise.all(old.map(({ ended }) => ended));
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

/** "127.0.0.1:1883", "[::1]:1883" or the path of a Unix socket. */
export function formatAddress(address: Deno.Addr): string {
  // Deno 2.4 does not name the transport of a listener with TLS.
  if ("hostname" in address) return hostAndPort(address.hostname, address.port);
  return "path" in address ? address.path : address.transport;
}
