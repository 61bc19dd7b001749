/**
 * One TCP connection of a client that goes on by itself: packets are handed over as they come, and
 * sent without waiting.
 *
 * Owns the socket, one reader and one writer. Invariant: what was sent in one turn of the event loop
 * goes out in one write, in order; `ended` resolves when reader and writer have stopped and the socket
 * is closed.
 */

import { encodePacket } from "../../src/protocol/codec.ts";
import type { Packet, ProtocolVersion } from "../../src/protocol/packet.ts";
import { PacketStream } from "../../src/protocol/stream_decoder.ts";
import { Writer } from "../../src/protocol/writer.ts";
import type { Address } from "../support/packet_channel.ts";
import { ConnectionLost } from "./ground.ts";

const nothing = new Uint8Array(0);

export interface WireEvents {
  packet(packet: Packet): void;
  /** Something that is not the end of the connection: bytes that cannot be read, a bug. */
  failed(error: unknown): void;
  /** No packet comes any more. */
  lost(): void;
}

export class Wire {
  readonly ended: Promise<void>;
  readonly #connection: Deno.TcpConn;
  readonly #version: ProtocolVersion;
  readonly #events: WireEvents;
  #unsent = new Writer();
  #writing: Promise<void> | undefined;
  #isClosed = false;

  private constructor(connection: Deno.TcpConn, version: ProtocolVersion, events: WireEvents) {
    this.#connection = connection;
    this.#version = version;
    this.#events = events;
    this.ended = this.#read();
  }

  /** Throws `ConnectionLost` when nobody listens. */
  static async open(
    { hostname, port }: Address,
    version: ProtocolVersion,
    events: WireEvents,
  ): Promise<Wire> {
    try {
      const connection = await Deno.connect({ hostname, port });
      connection.setNoDelay(true);
      return new Wire(connection, version, events);
    } catch (error) {
      if (isEndOfConnection(error)) throw new ConnectionLost(`Cannot connect to port ${port}`);
      throw error;
    }
  }

  send(packet: Packet): void {
    if (this.#isClosed) return;
    encodePacket(this.#unsent, packet, this.#version);
    this.#writing ??= this.#write();
  }

  /** Ends the connection, without what was not sent yet. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.close();
  }

  /** Ends the connection when everything is sent. */
  async closeAfterSending(): Promise<void> {
    await this.#writing;
    this.close();
    await this.ended;
  }

  async #write(): Promise<void> {
    await Promise.resolve(); // Lets everything of this turn come together.
    try {
      while (this.#unsent.length > 0 && !this.#isClosed) {
        const bytes = this.#unsent.written();
        this.#unsent = new Writer();
        for (let sent = 0; sent < bytes.length;) {
          sent += await this.#connection.write(bytes.subarray(sent));
        }
      }
    } catch (error) {
      if (!isEndOfConnection(error)) this.#events.failed(error);
      // The reader notices the end; it first reads what came before it.
    } finally {
      this.#writing = undefined;
    }
  }

  async #read(): Promise<void> {
    const stream = new PacketStream({ version: this.#version });
    const buffer = new Uint8Array(65_536);
    try {
      for (;;) {
        const count = await this.#connection.read(buffer);
        if (count === null) break;
        for (const packet of stream.push(buffer.subarray(0, count))) {
          // What comes after we have closed is for nobody.
          if (!this.#isClosed) this.#events.packet(packet);
        }
        stream.push(nothing); // Throws if what follows the last packet cannot be read.
      }
    } catch (error) {
      if (!isEndOfConnection(error)) this.#events.failed(error);
    }
    this.close();
    await this.#writing;
    this.#events.lost();
  }
}

function isEndOfConnection(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionRefused ||
    error instanceof Deno.errors.ConnectionAborted || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted ||
    error instanceof Deno.errors.NotConnected;
}
