/**
 * A server that plays one part of an MQTT conversation and writes down what the client sent.
 *
 * It stands where the broker would: every tool meets exactly the same one, over any carrier, and what
 * the flags changed is in the packets. Owns its sockets. Invariant: when `stop` resolves, everything
 * that clients sent has been read.
 */

import { encodePacket } from "../../src/protocol/codec.ts";
import {
  type ConnectPacket,
  type Packet,
  PacketType,
  type Properties,
  type PublishPacket,
  type QoS,
  type SubscribePacket,
} from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { PacketStream } from "../../src/protocol/stream_decoder.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { type Transport, writeAll } from "../../src/transport/transport.ts";
import { type Carrier, Listening } from "./carriers.ts";
import { packetLine } from "./packet_line.ts";

/** A message that the server sends to a subscriber. */
export interface ScriptedMessage {
  readonly topic?: string;
  readonly payload?: string | Uint8Array;
  readonly qos?: QoS;
  readonly retain?: boolean;
  readonly properties?: Properties;
}

/** How the server behaves; by default it takes everything and sends nothing. */
export interface ServerScript {
  readonly carrier?: Carrier;
  /** CONNACK with this Reason Code. */
  readonly refuse?: ReasonCode;
  readonly connackProperties?: Properties;
  /** Sent after each SUBACK. */
  readonly messages?: readonly ScriptedMessage[];
  /** In SUBACK for every Topic Filter. */
  readonly subackCode?: ReasonCode;
  /** In PUBACK. */
  readonly pubackCode?: ReasonCode;
  /** Payload of the response to each PUBLISH, on its Response Topic, else on "response". */
  readonly response?: string;
  /** DISCONNECT with this Reason Code once it has been subscribed to. */
  readonly disconnect?: ReasonCode;
  /** Never answers CONNECT. */
  readonly isSilent?: boolean;
}

const encoder = new TextEncoder();

export class RecordingServer implements AsyncDisposable {
  /** What clients sent, acknowledgements and pings left out. */
  readonly lines: string[] = [];
  readonly #listening: Listening;
  readonly #script: ServerScript;
  readonly #served: Promise<void>;
  readonly #conversations = new Set<Promise<void>>();
  readonly #transports = new Set<Transport>();

  private constructor(listening: Listening, script: ServerScript) {
    this.#listening = listening;
    this.#script = script;
    this.#served = this.#serve();
  }

  /** `folder` is for a Unix socket. */
  static async start(script: ServerScript, folder: string): Promise<RecordingServer> {
    return new RecordingServer(await Listening.open(script.carrier ?? "tcp", folder), script);
  }

  get port(): number {
    return this.#listening.port;
  }

  /** What the first client said before MQTT, as bytes: the TLS ClientHello, or nothing. */
  get firstBytes(): Uint8Array {
    return this.#listening.firstBytes;
  }

  /** Resolves when everybody has gone; whoever has not is cut off. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listening.close();
    await this.#served;
    for (const transport of this.#transports) transport.close();
    await Promise.all(this.#conversations);
  }

  /** Resolves when every client that came has gone by itself. */
  async everybodyGone(): Promise<void> {
    await Promise.all(this.#conversations);
  }

  async #serve(): Promise<void> {
    for await (const transport of this.#listening.connections()) {
      this.#transports.add(transport);
      const conversation = this.#converse(transport).catch(() => {
        // The client went away, or its handshake failed: what it sent is written down.
      }).finally(() => {
        if (this.#transports.delete(transport)) transport.close();
        this.#conversations.delete(conversation);
      });
      this.#conversations.add(conversation);
    }
  }

  async #converse(transport: Transport): Promise<void> {
    await transport.open?.();
    const conversation = new Conversation(transport, this.#script, this.lines);
    const stream = new PacketStream();
    const buffer = new Uint8Array(64 * 1024);
    for (;;) {
      const count = await transport.read(buffer);
      if (count === null) return;
      for (const packet of stream.push(buffer.subarray(0, count))) {
        await conversation.received(packet);
      }
    }
  }
}

/** One connection: what was said, and what is answered. */
class Conversation {
  readonly #transport: Transport;
  readonly #script: ServerScript;
  readonly #lines: string[];
  #version: ConnectPacket["protocolVersion"] = 4;
  #packetIdentifier = 0;

