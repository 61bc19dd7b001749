/**
 * Bytes as they arrive to packets as values, for clients, bridges and tests. The broker's
 * connections frame their own read buffer, without copying.
 *
 * Owns the bytes of the packet that is not complete yet, at most `maximumPacketSize` of them and
 * one chunk. Invariant: the same bytes give the same packets, however they are cut into chunks.
 */

import { decodePacket } from "./codec.ts";
import { Framer } from "./framer.ts";
import { type Packet, PacketType, type ProtocolVersion } from "./packet.ts";
import { malformed, ProtocolError, ReasonCode } from "./reason_code.ts";

export interface PacketStreamOptions {
  /** Without it the first packet must be a CONNECT, and tells. */
  version?: ProtocolVersion;
  /** Bytes, Fixed Header included. */
  maximumPacketSize?: number;
}

export class PacketStream {
  /** What the packets are read as; `undefined` until a CONNECT has come. */
  version: ProtocolVersion | undefined;
  readonly #framer: Framer;
  /** What has not become a packet yet is `#bytes[#start..#end)`. */
  #bytes = new Uint8Array(256);
  #start = 0;
  #end = 0;
  #failure: unknown;

  constructor(options: PacketStreamOptions = {}) {
    this.version = options.version;
    this.#framer = new Framer(options.maximumPacketSize);
  }

  /** Bytes of the packet that is not complete yet. */
  get pendingBytes(): number {
    return this.#end - this.#start;
  }

  /**
   * Takes the next bytes and returns the packets they complete. Throws `ProtocolError` at what
   * cannot be read; packets before that are returned first and the next call throws, as does every
   * call after it.
   */
  push(chunk: Uint8Array): Packet[] {
    if (this.#failure !== undefined) throw this.#failure;
    this.#append(chunk);
    const packets: Packet[] = [];
    try {
      while (this.#framer.next(this.#bytes, this.#start, this.#end)) {
        packets.push(this.#decode());
        this.#start = this.#framer.bodyEnd;
      }
    } catch (error) {
      this.#failure = error;
      if (packets.length === 0) throw error;
    }
    return packets;
  }

  #decode(): Packet {
    const { header, bodyStart, bodyEnd } = this.#framer;
    if (this.version === undefined && header >> 4 !== PacketType.Connect) {
      throw new ProtocolError( // [MQTT-3.1.0-1]
        ReasonCode.ProtocolError,
        "Cannot accept packet: the first one must be CONNECT",
      );
    }
    const packet = decodePacket(header, this.#bytes, bodyStart, bodyEnd, this.version ?? 4);
    if (packet.type === PacketType.Connect) this.version = packet.protocolVersion;
    if (this.version === 5 && !this.#framer.shortestForm) {
      throw malformed("Cannot decode Remaining Length: not in shortest form"); // [MQTT-1.5.5-1]
    }
    return packet;
  }

  #append(chunk: Uint8Array): void {
    const pending = this.pendingBytes;
    if (this.#end + chunk.length > this.#bytes.length) {
      const room = pending + chunk.length;
      const target = room > this.#bytes.length
        ? new Uint8Array(Math.max(room, this.#bytes.length * 2))
        : this.#bytes;
      target.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = target;
      this.#start = 0;
      this.#end = pending;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }
}
