/**
 * The packets on their way from a client to its server: encoded at once, written together.
 *
 * Owns the bytes that the network has not taken, and the only write that goes on at a time. What is
 * sent in one go, and in the promises that follow from it, becomes one write. Invariant: packets go out
 * whole and in order; after `end` nothing is taken any more.
 */

import { encodePacket } from "../protocol/codec.ts";
import { type Packet, PacketType, type ProtocolVersion } from "../protocol/packet.ts";
import { ReasonCode } from "../protocol/reason_code.ts";
import { Writer } from "../protocol/writer.ts";
import { type Transport, writeAll } from "../transport/transport.ts";
import { NotConnectedError, SendError } from "./send_error.ts";
import type { PacketSender } from "./session_terms.ts";

/** This much is written without waiting for more. */
const FULL_BYTES = 64 * 1024;
/** A buffer that grew larger than this for one message is not used again. */
const LARGEST_KEPT_BYTES = 1024 * 1024;
/** Microtasks without a new packet, after which no more are expected in this turn. */
const IDLE_HOPS = 4;
/** Others get a turn of the event loop after this much: writes may not wait for one themselves. */
const TURN_BYTES = 1024 * 1024;

/** Told what happens to the output. */
export interface OutputOwner {
  /** The network took what was written. */
  outputTaken(): void;
  outputFailed(error: unknown): void;
  /** Sees each packet. */
  trace: ((packet: Packet) => void) | undefined;
}

export class PacketOutput implements PacketSender {
  /** Bytes of a packet; what the server takes, when it is known. */
  maximumPacketSize = Infinity;
  readonly #transport: Pick<Transport, "write">;
  readonly #version: ProtocolVersion;
  readonly #owner: OutputOwner;
  #writer = new Writer(1024);
  #spare: Writer | undefined;
  /** Bytes of the write that goes on. */
  #writingBytes = 0;
  #writing: Promise<void> | undefined;
  #isScheduled = false;
  #idleHops = 0;
  #isEnded = false;
  /** For those who wait until what they sent is handed over. */
  #handedOver: PromiseWithResolvers<void> | undefined;

  constructor(
    transport: Pick<Transport, "write">,
    version: ProtocolVersion,
    owner: OutputOwner,
  ) {
    this.#transport = transport;
    this.#version = version;
    this.#owner = owner;
  }

  /** What the network has not taken. */
  get bufferedBytes(): number {
    return this.#writer.length + this.#writingBytes;
  }

  /** Throws a `SendError`, or an `Error` for a packet that cannot be encoded; nothing is sent then. */
  send(packet: Packet): void {
    if (this.#isEnded) throw new NotConnectedError("Cannot send: the connection has ended");
    const writer = this.#writer;
    const start = writer.length;
    encodePacket(writer, packet, this.#version);
    const bytes = writer.length - start;
    if (bytes > this.maximumPacketSize) { // [MQTT-3.2.2-15]
      writer.length = start;
      throw tooLarge(packet, bytes, this.maximumPacketSize);
    }
    this.#owner.trace?.(packet);
    this.#idleHops = 0;
    if (this.#isScheduled || this.#writing !== undefined) return;
    this.#isScheduled = true;
    queueMicrotask(this.#hop);
  }

  /** Waits for a few microtasks without packets: the next message is often published in one. */
  readonly #hop = (): void => {
    if (!this.#isScheduled) return;
    if (this.#idleHops++ < IDLE_HOPS && this.#writer.length < FULL_BYTES) queueMicrotask(this.#hop);
    else this.flush();
  };

  /** Starts writing what was sent, unless a write goes on: that is followed by another. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#writer.length > 0) this.#writing ??= this.#writeOn();
  }

  /** Resolves when everything that was sent is written; rejects when it cannot be. */
  handedOver(): Promise<void> {
    if (this.#handedOver === undefined) {
      this.#handedOver = Promise.withResolvers();
      // It is one promise for many messages; not everybody looks at it.
      this.#handedOver.promise.catch(() => {});
    }
    return this.#handedOver.promise;
  }

  /** Resolves when nothing is left to be written, or never will be. */
  async drained(): Promise<void> {
    this.flush();
    await this.#writing;
  }

  /** Takes no more packets. What was sent goes on, unless `discard`. */
  end(): void {
    this.#isEnded = true;
  }

  /** Gives up what is not written; the transport is closed. */
  discard(): void {
    this.end();
    this.#writer.length = 0;
    const error = new NotConnectedError("The connection ended before the packet was sent");
    this.#handedOver?.reject(error);
    this.#handedOver = undefined;
  }

  /** Never rejects. */
  async #writeOn(): Promise<void> {
    let bytesInTurn = 0;
    try {
      while (this.#writer.length > 0) {
        bytesInTurn += await this.#writeOnce();
        this.#owner.outputTaken();
        if (bytesInTurn < TURN_BYTES) continue;
        bytesInTurn = 0;
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      this.discard();
      this.#owner.outputFailed(error);
    } finally {
      this.#writing = undefined;
      this.#writingBytes = 0;
    }
  }

  async #writeOnce(): Promise<number> {
    const full = this.#writer;
    const handedOver = this.#handedOver;
    this.#writer = this.#spare ?? new Writer(Math.min(full.length, FULL_BYTES));
    this.#spare = undefined;
    this.#handedOver = undefined;
    const count = this.#writingBytes = full.length;
    try {
      await writeAll(this.#transport, full.written());
    } catch (error) {
      handedOver?.reject(error);
      throw error;
    }
    this.#writingBytes = 0;
    full.length = 0;
    if (full.bytes.length <= LARGEST_KEPT_BYTES) this.#spare = full;
    handedOver?.resolve();
    return count;
  }
}

function tooLarge(packet: Packet, bytes: number, limit: number): SendError {
  const what = packet.type === PacketType.Publish
    ? `Cannot publish to '${packet.topicName}'`
    : "Cannot send the packet";
  return new SendError(
    ReasonCode.PacketTooLarge,
    `${what}: it takes ${bytes} bytes, the server takes ${limit} at most`,
  );
}