  constructor(transport: Transport, script: ServerScript, lines: string[]) {
    this.#transport = transport;
    this.#script = script;
    this.#lines = lines;
  }

  async received(packet: Packet): Promise<void> {
    switch (packet.type) {
      case PacketType.Connect:
        this.#lines.push(packetLine(packet));
        return await this.#connect(packet);
      case PacketType.Publish:
        this.#lines.push(packetLine(packet));
        return await this.#published(packet);
      case PacketType.Subscribe:
        this.#lines.push(packetLine(packet));
        return await this.#subscribed(packet);
      case PacketType.Unsubscribe: {
        this.#lines.push(packetLine(packet));
        const { packetIdentifier, topicFilters } = packet;
        const reasonCodes = topicFilters.map(() => ReasonCode.Success);
        return await this.#send({
          type: PacketType.Unsuback,
          packetIdentifier,
          reasonCodes,
          properties: {},
        });
      }
      case PacketType.Disconnect:
        this.#lines.push(packetLine(packet));
        return;
      case PacketType.Pubrel:
        return await this.#acknowledge(PacketType.Pubcomp, packet.packetIdentifier);
      case PacketType.Pubrec:
        return await this.#acknowledge(PacketType.Pubrel, packet.packetIdentifier);
      case PacketType.Pingreq:
        return await this.#send({ type: PacketType.Pingresp });
    }
  }

  async #connect(packet: ConnectPacket): Promise<void> {
    this.#version = packet.protocolVersion;
    const { isSilent, refuse, connackProperties } = this.#script;
    if (isSilent) return;
    await this.#send({
      type: PacketType.Connack,
      sessionPresent: false,
      reasonCode: refuse ?? ReasonCode.Success,
      properties: connackProperties ?? {},
    });
    if (refuse !== undefined) await this.#transport.closeWrite();
  }

  async #published(packet: PublishPacket): Promise<void> {
    const { pubackCode = ReasonCode.Success, response } = this.#script;
    if (packet.qos === 1) {
      await this.#acknowledge(PacketType.Puback, packet.packetIdentifier, pubackCode);
    }
    if (packet.qos === 2) await this.#acknowledge(PacketType.Pubrec, packet.packetIdentifier);
    if (response === undefined) return;
    const { responseTopic, correlationData } = packet.properties;
    await this.#message({
      topic: responseTopic ?? "response",
      payload: response,
      properties: correlationData === undefined ? {} : { correlationData },
    });
  }

  async #subscribed({ packetIdentifier, subscriptions }: SubscribePacket): Promise<void> {
    const { subackCode, messages = [], disconnect } = this.#script;
    await this.#send({
      type: PacketType.Suback,
      packetIdentifier,
      reasonCodes: subscriptions.map(({ qos }) => subackCode ?? qos),
      properties: {},
    });
    for (const message of messages) await this.#message(message);
    if (disconnect === undefined) return;
    await this.#send({ type: PacketType.Disconnect, reasonCode: disconnect, properties: {} });
    await this.#transport.closeWrite();
  }

  async #message(message: ScriptedMessage): Promise<void> {
    const { topic = "t", payload = "m", qos = 0, retain = false, properties = {} } = message;
    await this.#send({
      type: PacketType.Publish,
      topicName: topic,
      payload: typeof payload === "string" ? encoder.encode(payload) : payload,
      qos,
      retain,
      duplicate: false,
      packetIdentifier: qos === 0 ? 0 : ++this.#packetIdentifier,
      properties,
    });
  }

  async #acknowledge(
    type:
      | typeof PacketType.Puback
      | typeof PacketType.Pubrec
      | typeof PacketType.Pubrel
      | typeof PacketType.Pubcomp,
    packetIdentifier: number,
    reasonCode: ReasonCode = ReasonCode.Success,
  ): Promise<void> {
    await this.#send({ type, packetIdentifier, reasonCode, properties: {} });
  }

  async #send(packet: Packet): Promise<void> {
    const writer = new Writer();
    encodePacket(writer, packet, this.#version);
    await writeAll(this.#transport, writer.written());
  }
}
