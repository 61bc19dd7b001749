/**
 * One network connection of a client, from CONNECT to its end.
 *
 * Owns the transport, the read loop, Keep Alive and how the connection ends; what packets mean is the
 * session's. Invariant: `ended` resolves once, when the transport is closed and nothing of the
 * connection is left running; after DISCONNECT nothing is sent [MQTT-3.14.4-1].
 */

import { messageOf } from "../error_text.ts";
import {
  type ConnackPacket,
  type Packet,
  PacketType,
  type Properties,
} from "../protocol/packet.ts";
import { NO_PROPERTIES } from "../protocol/property.ts";
import { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import { PacketStream } from "../protocol/stream_decoder.ts";
import type { Transport } from "../transport/transport.ts";
import type { ClientClock } from "./client_clock.ts";
import {
  type ClientEvents,
  type ClientOptions,
  connectPacketOf,
  type Ending,
} from "./client_types.ts";
import { ConnectError } from "./connect_error.ts";
import { KeepAlive } from "./keep_alive.ts";
import { type OutputOwner, PacketOutput } from "./packet_output.ts";
import { CLOSED, explainLoss, explainNoAnswer } from "./loss_text.ts";
import { unexpected } from "./session_state.ts";

const FIRST_READ_BYTES = 4 * 1024;
const LARGEST_READ_BYTES = 64 * 1024;

/** How long the server has to close the connection after our last packet, in milliseconds. */
const LINGER_MS = 1000;

const NO_BYTES = new Uint8Array(0);

/** Whoever has the connection; all are called synchronously. */
export interface ConnectionOwner {
  /** CONNACK with success came. Throws a `ProtocolError`. */
  accepted(connack: ConnackPacket, connection: ClientConnection): void;
  /** Any other packet that is not about the connection itself. Throws a `ProtocolError`. */
  receive(packet: Packet): void;
  /** Something changed that others may wait for. */
  progressed(): void;
  /** Nothing can be sent any more. */
  lost(): void;
}

export class ClientConnection implements OutputOwner {
  readonly output: PacketOutput;
  readonly ended: Promise<Ending>;
  readonly trace: ((packet: Packet) => void) | undefined;
  readonly #transport: Transport;
  readonly #options: ClientOptions;
  readonly #owner: ConnectionOwner;
  readonly #traceReceived: ((packet: Packet) => void) | undefined;
  readonly #clock: ClientClock;
  readonly #stream: PacketStream;
  readonly #connack = Promise.withResolvers<ConnackPacket>();
  #hasConnack = false;
  /** The server has sent something that is a packet. */
  #hasPacket = false;
  #keepAlive: KeepAlive;
  #cancelCheck: (() => void) | undefined;
  #cancelLinger: (() => void) | undefined;
  /** Decided before the transport ends. */
  #ending: Ending | undefined;
  #isClosed = false;
  /** Set: nothing is read until it resolves. */
  #paused: PromiseWithResolvers<void> | undefined;

  constructor(
    transport: Transport,
    options: ClientOptions,
    owner: ConnectionOwner,
    events: ClientEvents,
    clock: ClientClock,
  ) {
    this.#transport = transport;
    this.#options = options;
    this.#owner = owner;
    this.#clock = clock;
    this.trace = events.packet && ((packet) => events.packet?.("sent", packet));
    this.#traceReceived = events.packet && ((packet) => events.packet?.("received", packet));
    const { protocolVersion, properties } = options;
    this.output = new PacketOutput(transport, protocolVersion, this);
    const { maximumPacketSize } = protocolVersion === 5 ? properties : NO_PROPERTIES;
    this.#stream = new PacketStream({
      version: protocolVersion,
      ...(maximumPacketSize === undefined ? {} : { maximumPacketSize }),
    });
    this.#keepAlive = new KeepAlive(0, clock.nowMs());
    this.#connack.promise.catch(() => {});
    this.ended = this.#run();
  }

  /** Sends CONNECT; resolves with CONNACK, rejects when the connection ends without. */
  connect(): Promise<ConnackPacket> {
    try {
      this.output.send({ type: PacketType.Connect, ...connectPacketOf(this.#options) });
      this.output.flush();
    } catch (error) {
      this.#connack.reject(error);
      this.close();
    }
    return this.#connack.promise;
  }

  /** Reads until the transport ends; never rejects. */
  async #run(): Promise<Ending> {
    let ending: Ending;
    try {
      await this.#readAll();
      ending = { kind: "lost", reason: CLOSED };
    } catch (error) {
      ending = this.#failed(error);
    }
    ending = this.#ending ??= ending;
    this.#stopped();
    if (!this.#hasConnack) this.#connack.reject(this.#noConnack(ending));
    await this.#goodbye();
    this.#close();
    this.output.discard();
    await this.output.drained();
    return ending;
  }

  async #readAll(): Promise<void> {
    let buffer = new Uint8Array(FIRST_READ_BYTES);
    for (;;) {
      if (this.#paused !== undefined) await this.#paused.promise;
      const count = await this.#transport.read(buffer);
      if (count === null) return;
      if (this.#ending === undefined) this.#receive(buffer.subarray(0, count));
      if (this.#ending !== undefined && this.#ending.kind !== "requested") return;
      if (count === buffer.length && count < LARGEST_READ_BYTES) {
        buffer = new Uint8Array(LARGEST_READ_BYTES);
      }
    }
  }

  /** Handles everything that one read brought, and answers it with one write. */
  #receive(bytes: Uint8Array): void {
    this.#keepAlive.received(this.#clock.nowMs());
    try {
      // What cannot be read is told only by the next call, when packets came before it.
      for (let chunk = bytes;; chunk = NO_BYTES) {
        const packets = this.#stream.push(chunk);
        for (const packet of packets) {
          if (this.#ending !== undefined) return;
          this.#handle(packet);
        }
        if (packets.length === 0) break;
      }
    } finally {
      this.output.flush();
    }
    this.#owner.progressed();
  }

  #handle(packet: Packet): void {
    this.#hasPacket = true;
    this.#traceReceived?.(packet);
    if (packet.type === PacketType.Auth) {
      throw new ProtocolError(
        ReasonCode.ProtocolError,
        "Cannot accept AUTH: enhanced authentication is not supported",
      );
    }
    if (!this.#hasConnack) return this.#handleFirst(packet);
    switch (packet.type) {
      case PacketType.Pingresp:
        return this.#keepAlive.answered();
      case PacketType.Disconnect:
        if (this.#options.protocolVersion < 5) throw unexpected(packet.type);
        this.#ending = { kind: "disconnected", packet };
        return;
      default:
        return this.#owner.receive(packet);
    }
  }

  #handleFirst(packet: Packet): void {
    if (packet.type !== PacketType.Connack) { // [MQTT-3.2.0-1]
      throw new ProtocolError(
        ReasonCode.ProtocolError,
        "Cannot accept the first packet: it is not CONNACK",
      );
    }
    if (packet.reasonCode === ReasonCode.Success) this.#accept(packet);
    else this.#ending = { kind: "lost", reason: "the server refused the connection" };
    this.#hasConnack = true;
    this.#connack.resolve(packet);
  }

  #accept(connack: ConnackPacket): void {
    const { cleanStart, keepAlive } = this.#options;
    if (connack.sessionPresent && cleanStart) { // [MQTT-3.2.2-2]
      throw new ProtocolError(
        ReasonCode.ProtocolError,
        "Cannot accept CONNACK: Session Present, though a new session was asked for",
      );
    }
    const { serverKeepAlive, maximumPacketSize } = connack.properties;
    this.output.maximumPacketSize = maximumPacketSize ?? Infinity;
    const seconds = serverKeepAlive ?? keepAlive; // [MQTT-3.2.2-21]
    this.#keepAlive = new KeepAlive(seconds, this.#clock.nowMs());
    this.#owner.accepted(connack, this);
    this.#scheduleCheck();
  }

  #scheduleCheck(): void {
    const atMs = this.#keepAlive.nextCheckMs;
    if (atMs === Infinity) return;
    const delayMs = Math.max(0, atMs - this.#clock.nowMs());
    this.#cancelCheck = this.#clock.after(delayMs, () => this.#checkKeepAlive());
  }

  #checkKeepAlive(): void {
    this.#cancelCheck = undefined;
    if (this.#ending !== undefined) return;
    // The answer may be among what is not read.
    if (this.#paused !== undefined) this.#keepAlive.answered();
    switch (this.#keepAlive.check(this.#clock.nowMs())) {
      case "dead":
        this.#ending = { kind: "lost", reason: "the server did not answer within Keep Alive" };
        return this.#close();
      case "ping":
        this.output.send({ type: PacketType.Pingreq });
        this.output.flush();
    }
    this.#scheduleCheck();
  }

  outputTaken(): void {
    this.#keepAlive.sent(this.#clock.nowMs());
    this.#owner.progressed();
  }

  /** The server may have said why before it closed the connection: that is still to be read. */
  outputFailed(error: unknown): void {
    this.#stopped();
    this.#linger(() => {
      this.#ending ??= { kind: "lost", reason: explainLoss(messageOf(error)) };
    });
  }

  #linger(atEnd: () => void = () => {}): void {
    if (this.#isClosed) return;
    this.#cancelLinger ??= this.#clock.after(LINGER_MS, () => {
      atEnd();
      this.#close();
    });
  }

  /** What an error says about the end; a server that broke the protocol is told. */
  #failed(error: unknown): Ending {
    if (!(error instanceof ProtocolError)) {
      return { kind: "lost", reason: explainLoss(messageOf(error)) };
    }
    if (this.#hasConnack) this.#sendDisconnect(error.reasonCode, NO_PROPERTIES);
    const reason = this.#hasPacket
      ? `the server broke the protocol: ${error.message}`
      : `the server does not speak MQTT there (${error.message}); is it the right port?`;
    return { kind: "lost", reason };
  }

  #noConnack(ending: Ending): ConnectError {
    const why = ending.kind === "lost" ? explainNoAnswer(ending.reason) : "it was given up";
    return new ConnectError("failed", `Cannot connect to ${this.#transport.remoteAddress}: ${why}`);
  }

  /** Before MQTT 5 a server is told nothing but the normal end. */
  #sendDisconnect(reasonCode: ReasonCode, properties: Properties): void {
    const isNormal = reasonCode === ReasonCode.Success;
    if (this.#options.protocolVersion === 5 || isNormal) {
      this.output.send({ type: PacketType.Disconnect, reasonCode, properties });
    }
    this.output.end();
  }

  /** Writes what is left, DISCONNECT the last of it, if the network takes it soon. */
  async #goodbye(): Promise<void> {
    if (this.#isClosed || this.output.bufferedBytes === 0) return;
    this.#linger();
    await this.output.drained();
  }

  /**
   * Sends DISCONNECT after everything else. Resolves when the server has closed the connection, or had
   * a second for it.
   */
  async disconnect(reasonCode: ReasonCode, properties: Properties): Promise<void> {
    if (this.#ending === undefined) {
      this.#ending = { kind: "requested" };
      if (!this.#hasConnack) this.#close();
      else await this.#leave(reasonCode, properties);
    }
    await this.ended;
  }

  async #leave(
    reasonCode: ReasonCode,
    properties: Properties,
  ): Promise<void> {
    try {
      this.#sendDisconnect(reasonCode, properties);
    } catch (error) {
      this.#close();
      throw error;
    } finally {
      this.#stopped();
    }
    await this.output.drained();
    if (this.#isClosed) return;
    this.#linger();
    // A connection that is gone already needs no end.
    await this.#transport.closeWrite().catch(() => {});
  }

  /** Reads nothing more until `resume`. */
  pause(): void {
    if (!this.#isClosed && this.#ending === undefined) this.#paused ??= Promise.withResolvers();
  }

  resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  /** Ends the connection at once, without DISCONNECT: the server publishes the Will. */
  close(): void {
    this.#ending ??= { kind: "requested" };
    this.#close();
  }

  /** Nothing is sent any more but what was, and no timer is needed for it. */
  #stopped(): void {
    this.resume();
    this.output.end();
    this.#cancelCheck?.();
    this.#cancelCheck = undefined;
    this.#owner.lost();
  }

  #close(): void {
    this.#cancelLinger?.();
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.resume();
    this.#transport.close();
  }
}
