/**
 * A client whose own state outlives its connections, as that of real clients does: what it has
 * published and not seen acknowledged is sent again, what it has received of QoS 2 is known.
 *
 * Owns that state. It asks for a clean start until it has seen one, and gives up what it had when a
 * CONNACK says that there is no session. Invariant: no QoS 2 message is taken twice
 * [MQTT-4.3.3-10], unless it may come in more than one way.
 */

import assert from "node:assert/strict";
import { parseSharedFilter } from "../../src/protocol/topic.ts";
import {
  type AcknowledgementPacket,
  type ConnectPacket,
  type Packet,
  PacketType,
  type ProtocolVersion,
  type PublishPacket,
  type SubscribePacket,
  type UnsubscribePacket,
} from "../../src/protocol/packet.ts";
import { ReasonCode } from "../../src/protocol/reason_code.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { acknowledgement } from "../support/packets.ts";
import { asText } from "../support/packet_text.ts";
import type { Handled } from "./durable_broker.ts";
import type { Random } from "./random.ts";

/** Its own Packet Identifiers of PUBLISH; lower ones are those of `Operations`. */
const FIRST_IDENTIFIER = 10;
/** Messages that it may have unacknowledged: not more than the broker's Receive Maximum. */
const MOST_UNACKNOWLEDGED = 6;
const FIRST_ERROR = 0x80;

/** The simulation, as its clients see it. */
export interface World {
  /** The broker handles these packets, of one buffer; what became of each that it came to. */
  handle(client: DurableClient, packets: readonly Packet[]): Handled[];
  /** A client has seen that it is done. `packet`: the PUBLISH that it is about, if it is. */
  acknowledged(handled: Handled, packet?: PublishPacket): void;
  /** The broker would let it go on where it was. */
  hasSession(client: DurableClient): boolean;
  /** The broker has not taken it. */
  refused(handled: Handled): void;
  received(client: DurableClient, packet: PublishPacket): void;
  /** It was retained once: it may come any number of times. */
  mayComeAgain(packet: PublishPacket): boolean;
}

interface Sent {
  readonly packet: PublishPacket;
  /** PUBREC has come. */
  isReleased: boolean;
  handled: Handled | undefined;
  /** What became of the last packet about it. */
  last: Handled | undefined;
}

export class DurableClient {
  readonly clientIdentifier: string;
  /** It has proven a user name before. */
  hasName = false;
  readonly #world: World;
  version: ProtocolVersion = 5;
  connection: FakeClient | undefined;
  /** CONNACK has come. */
  isReady = false;
  /** What it had is over, and the broker has not said so yet. */
  #wantsCleanStart = false;
  #connected: Handled | undefined;
  /** No SUBSCRIBE or UNSUBSCRIBE is on its way: there is one at a time. */
  mayAsk = true;
  /** SUBSCRIBE or UNSUBSCRIBE without an answer. */
  #asked: Handled | undefined;
  /** Messages that it published, in order, by Packet Identifier. */
  readonly #sent = new Map<number, Sent>();
  /** QoS 2 messages that it has and that are not released: payloads by Packet Identifier. */
  readonly #inbound = new Map<number, string>();
  #answers: AcknowledgementPacket[] = [];
  /** What it has to send again on a new connection, before anything new. */
  #repetitions: Packet[] = [];
  /** By Topic Filter, as it asked for them. */
  readonly subscriptions = new Map<string, true>();
  /** In how many ways a message may come: its own subscriptions, and each group it was in. */
  #ways = new Set([""]);
  /** How often each QoS 2 message was taken. */
  readonly #taken = new Map<string, number>();

  constructor(clientIdentifier: string, world: World) {
    this.clientIdentifier = clientIdentifier;
    this.#world = world;
  }

  get isOpen(): boolean {
    return this.connection?.isOpen === true;
  }
  /** Connected, and owes nobody anything. */
  get isDone(): boolean {
    return this.isReady && this.isOpen && this.#answers.length === 0 && this.#sent.size === 0;
  }

  // What it sends.

