/**
 * One TCP connection to a broker that carries whole packets, or bytes as they are.
 *
 * Owns the socket and an inbox of packets that arrived and were not asked for yet. It reads only
 * while a test waits, so no operation outlives a test, and a watchdog ends every wait with a list of
 * what did arrive.
 */

import assert from "node:assert/strict";
import { encodePacket } from "../../src/protocol/codec.ts";
import { packetName } from "../../src/protocol/describe.ts";
import { type Packet, PacketType, type ProtocolVersion } from "../../src/protocol/packet.ts";
import { PacketStream } from "../../src/protocol/stream_decoder.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { describePacket } from "./packet_text.ts";

/** Milliseconds that a test waits for one packet, or for the end of the connection. */
const WATCHDOG_MS = Number(Deno.env.get("CONFORMANCE_WATCHDOG_MS") ?? 10_000);

const nothing = new Uint8Array(0);

export type PacketOf<T extends PacketType> = Extract<Packet, { type: T }>;

/** Where a broker listens. */
export interface Address {
  readonly hostname: string;
  readonly port: number;
}

export class PacketChannel implements Disposable {
  readonly version: ProtocolVersion;
  /** Arrived, decoded, and not yet asked for. */
  readonly inbox: Packet[] = [];
  /** Every byte that arrived on this connection. */
  bytesReceived: Uint8Array = nothing;
  readonly #connection: Deno.TcpConn;
  readonly #stream: PacketStream;
  readonly #readBuffer: Uint8Array = new Uint8Array(65_536);
  readonly #log: string[] = [];
  #ended = false;
  #decodes = true;

  protected constructor(connection: Deno.TcpConn, version: ProtocolVersion) {
    this.#connection = connection;
    this.version = version;
    this.#stream = new PacketStream({ version });
  }

  async send(...packets: Packet[]): Promise<void> {
    const writer = new Writer();
    for (const packet of packets) encodePacket(writer, packet, this.version);
    await this.sendBytes(writer.written());
  }

  /** Sends bytes as they are. A connection that the broker has closed is noticed when reading. */
  async sendBytes(bytes: Uint8Array): Promise<void> {
    try {
      for (let sent = 0; sent < bytes.length;) {
        sent += await this.#connection.write(bytes.subarray(sent));
      }
    } catch (error) {
      if (!isEndOfConnection(error)) throw error;
    }
  }

  /** The next packet, in the order in which packets arrived. */
  async receive(): Promise<Packet> {
    while (this.inbox.length === 0) {
      if (!(await this.#readMore())) this.fail("The broker closed the connection");
    }
    return this.inbox.shift() as Packet;
  }

  /** The next packet, which must be of this type. */
  async expect<T extends PacketType>(type: T): Promise<PacketOf<T>> {
    const packet = await this.receive();
    if (packet.type !== type) {
      this.fail(`Expected ${packetName(type)}, received ${describePacket(packet)}`);
    }
    return packet as PacketOf<T>;
  }

  /** The first packet of this type; others stay in the inbox. */
  async find<T extends PacketType>(type: T): Promise<PacketOf<T>> {
    for (let at = 0;; at++) {
      while (at >= this.inbox.length) {
        if (!(await this.#readMore())) this.fail(`Closed before ${packetName(type)} arrived`);
      }
      if (this.inbox[at]?.type === type) return this.inbox.splice(at, 1)[0] as PacketOf<T>;
    }
  }

  /** Waits until the broker has handled all that was sent, and has sent all it had for us. */
  async barrier(): Promise<void> {
    await this.send({ type: PacketType.Pingreq });
    await this.find(PacketType.Pingresp);
  }

  /** Fails if anything is in the inbox once the broker has answered a PINGREQ. */
  async expectNothing(): Promise<void> {
    await this.barrier();
    if (this.inbox.length > 0) {
      this.fail(`Expected nothing, received ${this.inbox.map(describePacket).join(", ")}`);
    }
  }

  /** Waits for the end of the connection; a packet before it is a failure. */
  async expectClosed(): Promise<void> {
    do {
      if (this.inbox.length > 0) {
        this.fail(`Expected the end, received ${this.inbox.map(describePacket).join(", ")}`);
      }
    } while (await this.#readMore());
  }

  /**
   * Every byte of this connection, once the broker has closed it. From here on bytes are not decoded:
   * they may be in the form of another version.
   */
  async readToEnd(): Promise<Uint8Array> {
    this.#decodes = false;
    while (await this.#readMore()) { /* The bytes are kept. */ }
    return this.bytesReceived;
  }

  /** Ends the TCP connection without DISCONNECT. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Reads once. False when the connection has ended. */
  async #readMore(): Promise<boolean> {
    if (this.#ended) return false;
    let timedOut = false;
    const watchdog = setTimeout(() => {
      timedOut = true;
      this.close();
    }, WATCHDOG_MS);
    try {
      const count = await this.#connection.read(this.#readBuffer);
      if (count !== null) {
        this.#accept(this.#readBuffer.slice(0, count));
        return true;
      }
    } catch (error) {
      if (timedOut) this.fail(`Nothing arrived within ${WATCHDOG_MS} ms`);
      if (!isEndOfConnection(error)) throw error;
    } finally {
      clearTimeout(watchdog);
    }
    this.close();
    return false;
  }

  #accept(chunk: Uint8Array): void {
    const all = new Uint8Array(this.bytesReceived.length + chunk.length);
    all.set(this.bytesReceived);
    all.set(chunk, this.bytesReceived.length);
    this.bytesReceived = all;
    if (!this.#decodes) return;
    for (const packet of this.#stream.push(chunk)) {
      this.inbox.push(packet);
      this.#log.push(describePacket(packet));
    }
    this.#stream.push(nothing); // Throws if what follows the last packet cannot be read.
  }

  protected fail(message: string): never {
    const shown = this.#log.slice(-20).map((line) => `\n  ${line}`).join("") || " nothing";
    assert.fail(`${message}. Received on this connection:${shown}`);
  }
}

function isEndOfConnection(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.NotConnected;
}
