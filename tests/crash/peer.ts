/**
 * A client with a session: it connects, goes and comes back, and knows whether the broker should
 * still know it.
 *
 * Owns the connection and whoever waits for an answer; publishing and receiving are for those who
 * extend it. Invariant: no answer is waited for over a lost connection (`ConnectionLost`), and a
 * connection that the broker ends without having been killed is a failure.
 */

import { packetName } from "../../src/protocol/describe.ts";
import { type Packet, PacketType, type Will } from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import type { PacketOf } from "../support/packet_channel.ts";
import { describePacket } from "../support/packet_text.ts";
import type { Findings } from "./findings.ts";
import { ConnectionLost, type Ground } from "./ground.ts";
import { Wire } from "./wire.ts";

/** Session Expiry Interval of a session that does not expire (MQTT 5 section 3.1.2.11.2). */
const NEVER_EXPIRES = 0xffff_ffff;
/** Packets that are shown with a failure. */
const SHOWN_PACKETS = 40;

export interface PeerOptions {
  /** Empty: the broker assigns one at the first connection (MQTT 5), to be used from then on. */
  readonly clientIdentifier: string;
  readonly version: 4 | 5;
}

export interface ConnectOptions {
  readonly cleanStart: boolean;
  /** Whether the session outlives the connection. */
  readonly isDurable: boolean;
  readonly will?: Will;
  /** MQTT 5 only. */
  readonly receiveMaximum?: number;
}

export class Peer {
  readonly version: 4 | 5;
  protected readonly ground: Ground;
  protected readonly findings: Findings;
  #wire: Wire | undefined;
  readonly #answers = new Map<string, PromiseWithResolvers<Packet>>();
  /** The broker has acknowledged a session that does not expire. */
  #hasSession = false;
  #clientIdentifier: string;
  /** The last packets, both ways, for the message of a failure. */
  #packets: (readonly [direction: "sent" | "got", packet: Packet])[] = [];

  constructor(ground: Ground, findings: Findings, options: PeerOptions) {
    this.ground = ground;
    this.findings = findings;
    this.#clientIdentifier = options.clientIdentifier;
    this.version = options.version;
  }

  get clientIdentifier(): string {
    return this.#clientIdentifier;
  }

  get isOnline(): boolean {
    return this.#wire !== undefined;
  }

