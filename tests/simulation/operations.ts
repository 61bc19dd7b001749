/**
 * What simulated clients do, chosen at random. Makes packets; owns only the number of the next
 * payload, which makes every message one of its kind.
 */

import {
  type AcknowledgementPacket,
  type ConnectPacket,
  PacketType,
  type Properties,
  type ProtocolVersion,
  type PublishPacket,
  type QoS,
  type RetainHandling,
  type SubscribePacket,
  type UnsubscribePacket,
} from "../../src/protocol/packet.ts";
import { encode } from "../protocol/vector.ts";
import {
  acknowledgement,
  connectPacket,
  type Filter,
  publishPacket,
  subscribePacket,
  will,
} from "../support/packets.ts";
import type { Random } from "./random.ts";

export const TOPICS = ["a", "a/b", "a/c", "a/b/c", "b", "b/c", "c", "$x/a"];
const FILTERS = ["a", "a/b", "b", "#", "+", "a/#", "a/+", "+/b", "+/#", "b/c", "$x/#", "a/b/c/#"];
/** Each Share Name has one filter, so that a choice of the broker tells its group. */
const SHARED = ["$share/g/a/#", "$share/h/+", "$share/i/b/c"];
const BAD_FILTERS = ["a#", "#/a", "$share//a"];

const QOS = [0, 1, 2] as const;

/** What a lie looks like on the wire, and the Reason Code that it is answered with. */
export interface Lie {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly reasonCode: number;
}

/** What the next packet of a client depends on. */
export interface Actor {
  readonly clientIdentifier: string;
  readonly version: ProtocolVersion;
  /** By Topic Filter. */
  readonly subscriptions: ReadonlyMap<string, unknown>;
  /** What it got and has not acknowledged to the end. */
  readonly inflight: readonly {
    readonly qos: QoS;
    readonly packetIdentifier: number;
    readonly released: boolean;
  }[];
  /** Packet Identifiers of its own QoS 2 messages that are not released. */
  readonly inbound: Iterable<number>;
}

export class Operations {
  readonly #random: Random;
  /** Wills and shared subscriptions are left out when sessions can end inside a delivery. */
  readonly #isSimple: boolean;
  #payloads = 0;

  constructor(random: Random, isSimple: boolean) {
    this.#random = random;
    this.#isSimple = isSimple;
  }

