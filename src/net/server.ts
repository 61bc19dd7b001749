/**
 * The server: listeners, the set of connections, one clock and one timer for all of them.
 *
 * Owns the connections and their limits; `listener.ts` owns sockets and accept loops. Everything that
 * is output by a batch of input is flushed here, each connection once. Invariant: `#connections` holds exactly the connections that are open.
 */

import type { ClientOrigin } from "../broker/access.ts";
import type { Broker } from "../broker/broker.ts";
import type { StoreFigures, SysTopics } from "../broker/sys_topics.ts";
import { ReasonCode } from "../protocol/reason_code.ts";
import { Backpressure, type BackpressureLimits } from "./backpressure.ts";
import { Connection, type ConnectionHost, type ConnectionLimits } from "./connection.ts";
import type { ConnectionEvents } from "./connection_events.ts";
import { Listener, type ListenerHost, type ListenerOptions } from "./listener.ts";
import { exposedCollect, MemoryKeeper } from "./memory.ts";
import type { Transport } from "./transport.ts";

export interface ServerLimits extends ConnectionLimits {
  readonly maximumConnections: number;
  /** `Infinity`: no limit. */
  readonly maximumConnectionsPerAddress: number;
}

/** What the server reports to whoever logs. */
export interface ServerEvents extends ConnectionEvents {
  listening(endpoint: string): void;
  listenFailed(endpoint: string, error: Error, willRetry: boolean): void;
  acceptFailed(endpoint: string, error: Error): void;
  connectionLimitReached(remoteAddress: string, limit: string): void;
  /** A mistake of ours in what is done about once a second; the process goes on. */
  tickFailed(error: unknown): void;
  /** About once a second, for what is told at intervals. */
  tick(nowMs: number): void;
}

export interface ServerOptions {
  readonly broker: Broker;
  readonly listeners: readonly ListenerOptions[];
  readonly limits: ServerLimits;
  readonly events: ServerEvents;
  /** Milliseconds that never go back. */
  nowMs(): number;
  /** Undefined: no `$SYS` topics. */
  readonly sysTopics: SysTopics | undefined;
  readonly sysIntervalMs: number;
  /** For `$SYS`; undefined when nothing is stored. */
  storeFigures(): StoreFigures | undefined;
}

const TICK_MS = 1000;
/** A tick that comes later than this after the one before means that the process stood still. */
const LATE_TICK_MS = 2000;
/** Milliseconds that clients have to take their DISCONNECT at shutdown. */
const SHUTDOWN_MS = 3000;

/** Publishers wait for a reader with a quarter of its limit in its buffer, a few MB at most. */
function waterMarks(limits: ServerLimits): BackpressureLimits {
  const highWaterBytes = Math.min(limits.maximumBufferedBytesPerClient / 4, 2 * 1024 * 1024);
  return { highWaterBytes, lowWaterBytes: highWaterBytes / 2 };
}

function residentBytes(): number {
  return Deno.memoryUsage().rss;
}

