/**
 * An MQTT client that does exactly what a test tells it to, one packet or one byte at a time.
 *
 * Owns one TCP connection, and an inbox of packets that arrived and were not asked for yet. Has no
 * behaviour of its own: it acknowledges nothing, pings nothing and keeps no session, unless one of
 * its methods says so. It reads only while a test waits, so no operation outlives a test, and a
 * watchdog ends every wait with a list of what did arrive.
 */

import assert from "node:assert/strict";
import { encodePacket } from "../../src/protocol/codec.ts";
import {
  type ConnackPacket,
  type ConnectPacket,
  type DisconnectPacket,
  type Packet,
  PacketType,
  type Properties,
  type ProtocolVersion,
  type PublishPacket,
  type QoS,
  type SubackPacket,
  type SubscriptionRequest,
  type UnsubackPacket,
  type Will,
} from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import { PacketStream } from "../../src/protocol/stream_decoder.ts";
import { Writer } from "../../src/protocol/writer.ts";
import { packetName } from "../../src/protocol/describe.ts";
import { asBytes, asText, describePacket, hex } from "./packet_text.ts";

/** Milliseconds that a test waits for one packet, or for the end of the connection. */
const WATCHDOG_MS = Number(Deno.env.get("CONFORMANCE_WATCHDOG_MS") ?? 10_000);

const nothing = new Uint8Array(0);

export type PacketOf<T extends PacketType> = Extract<Packet, { type: T }>;

/** Where a broker listens. */
export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** What a test may say about a CONNECT; the rest is neutral: Clean Start, no Keep Alive. */
export interface ConnectFields {
  cleanStart?: boolean;
  keepAlive?: number;
  clientIdentifier?: string;
  will?: Partial<Omit<Will, "payload">> & { topicName: string; payload?: string | Uint8Array };
  username?: string;
  password?: string;
  properties?: Properties;
}

export interface PublishFields {
  qos?: QoS;
  retain?: boolean;
  duplicate?: boolean;
  packetIdentifier?: number;
  properties?: Properties;
}

export type SubscribeOptions = Partial<Omit<SubscriptionRequest, "topicFilter">>;

export function connectPacket(version: ProtocolVersion, fields: ConnectFields): ConnectPacket {
  return {
    type: PacketType.Connect,
    protocolVersion: version,
    cleanStart: fields.cleanStart ?? true,
    keepAlive: fields.keepAlive ?? 0,
    clientIdentifier: fields.clientIdentifier ?? "",
    ...(fields.will === undefined ? {} : { will: toWill(fields.will) }),
    ...(fields.username === undefined ? {} : { username: fields.username }),
    ...(fields.password === undefined ? {} : { password: asBytes(fields.password) }),
    properties: fields.properties ?? {},
    bridge: false,
  };
}

function toWill(fields: NonNullable<ConnectFields["will"]>): Will {
  return {
    qos: 0,
    retain: false,
    properties: {},
    ...fields,
    payload: asBytes(fields.payload ?? ""),
  };
}

export class RawClient implements Disposable {
  readonly version: ProtocolVersion;
  /** Arrived, decoded, and not yet asked for. */
  readonly inbox: Packet[] = [];
  /** Every byte that arrived on this connection. */
  bytesReceived: Uint8Array = new Uint8Array(0);
  /** Topics this client has left a retained message on, so that a test can clean up. */
  readonly retainedTopics: Set<string> = new Set();
  readonly #connection: Deno.TcpConn;
  readonly #stream: PacketStream;
  readonly #readBuffer: Uint8Array = new Uint8Array(65_536);
  readonly #log: string[] = [];
  #lastPacketIdentifier = 0;
  #ended = false;
  #decodes = true;
  #connack: ConnackPacket | undefined;

  private constructor(connection: Deno.TcpConn, version: ProtocolVersion) {
    this.#connection = connection;
    this.version = version;
    this.#stream = new PacketStream({ version });
  }

  /** Opens the TCP connection and sends nothing. */
  static async open(address: Address, version: ProtocolVersion = 5): Promise<RawClient> {
    const connection = await Deno.connect({ hostname: address.hostname, port: address.port });
    connection.setNoDelay(true);
    return new RawClient(connection, version);
  }

  /** Opens a connection and is accepted by the broker. */
  static async connect(
    address: Address,
    version: ProtocolVersion,
    fields: ConnectFields = {},
  ): Promise<RawClient> {
    const client = await RawClient.open(address, version);
    try {
      await client.sendConnect(fields);
      await client.expectAccepted();
    } catch (error) {
      client.close();
      throw error;
    }
    return client;
  }