  connect(connection: FakeClient, packet: ConnectPacket): void {
    this.connectionBroke();
    this.connection = connection;
    this.version = packet.protocolVersion;
    this.#wantsCleanStart ||= packet.cleanStart;
    const cleanStart = this.#wantsCleanStart;
    // Should the CONNACK of a new session be lost, the next one cannot tell that it is not the one
    // that the client had before: MQTT leaves that open, so it asks for a clean start.
    if (!this.#world.hasSession(this)) this.#wantsCleanStart = true;
    this.#connected = this.#world.handle(this, [{ ...packet, cleanStart }])[0];
  }

  disconnect(reasonCode: ReasonCode, sessionExpiryInterval: number | undefined): void {
    // The broker does not say whether it has understood that.
    if (sessionExpiryInterval === 0) this.#wantsCleanStart = true;
    const properties = sessionExpiryInterval === undefined ? {} : { sessionExpiryInterval };
    this.#world.handle(this, [{ type: PacketType.Disconnect, reasonCode, properties }]);
    this.connectionBroke();
  }

  /** The broker is another one, which does not know what this one did. */
  powerFailed(): void {
    this.connectionBroke();
    for (const sent of this.#sent.values()) sent.handled = undefined;
  }

  /** With or without the broker's knowledge. */
  connectionBroke(): void {
    this.connection = undefined;
    this.isReady = false;
    this.#connected = this.#asked = undefined;
    this.mayAsk = true;
    // The broker sends again what these were about.
    this.#answers = [];
    this.#repetitions = [];
  }

  /** What has to be sent before any other message [MQTT-4.4.0-1]. */
  repetitions(): Packet[] {
    return this.#repetitions.splice(0);
  }

  /** A message of its own, or at QoS 0 when too many wait for an acknowledgement. */
  toSend(packet: PublishPacket): PublishPacket {
    let packetIdentifier = FIRST_IDENTIFIER;
    while (this.#sent.has(packetIdentifier)) packetIdentifier++;
    const isFull = this.#sent.size >= MOST_UNACKNOWLEDGED;
    if (packet.qos === 0 || isFull) return { ...packet, qos: 0, packetIdentifier: 0 };
    const mine = { ...packet, packetIdentifier, duplicate: false };
    this.#sent.set(packetIdentifier, {
      packet: mine,
      isReleased: false,
      handled: undefined,
      last: undefined,
    });
    return mine;
  }

  /** Some of the answers that it owes, in any order; now and then it does not want a message. */
  answers(random: Random, count: number): AcknowledgementPacket[] {
    const chosen: AcknowledgementPacket[] = [];
    while (chosen.length < count && this.#answers.length > 0) {
      const [answer] = this.#answers.splice(random.below(this.#answers.length), 1);
      if (answer === undefined) break;
      const refuses = answer.type === PacketType.Pubrec && this.version === 5;
      if (refuses && random.chance(0.05)) chosen.push(this.#refuse(answer.packetIdentifier));
      else chosen.push(answer);
    }
    return chosen;
  }

  /** It has not taken the message: should this be lost, it comes again. */
  #refuse(packetIdentifier: number): AcknowledgementPacket {
    const payload = this.#inbound.get(packetIdentifier) as string;
    this.#inbound.delete(packetIdentifier);
    this.#taken.set(payload, (this.#taken.get(payload) as number) - 1);
    return acknowledgement(PacketType.Pubrec, packetIdentifier, FIRST_ERROR);
  }

  /** Sends packets in one buffer. */
  send(packets: readonly Packet[]): void {
    const results = this.#world.handle(this, packets);
    packets.forEach((packet, index) => {
      const handled = results[index];
      if (handled !== undefined) this.#note(packet, handled);
    });
  }

  #note(packet: Packet, handled: Handled): void {
    switch (packet.type) {
      case PacketType.Publish:
      case PacketType.Pubrel: {
        const sent = this.#sent.get(packet.packetIdentifier);
        if (sent === undefined) return;
        sent.last = handled;
        // Sent again, it may have been known: then what it did the first time is promised.
        if (handled.isDurable || !sent.handled?.isDurable) sent.handled = handled;
        return;
      }
      case PacketType.Subscribe:
        return this.#noteSubscribe(packet, handled);
      case PacketType.Unsubscribe:
        return this.#noteUnsubscribe(packet, handled);
    }
  }