export class Server implements ConnectionHost, ListenerHost {
  readonly broker: Broker;
  readonly limits: ServerLimits;
  readonly events: ServerEvents;
  readonly nowMs: () => number;
  readonly listeners: readonly Listener[];
  readonly #options: ServerOptions;
  readonly #connections = new Map<Connection, Listener>();
  readonly #countByAddress = new Map<string, number>();
  readonly #backpressure: Backpressure;
  readonly #memory: MemoryKeeper;
  /** Connections with output that waits for a commit. */
  readonly #gated = new Set<Connection>();
  /** Connections with output that was not flushed. */
  #pending: Connection[] = [];
  /** How many of them were looked at for back-pressure. */
  #checkedPending = 0;
  #flushScheduled = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  #tickedMs = Infinity;
  #sysUpdatedMs = -Infinity;
  #maximumMemoryBytes = 0;
  #allClosed: (() => void) | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.broker = options.broker;
    this.limits = options.limits;
    this.events = options.events;
    this.nowMs = () => options.nowMs();
    this.#memory = new MemoryKeeper(exposedCollect(), {
      nowMs: this.nowMs,
      residentBytes,
      bytesReceived: () => this.broker.statistics.bytesReceived,
      connections: () => this.#connections.size,
      release: () => this.broker.pool.clear(),
    });
    this.#backpressure = new Backpressure(waterMarks(options.limits), this.nowMs);
    this.listeners = options.listeners.map((listener) => new Listener(listener, this));
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /**
   * Opens every listener and starts the clock. Returns the errors of those that could not be
   * opened; they are tried again.
   */
  async start(): Promise<Error[]> {
    const results = await Promise.all(this.listeners.map((listener) => listener.open()));
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
    return results.filter((error) => error !== undefined);
  }

  /** Stops accepting, tells every client, flushes, and closes; within `SHUTDOWN_MS`. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const listener of this.listeners) listener.close();
    for (const connection of [...this.#connections.keys()]) {
      connection.close(ReasonCode.ServerShuttingDown, "The server is shutting down");
    }
    this.flushSoon();
    if (this.#connections.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, SHUTDOWN_MS);
      this.#allClosed = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    for (const connection of [...this.#connections.keys()]) {
      connection.abort("the server is shutting down");
    }
  }

  #tick(): void {
    const nowMs = this.nowMs();
    const sinceMs = nowMs - this.#tickedMs;
    this.#tickedMs = nowMs;
    this.#attempt(() => this.broker.tick());
    // While the process stood still, what clients sent waited in their sockets: nobody was silent.
    const missedMs = sinceMs > LATE_TICK_MS ? sinceMs : 0;
    for (const connection of this.#connections.keys()) {
      this.#checkTime(connection, nowMs, missedMs);
    }
    this.#attempt(() => this.#housekeep(nowMs));
    this.flushSoon();
  }

  /** A mistake of ours ends one connection, and the others have their turn. */
  #checkTime(connection: Connection, nowMs: number, missedMs: number): void {
    try {
      connection.checkTime(nowMs, missedMs);
    } catch (error) {
      try {
        connection.fail(error);
      } catch (failure) {
        this.events.tickFailed(failure);
        this.#attempt(() => connection.abort("mistake in the broker"));
      }
    }
  }

  #attempt(part: () => void): void {
    try {
      part();
    } catch (error) {
      this.events.tickFailed(error);
    }
  }

  #housekeep(nowMs: number): void {
    const { sysTopics, sysIntervalMs } = this.#options;
    if (sysTopics !== undefined && nowMs - this.#sysUpdatedMs >= sysIntervalMs) {
      this.#sysUpdatedMs = nowMs;
      const currentBytes = residentBytes();
      this.#maximumMemoryBytes = Math.max(this.#maximumMemoryBytes, currentBytes);
      const memory = { currentBytes, maximumBytes: this.#maximumMemoryBytes };
      sysTopics.update(memory, this.#options.storeFigures());
    }
    this.#memory.tick();
    this.events.tick(nowMs);
  }

  // What connections call.

  outputPending(connection: Connection): void {
    this.#pending.push(connection);
  }

  /**
   * The batches of all connections that were readable together are flushed together: one write for
   * each connection, however many publishers it hears.
   */
  flushSoon(): boolean {
    if (this.#pending.length === 0) return false;
    if (!this.#flushScheduled) {
      this.#flushScheduled = true;
      queueMicrotask(() => this.#flush());
    }
    let mustWait = false;
    for (; this.#checkedPending < this.#pending.length; this.#checkedPending++) {
      const { output } = this.#pending[this.#checkedPending] as Connection;
      if (this.#backpressure.added(output)) mustWait = true;
    }
    return mustWait;
  }

  #flush(): void {
    const pending = this.#pending;
    this.#pending = [];
    this.#checkedPending = 0;
    this.#flushScheduled = false;
    for (const connection of pending) connection.output.flush();
  }

  relief(): Promise<void> {
    return this.#backpressure.relief();
  }

  outputGated(connection: Connection): void {
    this.#gated.add(connection);
  }

  /** Everything that was recorded up to `commit` is durable: what waited for it is sent. */
  committed(commit: number): void {
    for (const connection of this.#gated) {
      if (!connection.output.committed(commit)) this.#gated.delete(connection);
    }
  }

  outputTaken(connection: Connection): void {
    this.#backpressure.taken(connection.output);
  }

  closed(connection: Connection): void {
    const listener = this.#connections.get(connection);
    if (listener === undefined) return;
    this.#connections.delete(connection);
    this.#gated.delete(connection);
    this.#backpressure.removed(connection.output);
    listener.connectionCount--;
    const { address } = connection.origin;
    const count = (this.#countByAddress.get(address) ?? 1) - 1;
    if (count > 0) this.#countByAddress.set(address, count);
    else this.#countByAddress.delete(address);
    if (this.#connections.size === 0) this.#allClosed?.();
  }

  // What listeners call.

  accepted(transport: Transport, origin: ClientOrigin, listener: Listener): void {
    const { statistics } = this.broker;
    statistics.socketsAccepted++;
    const limit = this.#limitReached(origin, listener);
    if (limit !== undefined) {
      statistics.socketsRefused++;
      this.events.connectionLimitReached(transport.remoteAddress, limit);
      transport.close();
      return;
    }
    const connection = new Connection(transport, origin, this);
    this.#connections.set(connection, listener);
    listener.connectionCount++;
    const { address } = origin;
    this.#countByAddress.set(address, (this.#countByAddress.get(address) ?? 0) + 1);
    void connection.run();
  }

  #limitReached(origin: ClientOrigin, listener: Listener): string | undefined {
    const { maximumConnections, maximumConnectionsPerAddress } = this.limits;
    if (this.#connections.size >= maximumConnections) {
      return `limits.max_connections (${maximumConnections})`;
    }
    if (listener.connectionCount >= listener.options.maxConnections) {
      return `max_connections of its listener (${listener.options.maxConnections})`;
    }
    // Clients of a Unix socket have no address that could be theirs alone.
    const fromAddress = origin.address === "" ? 0 : this.#countByAddress.get(origin.address) ?? 0;
    if (fromAddress >= maximumConnectionsPerAddress) {
      return `limits.max_connections_per_address (${maximumConnectionsPerAddress})`;
    }
    return undefined;
  }

  listening(endpoint: string): void {
    this.events.listening(endpoint);
  }

  listenFailed(endpoint: string, error: Error, willRetry: boolean): void {
    this.events.listenFailed(endpoint, error, willRetry);
  }

  acceptFailed(endpoint: string, error: Error): void {
    this.events.acceptFailed(endpoint, error);
  }
}