  /** The CONNACK that accepted this client. */
  get connack(): ConnackPacket {
    assert(this.#connack !== undefined, "The client has not been accepted yet");
    return this.#connack;
  }

  // Sending

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

  async sendConnect(fields: ConnectFields = {}): Promise<void> {
    await this.send(connectPacket(this.version, fields));
  }

  /** A Packet Identifier that this client has not used yet. */
  nextPacketIdentifier(): number {
    return ++this.#lastPacketIdentifier;
  }

  publishPacket(
    topicName: string,
    payload: string | Uint8Array,
    fields: PublishFields = {},
  ): PublishPacket {
    const qos = fields.qos ?? 0;
    const packet: PublishPacket = {
      type: PacketType.Publish,
      topicName,
      payload: asBytes(payload),
      qos,
      retain: fields.retain ?? false,
      duplicate: fields.duplicate ?? false,
      packetIdentifier: fields.packetIdentifier ?? (qos === 0 ? 0 : this.nextPacketIdentifier()),
      properties: fields.properties ?? {},
    };
    if (packet.retain) this.retainedTopics.add(topicName);
    return packet;
  }

  /** Sends a PUBLISH and goes through its handshake; the Reason Code of PUBACK or PUBREC. */
  async publish(
    topicName: string,
    payload: string | Uint8Array,
    fields: PublishFields = {},
  ): Promise<ReasonCode> {
    const packet = this.publishPacket(topicName, payload, fields);
    await this.send(packet);
    if (packet.qos === 0) {
      await this.barrier();
      return ReasonCode.Success;
    }
    const expected = packet.qos === 1 ? PacketType.Puback : PacketType.Pubrec;
    const answer = await this.find(expected);
    assert.equal(answer.packetIdentifier, packet.packetIdentifier);
    if (packet.qos === 2 && answer.reasonCode < 0x80) {
      await this.sendAcknowledgement(PacketType.Pubrel, packet.packetIdentifier);
      const pubcomp = await this.find(PacketType.Pubcomp);
      assert.equal(pubcomp.packetIdentifier, packet.packetIdentifier);
    }
    return answer.reasonCode;
  }

  async sendAcknowledgement(
    type:
      | typeof PacketType.Puback
      | typeof PacketType.Pubrec
      | typeof PacketType.Pubrel
      | typeof PacketType.Pubcomp,
    packetIdentifier: number,
    reasonCode: ReasonCode = ReasonCode.Success,
    properties: Properties = {},
  ): Promise<void> {
    await this.send({ type, packetIdentifier, reasonCode, properties });
  }

  /** Subscribes to one Topic Filter, expecting to be granted what it asks for. */
  async subscribe(
    topicFilter: string,
    options: SubscribeOptions = {},
    properties: Properties = {},
  ): Promise<void> {
    const suback = await this.requestSubscriptions([{ topicFilter, ...options }], properties);
    assert.deepEqual(suback.reasonCodes, [options.qos ?? 0], `SUBACK for ${topicFilter}`);
  }

  async requestSubscriptions(
    requests: (SubscribeOptions & { topicFilter: string })[],
    properties: Properties = {},
  ): Promise<SubackPacket> {
    const packetIdentifier = this.nextPacketIdentifier();
    const subscriptions = requests.map((request) => ({
      qos: 0 as QoS,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 0 as const,
      ...request,
    }));
    await this.send({ type: PacketType.Subscribe, packetIdentifier, subscriptions, properties });
    const suback = await this.find(PacketType.Suback);
    assert.equal(suback.packetIdentifier, packetIdentifier, "[MQTT-3.8.4-2]");
    return suback;
  }

  async unsubscribe(...topicFilters: string[]): Promise<UnsubackPacket> {
    const packetIdentifier = this.nextPacketIdentifier();
    await this.send({
      type: PacketType.Unsubscribe,
      packetIdentifier,
      topicFilters,
      properties: {},
    });
    const unsuback = await this.find(PacketType.Unsuback);
    assert.equal(unsuback.packetIdentifier, packetIdentifier, "[MQTT-3.10.4-5]");
    return unsuback;
  }

  /** Sends DISCONNECT and waits until the broker has closed the connection. Unread packets stay. */
  async disconnect(
    reasonCode: ReasonCode = ReasonCode.Success,
    properties: Properties = {},
  ): Promise<void> {
    await this.send({ type: PacketType.Disconnect, reasonCode, properties });
    await this.readToEnd();
  }

  // Receiving

  /** The next packet, in the order in which packets arrived. */
  async receive(): Promise<Packet> {
    while (this.inbox.length === 0) {
      if (!(await this.#readMore())) this.#fail("The broker closed the connection");
    }
    return this.inbox.shift() as Packet;
  }

  /** The next packet, which must be of this type. */
  async expect<T extends PacketType>(type: T): Promise<PacketOf<T>> {
    const packet = await this.receive();
    if (packet.type !== type) {
      this.#fail(`Expected ${packetName(type)}, received ${describePacket(packet)}`);
    }
    return packet as PacketOf<T>;
  }

  /** The first packet of this type; others stay in the inbox. */
  async find<T extends PacketType>(type: T): Promise<PacketOf<T>> {
    for (let at = 0;; at++) {
      while (at >= this.inbox.length) {
        if (!(await this.#readMore())) this.#fail(`Closed before ${packetName(type)} arrived`);
      }
      if (this.inbox[at]?.type === type) return this.inbox.splice(at, 1)[0] as PacketOf<T>;
    }
  }

  async expectAccepted(): Promise<ConnackPacket> {
    const connack = await this.expect(PacketType.Connack);
    assert.equal(connack.reasonCode, ReasonCode.Success, describePacket(connack));
    this.#connack = connack;
    return connack;
  }

  /** Receives the next PUBLISH, checks topic and payload, and goes through its handshake. */
  async expectMessage(topicName: string, payload: string): Promise<PublishPacket> {
    const packet = await this.expect(PacketType.Publish);
    assert.deepEqual([packet.topicName, asText(packet.payload)], [topicName, payload]);
    await this.acknowledge(packet);
    return packet;
  }

  /** Receives as many messages as there are payloads, and checks their order. */
  async expectMessages(topicName: string, payloads: readonly string[]): Promise<PublishPacket[]> {
    const packets: PublishPacket[] = [];
    for (const payload of payloads) packets.push(await this.expectMessage(topicName, payload));
    return packets;
  }

  async acknowledge({ qos, packetIdentifier }: PublishPacket): Promise<void> {
    if (qos === 1) await this.sendAcknowledgement(PacketType.Puback, packetIdentifier);
    if (qos !== 2) return;
    await this.sendAcknowledgement(PacketType.Pubrec, packetIdentifier);
    const pubrel = await this.find(PacketType.Pubrel);
    assert.equal(pubrel.packetIdentifier, packetIdentifier, "[MQTT-4.3.3-4]");
    await this.sendAcknowledgement(PacketType.Pubcomp, packetIdentifier);
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
      this.#fail(`Expected nothing, received ${this.inbox.map(describePacket).join(", ")}`);
    }
  }

  /** Waits for the end of the connection; a packet before it is a failure. */
  async expectClosed(): Promise<void> {
    while (await this.#readMore()) { /* Whatever arrives goes to the inbox. */ }
    if (this.inbox.length > 0) {
      this.#fail(`Expected the end, received ${this.inbox.map(describePacket).join(", ")}`);
    }
  }

  /**
   * The broker ends an accepted connection because of an error: MQTT 5 with a DISCONNECT that has
   * one of these Reason Codes, MQTT 3.1 and 3.1.1 without a word.
   */
  async expectRefusal(...reasonCodes: ReasonCode[]): Promise<DisconnectPacket | undefined> {
    let disconnect: DisconnectPacket | undefined;
    if (this.version === 5) {
      disconnect = await this.expect(PacketType.Disconnect);
      assert(
        reasonCodes.includes(disconnect.reasonCode),
        `DISCONNECT 0x${hex(disconnect.reasonCode)}, not one of 0x${reasonCodes.map(hex)}`,
      );
      assert.equal(disconnect.properties.sessionExpiryInterval, undefined, "[MQTT-3.14.2-2]");
    }
    await this.expectClosed();
    return disconnect;
  }

  /** The broker refuses a CONNECT: a CONNACK in MQTT 5 [MQTT-3.2.2-7], and the end. */
  async expectConnectRefused(...reasonCodes: ReasonCode[]): Promise<void> {
    if (this.version === 5) {
      const connack = await this.expect(PacketType.Connack);
      assert(
        reasonCodes.includes(connack.reasonCode),
        `CONNACK 0x${hex(connack.reasonCode)}, not one of 0x${reasonCodes.map(hex)}`,
      );
      assert.equal(connack.sessionPresent, false, "[MQTT-3.2.2-6]");
    }
    await this.expectClosed();
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
      if (timedOut) this.#fail(`Nothing arrived within ${WATCHDOG_MS} ms`);
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

  #fail(message: string): never {
    const shown = this.#log.slice(-20).map((line) => `\n  ${line}`).join("") || " nothing";
    assert.fail(`${message}. Received on this connection:${shown}`);
  }
}

function isEndOfConnection(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.BadResource || error instanceof Deno.errors.NotConnected;
}