  #noteSubscribe({ subscriptions }: SubscribePacket, handled: Handled): void {
    this.#asked = handled;
    for (const { topicFilter } of subscriptions) {
      this.subscriptions.set(topicFilter, true);
      this.#ways.add(parseSharedFilter(topicFilter)?.shareName ?? "");
    }
  }

  #noteUnsubscribe({ topicFilters }: UnsubscribePacket, handled: Handled): void {
    this.#asked = handled;
    for (const topicFilter of topicFilters) this.subscriptions.delete(topicFilter);
  }

  // What it gets.

  /** Takes what has come. */
  take(): void {
    for (const packet of this.connection?.received() ?? []) this.#take(packet);
  }

  #take(packet: Packet): void {
    switch (packet.type) {
      case PacketType.Connack:
        return this.#takeConnack(packet.sessionPresent);
      case PacketType.Publish:
        return this.#takePublish(packet);
      case PacketType.Pubrel:
        this.#inbound.delete(packet.packetIdentifier);
        return this.#answer(PacketType.Pubcomp, packet.packetIdentifier);
      case PacketType.Puback:
      case PacketType.Pubrec:
      case PacketType.Pubcomp:
        return this.#takeAcknowledgement(packet);
      case PacketType.Suback:
      case PacketType.Unsuback:
        this.mayAsk = true;
        if (!packet.reasonCodes.includes(ReasonCode.QuotaExceeded)) {
          return this.#acknowledged(this.#asked);
        }
        return this.#refused(this.#asked);
    }
  }

  #acknowledged(handled: Handled | undefined, packet?: PublishPacket): void {
    assert.ok(handled, "an acknowledgement of what was not sent on this connection");
    this.#world.acknowledged(handled, packet);
  }

  #refused(handled: Handled | undefined): void {
    assert.ok(handled, "a refusal of what was not sent on this connection");
    this.#world.refused(handled);
  }

  #takeConnack(sessionPresent: boolean): void {
    this.isReady = true;
    this.#acknowledged(this.#connected);
    assert.ok(!(sessionPresent && this.#wantsCleanStart), "it has a session that is not its own");
    this.#wantsCleanStart = false;
    if (!sessionPresent) this.#forgetEverything();
    this.#repetitions = [...this.#sent.values()].map(({ packet, isReleased }): Packet => {
      if (!isReleased) return { ...packet, duplicate: true };
      return acknowledgement(PacketType.Pubrel, packet.packetIdentifier);
    });
  }

  #forgetEverything(): void {
    this.#sent.clear();
    this.#inbound.clear();
    this.subscriptions.clear();
    this.#ways = new Set([""]);
    this.#taken.clear();
  }

  #takePublish(packet: PublishPacket): void {
    const { qos, packetIdentifier } = packet;
    if (qos === 0) return;
    this.#world.received(this, packet);
    if (qos === 1) return this.#answer(PacketType.Puback, packetIdentifier);
    if (!this.#inbound.has(packetIdentifier)) {
      const payload = asText(packet.payload);
      this.#inbound.set(packetIdentifier, payload);
      const count = (this.#taken.get(payload) ?? 0) + 1;
      this.#taken.set(payload, count);
      const mayCome = this.#world.mayComeAgain(packet) ? Infinity : this.#ways.size;
      assert.ok(count <= mayCome, `${this.clientIdentifier} got '${payload}' ${count} times`);
    }
    this.#answer(PacketType.Pubrec, packetIdentifier);
  }

  /** What it owes already it does not owe twice. */
  #answer(type: AcknowledgementPacket["type"], packetIdentifier: number): void {
    const isOwed = this.#answers.some((each) =>
      each.type === type && each.packetIdentifier === packetIdentifier
    );
    if (!isOwed) this.#answers.push(acknowledgement(type, packetIdentifier));
  }

  /** Only a disk that takes nothing is a reason to refuse a message here. */
  #takeAcknowledgement({ type, packetIdentifier, reasonCode }: AcknowledgementPacket): void {
    const sent = this.#sent.get(packetIdentifier);
    assert.ok(sent, `${this.clientIdentifier}: nothing was sent as ${packetIdentifier}`);
    const isRefused = reasonCode === ReasonCode.QuotaExceeded;
    assert.ok(isRefused || reasonCode < FIRST_ERROR || type === PacketType.Pubcomp);
    if (isRefused) this.#refused(sent.last);
    else this.#acknowledged(sent.handled, sent.packet);
    if (isRefused || type !== PacketType.Pubrec) {
      this.#sent.delete(packetIdentifier);
    } else {
      sent.isReleased = true;
      this.#answer(PacketType.Pubrel, packetIdentifier);
    }
  }
}