  /** Connects; whether the session is present. Throws `ConnectionLost` when there is no broker. */
  async connect(options: ConnectOptions): Promise<boolean> {
    const wire: Wire = await Wire.open(this.ground.address, this.version, {
      packet: (packet) => {
        if (this.#wire === wire) this.#packet(packet); // Otherwise it comes after we have left.
      },
      failed: (error) => this.ground.fail(error),
      lost: () => this.#lost(wire),
    });
    this.#wire = wire;
    const { clientIdentifier, version } = this;
    const connack = await this.request({
      type: PacketType.Connect,
      protocolVersion: version,
      clientIdentifier,
      cleanStart: options.cleanStart,
      keepAlive: 0,
      ...(options.will === undefined ? {} : { will: options.will }),
      properties: version === 5
        ? {
          sessionExpiryInterval: options.isDurable ? NEVER_EXPIRES : 0,
          ...(options.receiveMaximum ? { receiveMaximum: options.receiveMaximum } : {}),
        }
        : {},
      bridge: false,
    }, PacketType.Connack);
    if (connack.reasonCode !== ReasonCode.Success) {
      throw new Error(`${clientIdentifier} was refused: ${describePacket(connack)}`);
    }
    this.#clientIdentifier = connack.properties.assignedClientIdentifier ?? clientIdentifier;
    return connack.sessionPresent;
  }

  /** Connects to its session, which is there unless this is the first time. */
  async resume(receiveMaximum?: number): Promise<boolean> {
    const isPresent = await this.connect({
      cleanStart: false,
      isDurable: true,
      ...(receiveMaximum === undefined ? {} : { receiveMaximum }),
    });
    if (this.#hasSession) this.findings.checked.sessions++;
    if (this.#hasSession && !isPresent) {
      this.findings.add("session not as acknowledged", `${this.clientIdentifier} is not known`);
    }
    this.#hasSession = true;
    return isPresent;
  }

  /** Waits until the broker has answered all that was sent before. */
  async ping(): Promise<void> {
    await this.request({ type: PacketType.Pingreq }, PacketType.Pingresp);
  }

  /** Ends the connection, with DISCONNECT or without a word. */
  async leave(how: "DISCONNECT" | "silently"): Promise<void> {
    const wire = this.#wire;
    if (wire === undefined) return;
    const reasonCode = ReasonCode.Success;
    if (how === "DISCONNECT") {
      wire.send({ type: PacketType.Disconnect, reasonCode, properties: {} });
    }
    this.#wire = undefined;
    this.#giveUpWaiting();
    if (how === "DISCONNECT") await wire.closeAfterSending();
    wire.close();
    await wire.ended;
  }

  /** Gives up the session (MQTT 5 section 3.14.2.2.2), and waits until the broker has closed. */
  async disconnectForGood(): Promise<void> {
    const wire = this.#wire;
    if (wire === undefined) return;
    this.#wire = undefined;
    wire.send({
      type: PacketType.Disconnect,
      reasonCode: ReasonCode.Success,
      properties: { sessionExpiryInterval: 0 },
    });
    const what = () => `the end of the connection of ${this.clientIdentifier}`;
    await this.ground.within(wire.ended, what); // [MQTT-3.14.4-2]
  }

  /** Resolves when the connection has ended, whoever ends it. */
  async gone(): Promise<void> {
    await this.#wire?.ended;
  }

  protected send(packet: Packet): void {
    this.#remember("sent", packet);
    this.#wire?.send(packet);
  }

  /** Sends a packet and waits for the answer of this type, to this Packet Identifier if it has one. */
  protected async request<T extends PacketType>(
    packet: Packet,
    answer: T,
    packetIdentifier = 0,
  ): Promise<PacketOf<T>> {
    if (this.#wire === undefined) throw new ConnectionLost(`${this.clientIdentifier} is away`);
    const waiting = Promise.withResolvers<Packet>();
    this.#answers.set(`${answer} ${packetIdentifier}`, waiting);
    this.send(packet);
    const what = () => `${packetName(answer)} for ${this.clientIdentifier}`;
    return await this.ground.within(waiting.promise, what) as PacketOf<T>;
  }

  /** Any packet that is not the answer to `request`. */
  protected receive(packet: Packet): void {
    this.unexpected(packet);
  }

  /** Throws an Error that shows what came before. */
  protected unexpected(packet: Packet): never {
    const before = this.#packets.map(([direction, packet]) =>
      `\n  ${direction} ${describePacket(packet)}`
    );
    throw new Error(
      `${this.clientIdentifier} did not expect ${describePacket(packet)}. Packets:${
        before.join("")
      }`,
    );
  }

  /** The connection is gone, and nobody here wanted it. */
  protected connectionLost(): void {}

  #packet(packet: Packet): void {
    this.ground.countPacket();
    this.#remember("got", packet);
    const packetIdentifier = "packetIdentifier" in packet ? packet.packetIdentifier : 0;
    const key = `${packet.type} ${packetIdentifier}`;
    const waiting = this.#answers.get(key);
    this.#answers.delete(key);
    if (waiting !== undefined) waiting.resolve(packet);
    else {
      try {
        this.receive(packet);
      } catch (error) {
        this.ground.fail(error);
      }
    }
  }

  #remember(direction: "sent" | "got", packet: Packet): void {
    this.#packets.push([direction, packet]);
    if (this.#packets.length >= 2 * SHOWN_PACKETS) {
      this.#packets = this.#packets.slice(-SHOWN_PACKETS);
    }
  }

  #lost(wire: Wire): void {
    if (this.#wire !== wire) return;
    this.#wire = undefined;
    this.#giveUpWaiting();
    this.connectionLost();
    if (this.ground.isKilled) return;
    this.ground.fail(new Error(`The broker ended the connection of ${this.clientIdentifier}`));
  }

  #giveUpWaiting(): void {
    for (const { reject } of this.#answers.values()) {
      reject(new ConnectionLost(`${this.clientIdentifier} has lost its connection`));
    }
    this.#answers.clear();
  }
}
