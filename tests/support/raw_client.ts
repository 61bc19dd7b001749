/**
 * An MQTT client that does exactly what a test tells it to, one packet or one byte at a time.
 *
 * Owns the Packet Identifiers it gives and the CONNACK it got; the connection is its base class's.
 * Has no behaviour of its own: it acknowledges nothing, pings nothing and keeps no session, unless
 * one of its methods says so.
 */

import assert from "node:assert/strict";
import {
  type ConnackPacket,
  type ConnectPacket,
  type DisconnectPacket,
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
import { type Address, PacketChannel } from "./packet_channel.ts";
import { asBytes, asText, describePacket, hex } from "./packet_text.ts";

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

export class RawClient extends PacketChannel {
  /** Topics this client has left a retained message on, so that a test can clean up. */
  readonly retainedTopics: Set<string> = new Set();
  #lastPacketIdentifier = 0;
  #connack: ConnackPacket | undefined;

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
}
