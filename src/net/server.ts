/**
 * The server: listeners, the set of connections, one clock and one timer for all of them.
 *
 * Owns the connections and their limits; `listener.ts` owns sockets and accept loops. Everything that
 * is output by a batch of input is flushed here, each connection once. Invariant: `#connections` holds exactly the connections that are open.
 */

import type { AccessControl } from "../broker/access.ts";
import type { Broker } from "../broker/broker.ts";
import type { BrokerLimits } from "../broker/limits.ts";
import { ReasonCode } from "../protocol/reason_code.ts";
import { Admission, type AdmissionRefusal, isBehindProxy } from "./admission.ts";
import { Backpressure, type BackpressureLimits } from "./backpressure.ts";
import { CommitWaiters } from "./commit_waiters.ts";
import { Connection } from "./connection.ts";
import type { ConnectionEvents, LoggedConnection } from "./connection_events.ts";
import type { ConnectionHost, ConnectionLimits } from "./connection_host.ts";
import { Housekeeping, type HousekeepingOptions } from "./housekeeping.ts";
import type { Listener, ListenerHost, ListenerOptions } from "./listener.ts";
import { ListenerSet } from "./listener_set.ts";
import type { LoginService } from "./login_service.ts";
import type { ConnectionOrigin } from "./origin.ts";
import type { RateWindow } from "./rates.ts";
import { ReplayDriver } from "./replay_driver.ts";
import type { Transport } from "./transport.ts";

export interface ServerLimits extends ConnectionLimits {
  readonly maximumConnections: number;
  /** `Infinity`: no limit. */
  readonly maximumConnectionsPerAddress: number;
}

/** What the server reports to whoever logs. */
export interface ServerEvents extends ConnectionEvents {
  /** `carries`: "mqtt", "mqtts", "ws" or "wss". */
  listening(endpoint: string, carries: string): void;
  /** About TLS files: replaced, refused, soon to end. */
  tlsNotice(endpoint: string, level: "info" | "warning" | "error", text: string): void;
  listenFailed(endpoint: string, error: Error, willRetry: boolean): void;
  acceptFailed(endpoint: string, error: Error): void;
  connectionLimitReached(remoteAddress: string, limit: string): void;
  /** A reload has ended a connection. */
  connectionRefusedNow(connection: LoggedConnection, reason: string): void;
  /** A mistake of ours in what is done about once a second; the process goes on. */
  tickFailed(error: unknown): void;
  /** About once a second, for what is told at intervals. */
  tick(nowMs: number): void;
}

export interface ServerOptions extends HousekeepingOptions {
  readonly listeners: readonly ListenerOptions[];
  readonly limits: ServerLimits;
  readonly events: ServerEvents;
}

/** What a reload changes, all of it at once. */
export interface ServerChange {
  readonly limits: ServerLimits;
  readonly brokerLimits: BrokerLimits;
  readonly access: AccessControl;
  readonly sysIntervalMs: number;
  /** Why a connection would not be let in any more; undefined when it would. */
  refusalOf(connection: Connection, listener: Listener): string | undefined;
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

/** Where a connection came in, and the address it is counted under. */
interface Place {
  readonly listener: Listener;
  /** Empty: none. */
  address: string;
}

export class Server implements ConnectionHost, ListenerHost {
  readonly broker: Broker;
  readonly events: ServerEvents;
  readonly login: LoginService;
  readonly nowMs: () => number;
  readonly listeners: ListenerSet;
  /** Who waits until what was recorded is durable. */
  readonly commits: CommitWaiters;
  readonly #connections = new Map<Connection, Place>();
  readonly #admission: Admission;
  readonly #replays: ReplayDriver;
  readonly #backpressure: Backpressure;
  readonly #housekeeping: Housekeeping;
  /** Connections with output that waits for a commit. */
  readonly #gated = new Set<Connection>();
  /** Connections with output that was not flushed. */
  #pending: Connection[] = [];
  /** How many of them were looked at for back-pressure. */
  #checkedPending = 0;
  #flushScheduled = false;
  #limits: ServerLimits;
  #timer: ReturnType<typeof setInterval> | undefined;
  #tickedMs = Infinity;
  #allClosed: (() => void) | undefined;

  constructor(options: ServerOptions) {
    this.broker = options.broker;
    this.commits = new CommitWaiters(options.broker.journal);
    this.#limits = options.limits;
    this.events = options.events;
    this.login = options.login;
    this.nowMs = () => options.nowMs();
    this.#housekeeping = new Housekeeping(options, () => this.#connections.size);
    this.#admission = new Admission(options.login);
    this.#replays = new ReplayDriver(
      options.broker.replayBudget,
      (part) => this.#attempt(part),
      () => this.flushSoon(),
    );
    this.#backpressure = new Backpressure(waterMarks(options.limits), this.nowMs);
    this.listeners = new ListenerSet(options.listeners, this);
  }

