/**
 * One MQTT connection of a load: raw, without a session, without objects for each packet.
 *
 * Owns the transport and what no load needs to know: PINGRESP, DISCONNECT. Everything else is handed
 * on where it lies in the buffer. Invariant: `run` resolves once, when nothing will come any more.
 */

import { messageOf } from "../error_text.ts";
import type { Endpoint } from "../client/endpoint.ts";
import { openEndpoint } from "../client/open_endpoint.ts";
import { decodePacket, encodePacket } from "../protocol/codec.ts";
import { describeReasonCode, packetName, quoteText } from "../protocol/describe.ts";
import {
  type ConnackPacket,
  type Packet,
  PacketType,
  type ProtocolVersion,
  type QoS,
} from "../protocol/packet.ts";
import { isError, ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import type { Transport } from "../transport/transport.ts";
import { LoadError } from "./load_error.ts";
import { Outbox } from "./outbox.ts";
import { PacketInput } from "./packet_input.ts";

/** How the clients of a load connect; goes to other threads as it is. */
export interface ConnectSettings {
  readonly endpoint: Endpoint;
  readonly version: ProtocolVersion;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** Takes what comes. */
export interface PacketSink {
  /** A packet whose body is `view[bodyStart..bodyEnd)`; good during the call only. */
  packet(header: number, view: DataView, bodyStart: number, bodyEnd: number): void;
  /** Everything that was read together has been handed over. */
  readEnd(): void;
}

/** Seconds. Whoever owns the connections calls `keepAlive` more often than that. */
const KEEP_ALIVE_S = 60;
export const KEEP_ALIVE_EVERY_MS = 20_000;

export class LoadConnection {
  readonly clientIdentifier: string;
  readonly outbox: Outbox;
  readonly #transport: Transport;
  readonly #version: ProtocolVersion;
  readonly #input: PacketInput;
  #connack: ConnackPacket | undefined;
  #isClosed = false;
  #pong: (() => void) | undefined;
  /** Why the server ended the connection, as far as it said so. */
  #lastWord: string | undefined;

  private constructor(transport: Transport, version: ProtocolVersion, clientIdentifier: string) {
    this.#transport = transport;
    this.#version = version;
    this.clientIdentifier = clientIdentifier;
    this.outbox = new Outbox(transport);
    this.#input = new PacketInput(transport);
  }

  /** Connects. Throws `ConnectError`, or `LoadError` when the broker refuses. */
  static async open(
    settings: ConnectSettings,
    clientIdentifier: string,
    signal?: AbortSignal,
  ): Promise<LoadConnection> {
    const transport = await openEndpoint(settings.endpoint, signal);
    const connection = new LoadConnection(transport, settings.version, clientIdentifier);
    const giveUp = (): void => connection.close();
    signal?.addEventListener("abort", giveUp, { once: true });
    try {
      await connection.#login(settings);
      return connection;
    } catch (error) {
      connection.close();
      if (error instanceof LoadError) throw error;
      const hint = error instanceof ProtocolError ? "; does the port want TLS or WebSocket?" : "";
      throw new LoadError(`Cannot connect '${clientIdentifier}': ${messageOf(error)}${hint}`);
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /** What the server said when it accepted the client. */
  get connack(): ConnackPacket {
    if (this.#connack === undefined) throw new Error("Cannot use a connection before CONNACK");
    return this.#connack;
  }

  /** Subscribes, before `run`; returns the QoS that was granted. Throws `LoadError`. */
  async subscribe(topicFilter: string, qos: QoS): Promise<number> {
    await this.#send({
      type: PacketType.Subscribe,
      packetIdentifier: 1,
      subscriptions: [
        { topicFilter, qos, noLocal: false, retainAsPublished: false, retainHandling: 2 },
      ],
      properties: {},
    });
    const packet = await this.#receive();
    if (packet.type !== PacketType.Suback) throw this.#unexpected(packet, "SUBACK");
    const reasonCode = packet.reasonCodes[0] ?? ReasonCode.UnspecifiedError;
    if (!isError(reasonCode)) return reasonCode;
    throw new LoadError(
      `Cannot subscribe to ${quoteText(topicFilter)}: the broker refuses it ` +
        `(${describeReasonCode(reasonCode)})`,
    );
  }

  /**
   * Reads until the connection ends and hands over what comes. Resolves with the reason in words, or
   * with undefined when this side has closed it.
   */
  async run(sink: PacketSink): Promise<string | undefined> {
    try {
      do this.#handOver(sink); while (await this.#input.fill());
    } catch (error) {
      this.#lastWord ??= messageOf(error);
    }
    if (this.#isClosed) return undefined;
    this.close();
    return this.#lastWord ?? "the broker closed the connection";
  }

  /** Resolves when the server has answered all that was sent before; needs `run`. */
  async ping(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#pong = resolve;
    await this.#send({ type: PacketType.Pingreq });
    await promise;
  }

  /** Sends PINGREQ, so that the server does not take the client for gone. */
  keepAlive(): void {
    if (this.#isClosed) return;
    encodePacket(this.outbox.small, { type: PacketType.Pingreq }, this.#version);
    this.outbox.flush();
  }

  /** Says DISCONNECT and closes. Never rejects. */
  async disconnect(): Promise<void> {
    if (this.#isClosed) return;
    const reasonCode = ReasonCode.Success;
    await this.#send({ type: PacketType.Disconnect, reasonCode, properties: {} }).catch(() => {});
    this.close();
  }

  /** Closes without a word. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pong?.();
    this.#transport.close();
  }

  async #login({ version, username, password }: ConnectSettings): Promise<void> {
    await this.#send({
      type: PacketType.Connect,
      protocolVersion: version,
      cleanStart: true,
      keepAlive: KEEP_ALIVE_S,
      clientIdentifier: this.clientIdentifier,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password: new TextEncoder().encode(password) }),
      properties: {},
      bridge: false,
    });
    const packet = await this.#receive();
    if (packet.type !== PacketType.Connack) throw this.#unexpected(packet, "CONNACK");
    if (isError(packet.reasonCode)) {
      const said = packet.properties.reasonString;
      throw new LoadError(
        `Cannot connect '${this.clientIdentifier}': the broker refuses it ` +
          `(${describeReasonCode(packet.reasonCode)})` +
          (said === undefined ? "" : `: ${quoteText(said)}`),
      );
    }
    this.#connack = packet;
  }

  async #send(packet: Packet): Promise<void> {
    encodePacket(this.outbox.small, packet, this.#version);
    await this.outbox.write();
  }

  /** The next packet, before `run` reads them. */
  async #receive(): Promise<Packet> {
    const input = this.#input;
    while (!input.next()) {
      if (await input.fill()) continue;
      throw new Error("the broker closed the connection without an answer; does it speak MQTT?");
    }
    return decodePacket(input.header, input.bytes, input.bodyStart, input.bodyEnd, this.#version);
  }

  #unexpected(packet: Packet, expected: string): LoadError {
    const reason = packet.type === PacketType.Disconnect
      ? ` (${describeReasonCode(packet.reasonCode)})`
      : "";
    return new LoadError(
      `Cannot go on with '${this.clientIdentifier}': ${packetName(packet.type)}${reason} came ` +
        `instead of ${expected}`,
    );
  }

  #handOver(sink: PacketSink): void {
    const input = this.#input;
    while (input.next()) {
      const { header } = input;
      switch (header >> 4) {
        case PacketType.Pingresp:
          this.#pong?.();
          this.#pong = undefined;
          break;
        case PacketType.Disconnect:
          this.#takeDisconnect();
          break;
        default:
          sink.packet(header, input.view, input.bodyStart, input.bodyEnd);
      }
    }
    sink.readEnd();
  }

  #takeDisconnect(): void {
    const { header, bytes, bodyStart, bodyEnd } = this.#input;
    const packet = decodePacket(header, bytes, bodyStart, bodyEnd, this.#version);
    if (packet.type !== PacketType.Disconnect) return;
    this.#lastWord = `the broker disconnected it (${describeReasonCode(packet.reasonCode)})`;
  }
}
