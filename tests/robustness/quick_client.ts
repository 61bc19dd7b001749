/**
 * A client that costs little, for tests that need hundreds of them.
 *
 * Owns one TCP connection. It reads only while it is asked to, and keeps nothing of what it has
 * read: what arrives is decoded packet by packet, or compared byte by byte. A watchdog ends every
 * wait.
 */

import assert from "node:assert/strict";
import { encodePacket } from "../../src/protocol/codec.ts";
import { describePacket } from "../../src/protocol/describe.ts";
import { type Packet, PacketType, type ProtocolVersion } from "../../src/protocol/packet.ts";
import { PacketStream } from "../../src/protocol/stream_decoder.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { connectPacket, subscribePacket } from "../support/packets.ts";
import type { Address } from "../support/packet_channel.ts";

/** Milliseconds that a test waits for one read. */
const WATCHDOG_MS = 15_000;

export type ConnectFields = Parameters<typeof connectPacket>[2];

/** `packets` as a client of `version` sends them. */
export function encode(version: ProtocolVersion, ...packets: Packet[]): Uint8Array {
  const writer = new Writer();
  for (const packet of packets) encodePacket(writer, packet, version);
  return writer.written().slice();
}

export class QuickClient implements Disposable {
  readonly version: ProtocolVersion;
  readonly #connection: Deno.TcpConn;
  readonly #stream: PacketStream;
  readonly #buffer = new Uint8Array(16 * 1024);
  #packets: Packet[] = [];
  #isClosed = false;

  private constructor(connection: Deno.TcpConn, version: ProtocolVersion) {
    this.#connection = connection;
    this.version = version;
    this.#stream = new PacketStream({ version });
  }

  /** Opens the TCP connection and sends nothing. */
  static async open(address: Address, version: ProtocolVersion = 4): Promise<QuickClient> {
    const { hostname, port } = address;
    const connection = await Deno.connect({ hostname, port });
    connection.setNoDelay(true);
    return new QuickClient(connection, version);
  }

  /** Connects, and expects to be accepted. */
  static async connect(
    address: Address,
    clientIdentifier: string,
    version: ProtocolVersion = 4,
    fields: ConnectFields = {},
  ): Promise<QuickClient> {
    const client = await QuickClient.open(address, version);
    await client.send(connectPacket(clientIdentifier, version, fields));
    const connack = await client.next(PacketType.Connack);
    assert.equal(connack?.type === PacketType.Connack && connack.reasonCode, 0);
    return client;
  }

  async send(...packets: Packet[]): Promise<void> {
    await this.sendBytes(encode(this.version, ...packets));
  }

  /** Sends all of `bytes`. A connection that the broker has closed is noticed when reading. */
  async sendBytes(bytes: Uint8Array): Promise<void> {
    try {
      for (let sent = 0; sent < bytes.length;) {
        sent += await this.#connection.write(bytes.subarray(sent));
      }
    } catch (error) {
      if (!isEndOfConnection(error)) throw error;
    }
  }

  async subscribe(topicFilter: string, qos: 0 | 1 | 2 = 0): Promise<void> {
    await this.send(subscribePacket([topicFilter], {}, qos));
    await this.next(PacketType.Suback);
  }

  /** The next packet, which must be of this type; undefined at the end of the connection. */
  async next(type?: PacketType): Promise<Packet | undefined> {
    while (this.#packets.length === 0) {
      const bytes = await this.read();
      if (bytes === undefined) return undefined;
      this.#packets = this.#stream.push(bytes);
    }
    const packet = this.#packets.shift() as Packet;
    if (type !== undefined && packet.type !== type) {
      assert.fail(`Unexpected packet ${describePacket(packet, this.version)}`);
    }
    return packet;
  }

  /** What arrives next, valid until the next call; undefined at the end of the connection. */
  async read(): Promise<Uint8Array | undefined> {
    let isTooLate = false;
    const watchdog = setTimeout(() => {
      isTooLate = true;
      this.close();
    }, WATCHDOG_MS);
    try {
      const count = await this.#connection.read(this.#buffer);
      if (count !== null) return this.#buffer.subarray(0, count);
    } catch (error) {
      if (isTooLate) assert.fail(`Nothing arrived within ${WATCHDOG_MS} ms`);
      if (!isEndOfConnection(error)) throw error;
    } finally {
      clearTimeout(watchdog);
    }
    return undefined;
  }

  /** Reads exactly `expected`, byte for byte. */
  async expectBytes(expected: Uint8Array): Promise<void> {
    for (let at = 0; at < expected.length;) {
      const bytes = await this.read();
      assert(bytes !== undefined, `The connection ended after ${at} of ${expected.length} bytes`);
      assert(at + bytes.length <= expected.length, "More arrived than was expected");
      for (let index = 0; index < bytes.length; index++, at++) {
        if (bytes[index] !== expected[at]) assert.fail(`Byte ${at} is ${bytes[index]}`);
      }
    }
  }

  /** Waits until the broker has closed the connection, whatever arrives before. */
  async expectClosed(): Promise<void> {
    while (await this.read() !== undefined) { /* Whatever arrives is let go. */ }
    this.close();
  }

  /** Ends the connection without DISCONNECT. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** `count` clients, made a hundred at a time. */
export async function manyClients(
  count: number,
  make: (index: number) => Promise<QuickClient>,
): Promise<QuickClient[]> {
  const clients: QuickClient[] = [];
  while (clients.length < count) {
    const size = Math.min(100, count - clients.length);
    const batch = Array.from({ length: size }, (_, index) => make(clients.length + index));
    clients.push(...await Promise.all(batch));
  }
  return clients;
}

function isEndOfConnection(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.Interrupted;
}
