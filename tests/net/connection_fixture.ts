/**
 * One `Connection` on a transport that the test feeds, with a real broker behind it.
 *
 * Owns the clock (`nowMs`), which moves only when a test moves it. Several connections may share a
 * fixture. Invariant: nothing is read that was not fed, and what is written can be looked at.
 */

import { Broker } from "../../src/broker/broker.ts";
import { DEFAULT_LIMITS } from "../support/default_limits.ts";
import { OPEN_ACCESS } from "../../src/access/open_access.ts";
import { Connection } from "../../src/net/connection.ts";
import type { ConnectionHost, ConnectionLimits } from "../../src/net/connection_host.ts";
import type { ConnectionEvents, PacketObserver } from "../../src/net/connection_events.ts";
import type { LoginService } from "../../src/net/login_service.ts";
import type { ConnectionOrigin } from "../../src/net/origin.ts";
import type { Transport } from "../../src/net/transport.ts";
import { encodePacket } from "../../src/protocol/codec.ts";
import type { Packet, ProtocolVersion } from "../../src/protocol/packet.ts";
import { PacketStream } from "../../src/protocol/stream_decoder.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { RecordingEvents } from "../support/core.ts";
import { connectPacket } from "../support/packets.ts";
import { FakeSink, settled } from "./fake_sink.ts";
import { type TestLogin, testLogin, testOrigin } from "./login_fixture.ts";

/** Core events and connection events, one line each. */
export class ConnectionRecorder extends RecordingEvents implements ConnectionEvents {
  packetReceived?: PacketObserver | undefined;
  packetSent?: PacketObserver | undefined;

  connectRefused(_connection: unknown, reasonCode: number, reason: string): void {
    this.lines.push(`refused 0x${reasonCode.toString(16)}: ${reason}`);
  }
  closedBeforeConnect(_connection: unknown, reason: string): void {
    this.lines.push(`closed before CONNECT: ${reason}`);
  }
  protocolError(_connection: unknown, error: Error): void {
    this.lines.push(`protocol error: ${error.message}`);
  }
  internalError(_connection: unknown, error: unknown): void {
    this.lines.push(`internal error: ${String(error)}`);
  }
}

/** What a client does to its connection. */
export class FakeTransport implements Transport {
  remoteAddress = "192.0.2.1:5000";
  readonly sink = new FakeSink();
  /** How many bytes each read could take. */
  readonly readSizes: number[] = [];
  isClosed = false;
  isWriteClosed = false;
  #fed: Uint8Array[] = [];
  #ended = false;
  #failure: Error | undefined;
  #wake: () => void = () => {};

  async read(buffer: Uint8Array): Promise<number | null> {
    this.readSizes.push(buffer.length);
    while (this.#fed.length === 0 && !this.#ended && this.#failure === undefined) {
      await new Promise<void>((wake) => this.#wake = wake);
    }
    if (this.#failure !== undefined) throw this.#failure;
    const chunk = this.#fed.shift();
    if (chunk === undefined) return null;
    const count = Math.min(chunk.length, buffer.length);
    buffer.set(chunk.subarray(0, count));
    if (count < chunk.length) this.#fed.unshift(chunk.subarray(count));
    return count;
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.isClosed) return Promise.reject(new Deno.errors.BadResource("Bad resource ID"));
    return this.sink.write(bytes);
  }

  closeWrite(): Promise<void> {
    this.isWriteClosed = true;
    return Promise.resolve();
  }

  close(): void {
    const error = new Deno.errors.BadResource("Bad resource ID");
    this.isClosed = true;
    this.fail(error);
    void this.sink.fail(error);
  }

  /** `bytes` arrive in one piece, as far as the read buffer has room. */
  async feed(bytes: Uint8Array): Promise<void> {
    if (bytes.length > 0) this.#fed.push(bytes);
    this.#wake();
    await settled();
  }

  /** The client has closed its side. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#wake();
    await settled();
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#wake();
  }
}

export interface OpenedConnection {
  readonly transport: FakeTransport;
  readonly connection: Connection;
  /** Resolves when the connection has stopped reading. */
  readonly ended: Promise<void>;
}

export class ConnectionFixture implements ConnectionHost {
  clockMs = 1_000_000;
  readonly events = new ConnectionRecorder();
  readonly broker: Broker;
  readonly limits: ConnectionLimits;
  /** Set it before the first connection is opened. */
  logins: TestLogin;
  /** Connections that have said that they are closed. */
  readonly gone: Connection[] = [];
  /** What `flushSoon` answers: whether publishers are to wait. */
  mustWait = false;
  #pending: Connection[] = [];
  #reliefs: (() => void)[] = [];

  constructor(limits: Partial<ConnectionLimits> = {}) {
    this.limits = {
      connectTimeoutMs: 10_000,
      maximumConnectPacketSize: 64 * 1024,
      maximumBufferedBytesPerClient: 1 << 20,
      maximumBufferedBytes: 1 << 24,
      topicAliasMaximumTowardsClient: 0,
      ...limits,
    };
    this.broker = new Broker({
      limits: DEFAULT_LIMITS,
      access: OPEN_ACCESS,
      events: this.events,
      nowMs: () => this.clockMs,
      seed: 1,
    });
    this.logins = testLogin(this.clock);
  }

  get login(): LoginService {
    return this.logins.service;
  }

  /** For what keeps the clock itself. */
  get clock(): { readonly nowMs: number } {
    const nowMs = () => this.clockMs;
    return {
      get nowMs() {
        return nowMs();
      },
    };
  }

  opened(): string | undefined {
    return undefined;
  }

  nowMs(): number {
    return this.clockMs;
  }
  outputPending(connection: Connection): void {
    this.#pending.push(connection);
  }
  flushSoon(): boolean {
    queueMicrotask(() => {
      for (const connection of this.#pending.splice(0)) connection.output.flush();
    });
    return this.mustWait;
  }
  relief(): Promise<void> {
    return new Promise((resolve) => this.#reliefs.push(resolve));
  }
  /** Lets go whoever waits. */
  async relieve(): Promise<void> {
    this.mustWait = false;
    for (const resolve of this.#reliefs.splice(0)) resolve();
    await settled();
  }
  outputTaken(): void {}
  outputGated(): void {}
  closed(connection: Connection): void {
    this.gone.push(connection);
  }

  /** A connection on which nothing has arrived, and its transport. */
  open(
    origin: ConnectionOrigin = testOrigin(),
    transport: FakeTransport = new FakeTransport(),
  ): OpenedConnection {
    const connection = new Connection(transport, origin, this);
    const ended = connection.run();
    return { transport, connection, ended };
  }

  /** A connection whose client has been accepted. */
  async connect(
    clientIdentifier: string,
    version: ProtocolVersion = 5,
    fields: Parameters<typeof connectPacket>[2] = {},
  ): Promise<OpenedConnection> {
    const opened = this.open();
    await opened.transport.feed(encode(version, connectPacket(clientIdentifier, version, fields)));
    return opened;
  }
}

/** `packets` as a client of `version` sends them. */
export function encode(version: ProtocolVersion, ...packets: Packet[]): Uint8Array {
  const writer = new Writer();
  for (const packet of packets) encodePacket(writer, packet, version);
  return writer.written().slice();
}

/** The packets that were written to `transport`. */
export function written(transport: FakeTransport, version: ProtocolVersion): Packet[] {
  return new PacketStream({ version }).push(transport.sink.bytes);
}