  get limits(): ServerLimits {
    return this.#limits;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Those that are open, with the listener that each came in by, which a reload may have replaced. */
  get connections(): ReadonlyMap<Connection, { readonly listener: Listener }> {
    return this.#connections;
  }

  /** Messages and bytes in the last minute. */
  get rates(): RateWindow {
    return this.#housekeeping.rates;
  }

  /**
   * Opens every listener and starts the clock. Returns the errors of those that could not be
   * opened; they are tried again.
   */
  async start(): Promise<Error[]> {
    const errors = await this.listeners.open();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
    return errors;
  }

  /**
   * A reload: what is given holds from now on, for those who are connected too. Returns how many
   * connections were closed.
   */
  apply(change: ServerChange): number {
    this.#limits = change.limits;
    this.#housekeeping.sysIntervalMs = change.sysIntervalMs;
    this.broker.setLimits(change.brokerLimits);
    this.broker.setAccess(change.access);
    let closed = 0;
    for (const [connection, { listener }] of [...this.#connections]) {
      const reason = connection.isClosing ? undefined : change.refusalOf(connection, listener);
      if (reason === undefined) continue;
      closed++;
      this.events.connectionRefusedNow(connection, reason);
      connection.close(ReasonCode.AdministrativeAction, "The configuration has changed");
    }
    this.flushSoon();
    return closed;
  }

  /** Stops accepting, tells every client, flushes, and closes; within `SHUTDOWN_MS`. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#replays.stop();
    this.listeners.close();
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
    this.commits.tick();
    this.#attempt(() => this.#housekeeping.tick(nowMs));
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

  // What connections call.

  outputPending(connection: Connection): void {
    this.#pending.push(connection);
  }

  /**
   * The batches of all connections that were readable together are flushed together: one write for
   * each connection, however many publishers it hears.
   */
  flushSoon(): boolean {
    this.#replays.soon();
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
    this.commits.committed(commit);
  }

  outputTaken(connection: Connection): void {
    this.#backpressure.taken(connection.output);
  }

  closed(connection: Connection): void {
    const place = this.#connections.get(connection);
    if (place === undefined) return;
    this.#connections.delete(connection);
    this.#gated.delete(connection);
    this.#backpressure.removed(connection.output);
    place.listener.connectionCount--;
    this.#admission.left(place.address);
    if (this.#connections.size === 0) this.#allClosed?.();
  }

  /** A proxy has said where the client is: the limits of an address are those of the client's. */
  opened(connection: Connection): string | undefined {
    const place = this.#connections.get(connection);
    const { address } = connection.origin;
    if (place === undefined || place.address === address) return undefined;
    const refusal = this.#admission.refusalOfAddress(address, this.#limits);
    if (refusal !== undefined) return this.#refused(connection.remoteAddress, refusal);
    this.#admission.left(place.address);
    this.#admission.came(place.address = address);
    return undefined;
  }

  // What listeners call.

  accepted(transport: Transport, origin: ConnectionOrigin, listener: Listener): boolean {
    this.broker.statistics.socketsAccepted++;
    // Behind a proxy it is counted when it is open.
    const address = isBehindProxy(origin) ? "" : origin.address;
    const refusal = this.#limitReached(listener) ??
      this.#admission.refusalOfAddress(address, this.#limits);
    if (refusal !== undefined) {
      this.#refused(transport.remoteAddress, refusal);
      transport.close();
      return false;
    }
    const connection = new Connection(transport, origin, this);
    this.#connections.set(connection, { listener, address });
    listener.connectionCount++;
    this.#admission.came(address);
    void connection.run();
    return true;
  }

  /** Counts and reports a connection that is turned away; a ban has been reported already. */
  #refused(remoteAddress: string, { reason, isReported }: AdmissionRefusal): string {
    this.broker.statistics.socketsRefused++;
    if (!isReported) this.events.connectionLimitReached(remoteAddress, reason);
    return reason;
  }

  #limitReached(listener: Listener): AdmissionRefusal | undefined {
    const { maximumConnections } = this.#limits;
    if (this.#connections.size >= maximumConnections) {
      return { reason: `limits.max_connections (${maximumConnections})`, isReported: false };
    }
    const { maxConnections } = listener.options;
    return listener.connectionCount < maxConnections
      ? undefined
      : { reason: `max_connections of its listener (${maxConnections})`, isReported: false };
  }

  listening(endpoint: string, carries: string): void {
    this.events.listening(endpoint, carries);
  }

  tlsNotice(endpoint: string, level: "info" | "warning" | "error", text: string): void {
    this.events.tlsNotice(endpoint, level, text);
  }

  listenFailed(endpoint: string, error: Error, willRetry: boolean): void {
    this.events.listenFailed(endpoint, error, willRetry);
  }

  acceptFailed(endpoint: string, error: Error): void {
    this.events.acceptFailed(endpoint, error);
  }
}
