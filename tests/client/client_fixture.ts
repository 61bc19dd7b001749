/**
 * A client whose server is the test: what it writes can be looked at, what it reads the test feeds, and
 * time passes when the test says so.
 *
 * Owns the clock and the transports. Invariant: nothing comes that was not fed.
 */

import { Client } from "../../src/client/client.ts";
import type { ClientClock } from "../../src/client/client_clock.ts";
import type { ClientOptions } from "../../src/client/client_types.ts";
import { encodePacket } from "../../src/protocol/codec.ts";
import {
  type ConnackPacket,
  type Packet,
  PacketType,
  type Properties,
} from "../../src/protocol/packet.ts";
import { PacketStream } from "../../src/protocol/stream_decoder.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { settled } from "../net/fake_sink.ts";
import { publishText } from "../support/packets.ts";
import { FakeInner } from "../transport/fake_inner.ts";
import { packetLine } from "./session_fixture.ts";

export function clientOptions(fields: Partial<ClientOptions> = {}): ClientOptions {
  return {
    protocolVersion: 5,
    clientIdentifier: "c",
    cleanStart: true,
    keepAlive: 0,
    username: undefined,
    password: undefined,
    will: undefined,
    properties: {},
    maximumInflight: 20,
    ...fields,
  };
}

export class FakeClock implements ClientClock {
  #nowMs = 0;
  readonly #timers = new Map<number, { dueMs: number; action: () => void }>();
  #lastId = 0;

  /** Timers that have not run. */
  get count(): number {
    return this.#timers.size;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const id = ++this.#lastId;
    this.#timers.set(id, { dueMs: this.#nowMs + delayMs, action });
    return () => void this.#timers.delete(id);
  }

  /** Lets time pass; what becomes due runs in order, and what follows from it. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, { dueMs }]) => dueMs <= endMs)
        .sort(([, a], [, b]) => a.dueMs - b.dueMs)[0];
      if (due === undefined) break;
      const [id, { dueMs, action }] = due;
      this.#timers.delete(id);
      this.#nowMs = dueMs;
      action();
      await settled();
    }
    this.#nowMs = endMs;
  }
}

/** One connection, as the server sees it. */
export class FakeServer {
  readonly transport = new FakeInner();
  readonly #options: ClientOptions;
  readonly #stream = new PacketStream();
  #seenWrites = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** How often the client has written. */
  get writeCount(): number {
    return this.transport.sink.writes.length;
  }

  /** The packets that came since the last call, one line each. */
  taken(): string[] {
    const { writes } = this.transport.sink;
    const packets = writes.slice(this.#seenWrites).flatMap((bytes) => this.#stream.push(bytes));
    this.#seenWrites = writes.length;
    return packets.map(packetLine);
  }

  /** All packets arrive in one read. */
  async send(...packets: Packet[]): Promise<void> {
    const writer = new Writer();
    for (const packet of packets) encodePacket(writer, packet, this.#options.protocolVersion);
    this.transport.feed(writer.written().slice());
    await settled();
  }

  /** The server closes the connection. */
  async end(): Promise<void> {
    this.transport.end();
    await settled();
  }
}

export function connack(fields: Partial<ConnackPacket> = {}): ConnackPacket {
  return {
    type: PacketType.Connack,
    sessionPresent: false,
    reasonCode: 0,
    properties: {},
    ...fields,
  };
}

export class ClientFixture {
  readonly clock = new FakeClock();
  readonly delivered: string[] = [];
  /** "sent CONNECT", "received CONNACK". */
  readonly traced: string[] = [];
  readonly options: ClientOptions;
  readonly client: Client;

  constructor(fields: Partial<ClientOptions> = {}) {
    this.options = clientOptions(fields);
    this.client = new Client(this.options, {
      message: (packet) => this.delivered.push(publishText(packet)),
      packet: (direction, packet) => this.traced.push(`${direction} ${packetLine(packet)}`),
    }, this.clock);
  }

  /** A connection that was accepted; what the client sent for it is still to be taken. */
  async connect(properties: Properties = {}, sessionPresent = false): Promise<FakeServer> {
    const server = new FakeServer(this.options);
    const connecting = this.client.connect(server.transport);
    await server.send(connack({ properties, sessionPresent }));
    await connecting;
    return server;
  }

  /** As `connect`, and CONNECT is taken. */
  async connected(properties: Properties = {}, sessionPresent = false): Promise<FakeServer> {
    const server = await this.connect(properties, sessionPresent);
    server.taken();
    return server;
  }
}