  connect(clientIdentifier: string): ConnectPacket {
    const random = this.#random;
    const version = random.pick<ProtocolVersion>([3, 4, 5, 5, 5]);
    const properties: Properties = {};
    if (version === 5) {
      const expiry = random.pick([0, 3, 30, 30]);
      if (expiry > 0) properties.sessionExpiryInterval = expiry;
      if (random.chance(0.4)) properties.receiveMaximum = random.pick([1, 2, 5]);
      if (random.chance(0.2)) properties.maximumPacketSize = 60;
    }
    const packet = connectPacket(clientIdentifier, version, {
      cleanStart: random.chance(0.25),
      properties,
    });
    if (!this.#isSimple && random.chance(0.3)) packet.will = this.#will(version);
    return packet;
  }

  #will(version: ProtocolVersion): NonNullable<ConnectPacket["will"]> {
    const random = this.#random;
    const properties: Properties = {};
    if (version === 5) {
      const delay = random.pick([0, 0, 2, 10]);
      if (delay > 0) properties.willDelayInterval = delay;
      if (random.chance(0.3)) properties.messageExpiryInterval = random.pick([0, 5]);
    }
    return will(random.pick(TOPICS), this.#payload("will"), {
      qos: random.pick(QOS),
      retain: random.chance(0.3),
      properties,
    });
  }

  #payload(sender: string): string {
    return `${sender}.${++this.#payloads}${this.#random.chance(0.1) ? "-".repeat(60) : ""}`;
  }

  publish(
    { clientIdentifier, version }: Pick<Actor, "clientIdentifier" | "version">,
  ): PublishPacket {
    const random = this.#random;
    const qos: QoS = random.pick(QOS);
    const retain = random.chance(0.25);
    const properties: Properties = {};
    if (version === 5) {
      if (random.chance(0.3)) properties.messageExpiryInterval = random.pick([0, 2, 10, 60]);
      if (random.chance(0.2)) properties.contentType = "text";
      if (random.chance(0.1)) properties.userProperties = [["k", "1"], ["k", "2"]];
    }
    const payload = retain && random.chance(0.3) ? "" : this.#payload(clientIdentifier);
    return publishPacket(random.pick(TOPICS), payload, {
      qos,
      retain,
      duplicate: qos > 0 && random.chance(0.1),
      packetIdentifier: qos === 0 ? 0 : 1 + random.below(8),
      properties,
    });
  }

  /** `retainHandling`: the same for all; undefined: any. */
  subscribe({ version }: Pick<Actor, "version">, retainHandling?: RetainHandling): SubscribePacket {
    const random = this.#random;
    const filters = random.several(1 + random.below(3), (): Filter => {
      const shares = !this.#isSimple && random.chance(0.25);
      const bad = random.chance(0.03);
      const topicFilter = random.pick(bad ? BAD_FILTERS : shares ? SHARED : FILTERS);
      if (version !== 5) return { topicFilter, qos: random.pick(QOS) };
      return {
        topicFilter,
        qos: random.pick(QOS),
        noLocal: !topicFilter.startsWith("$share") && random.chance(0.2),
        retainAsPublished: random.chance(0.3),
        retainHandling: retainHandling ?? random.pick([0, 1, 2]),
      };
    });
    const identified = version === 5 && random.chance(0.3);
    const properties = identified ? { subscriptionIdentifiers: [1 + random.below(300)] } : {};
    return subscribePacket(filters, properties);
  }

  unsubscribe(session: Pick<Actor, "subscriptions">): UnsubscribePacket {
    const own = [...session.subscriptions.keys()];
    const topicFilters = this.#random.several(
      1 + this.#random.below(2),
      () => this.#random.pick(own.length > 0 && this.#random.chance(0.9) ? own : FILTERS),
    );
    return { type: PacketType.Unsubscribe, packetIdentifier: 8, topicFilters, properties: {} };
  }

  /** Mostly what the protocol asks for next, in any order; now and then something else. */
  acknowledge(session: Actor): AcknowledgementPacket {
    const { Puback, Pubcomp, Pubrec, Pubrel } = PacketType;
    const random = this.#random;
    const sent = session.inflight.filter(({ packetIdentifier }) => packetIdentifier > 0);
    if (random.chance(0.03)) {
      // Not an identifier that the broker may give to a message while it handles this.
      const identifiers = sent.map(({ packetIdentifier }) => packetIdentifier);
      const type = random.pick([Puback, Pubrec, Pubrel, Pubcomp]);
      return acknowledgement(type, random.pick([60_000 + random.below(9), ...identifiers]));
    }
    const inbound = [...session.inbound];
    if (inbound.length > 0 && (session.inflight.length === 0 || random.chance(0.4))) {
      return acknowledgement(Pubrel, random.pick(inbound));
    }
    if (sent.length === 0) return acknowledgement(Pubrel, 1 + random.below(8));
    const { qos, released, packetIdentifier } = random.pick(sent);
    if (qos === 1) return acknowledgement(Puback, packetIdentifier);
    if (released && random.chance(0.9)) return acknowledgement(Pubcomp, packetIdentifier);
    const isError = session.version === 5 && random.chance(0.1);
    return acknowledgement(Pubrec, packetIdentifier, isError ? 0x80 : 0);
  }

  lie({ clientIdentifier, version }: Actor): Lie {
    const second = connectPacket(clientIdentifier, version);
    const lies: Lie[] = [
      { name: "a second CONNECT", bytes: encode(second, version), reasonCode: 0x82 },
      { name: "QoS 3", bytes: Uint8Array.of(0x36, 3, 0, 1, 0x61), reasonCode: 0x81 },
      { name: "SUBSCRIBE with flags 0", bytes: Uint8Array.of(0x80, 2, 0, 1), reasonCode: 0x81 },
      { name: "PUBACK of identifier 0", bytes: Uint8Array.of(0x40, 2, 0, 0), reasonCode: 0x82 },
      { name: "PUBLISH cut short", bytes: Uint8Array.of(0x30, 2, 0, 9), reasonCode: 0x81 },
      {
        name: "a Topic Name with a wildcard",
        bytes: encode(publishPacket("a/+", "lie"), version),
        reasonCode: 0x90,
      },
    ];
    return this.#random.pick(lies);
  }
}
