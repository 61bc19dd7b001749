/**
 * A server without sockets, to which tests hand over transports.
 *
 * Owns its clock and its timers, which move only when a test moves them.
 */

import { OPEN_ACCESS } from "../../src/access/open_access.ts";
import { Broker } from "../../src/broker/broker.ts";
import { SysTopics } from "../../src/broker/sys_topics.ts";
import type { LoggedConnection } from "../../src/net/connection_events.ts";
import { Listener } from "../../src/net/listener.ts";
import type { LoginLimits } from "../../src/net/login_service.ts";
import { Server, type ServerEvents, type ServerLimits } from "../../src/net/server.ts";
import { DEFAULT_LIMITS } from "../support/default_limits.ts";
import { connectPacket } from "../support/packets.ts";
import { ConnectionRecorder, encode, FakeTransport } from "./connection_fixture.ts";
import { settled } from "./fake_sink.ts";
import { FakeTimers } from "./fake_timers.ts";
import { type TestLogin, testLogin, testOrigin } from "./login_fixture.ts";

const SECOND_MS = 1000;

export class ServerRecorder extends ConnectionRecorder implements ServerEvents {
  listening(endpoint: string): void {
    this.lines.push(`listening ${endpoint}`);
  }
  tlsNotice(endpoint: string, level: string, text: string): void {
    this.lines.push(`tls ${level} ${endpoint}: ${text}`);
  }
  listenFailed(): void {}
  acceptFailed(): void {}
  connectionLimitReached(_remoteAddress: string, limit: string): void {
    this.lines.push(`limit: ${limit}`);
  }
  connectionRefusedNow(_connection: LoggedConnection, reason: string): void {
    this.lines.push(`refused now: ${reason}`);
  }
  tickFailed(error: unknown): void {
    this.lines.push(`tick failed: ${String(error)}`);
  }
  tick(): void {}
}

/** A server without sockets, to which tests hand over transports; its timers are the test's. */
export class ServerFixture implements Disposable {
  readonly timers = new FakeTimers();
  readonly events = new ServerRecorder();
  readonly broker: Broker;
  readonly server: Server;
  readonly logins: TestLogin;

  constructor(limits: Partial<ServerLimits> = {}, loginLimits: Partial<LoginLimits> = {}) {
    const nowMs = () => this.timers.nowMs;
    this.broker = new Broker({
      limits: DEFAULT_LIMITS,
      access: OPEN_ACCESS,
      events: this.events,
      nowMs,
      seed: 1,
    });
    this.logins = testLogin(this.timers, loginLimits);
    this.server = new Server({
      broker: this.broker,
      listeners: [],
      limits: {
        maximumConnections: 100,
        maximumConnectionsPerAddress: Infinity,
        connectTimeoutMs: 10_000,
        maximumConnectPacketSize: 64 * 1024,
        maximumBufferedBytesPerClient: 1 << 20,
        maximumBufferedBytes: 1 << 24,
        topicAliasMaximumTowardsClient: 0,
        ...limits,
      },
      events: this.events,
      login: this.logins.service,
      nowMs,
      sysTopics: new SysTopics(this.broker, "test"),
      sysIntervalMs: Infinity,
      storeFigures: () => undefined,
    });
  }

  listener(maxConnections = Infinity): Listener {
    const options = { address: "127.0.0.1", port: 0, path: undefined, maxConnections };
    return new Listener({ ...options, name: "l", allowAnonymous: "always" }, this.server);
  }

  /** A connection from `address`; refused when its transport is closed at once. */
  accept(listener: Listener, address = "192.0.2.1"): FakeTransport {
    const transport = new FakeTransport();
    this.server.accepted(transport, testOrigin({}, { address }), listener);
    return transport;
  }

  async connect(clientIdentifier: string, fields = {}): Promise<FakeTransport> {
    const transport = this.accept(this.listener());
    await transport.feed(encode(5, connectPacket(clientIdentifier, 5, fields)));
    return transport;
  }

  /** Stops the server although time stands still for it. */
  async stop(): Promise<void> {
    const stopped = this.server.stop();
    await settled();
    this.timers.advance(60 * SECOND_MS);
    await stopped;
  }

  [Symbol.dispose](): void {
    this.timers[Symbol.dispose]();
  }
}
