/**
 * A client that subscribes and unsubscribes all the time, and what its subscriptions may be.
 *
 * Owns one set of possibilities for each Topic Filter: no subscription, or one with its options. What
 * is there is told by messages to each topic, from another client and from the client itself.
 */

import { type PublishPacket, type QoS, RetainHandling } from "../../src/protocol/packet.ts";
import { asText } from "../support/packet_text.ts";
import type { Random } from "../simulation/random.ts";
import type { Findings } from "./findings.ts";
import type { Ground } from "./ground.ts";
import { Possibilities } from "./possibilities.ts";
import type { Publisher } from "./publisher.ts";
import { Subscriber } from "./subscriber.ts";

const TOPIC_COUNT = 6;
/** How often a subscription is asked for instead of given up. */
const SUBSCRIBING = 0.65;
const LARGEST_IDENTIFIER = 1000;

/** What a subscription is like. */
interface Options {
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  /** 0: none. */
  readonly identifier: number;
}

const NO_SUBSCRIPTION = "none";

/** What came of the two messages to one topic. */
interface Seen {
  fromOther?: PublishPacket;
  fromItself?: PublishPacket;
}

export class Churn {
  readonly client: Subscriber;
  readonly #findings: Findings;
  readonly #topics: readonly string[];
  readonly #subscriptions: readonly Possibilities<string>[];
  #probe = 0;
  readonly #seen = new Map<string, Seen>();

  constructor(ground: Ground, findings: Findings, clientIdentifier: string, version: 4 | 5) {
    this.#findings = findings;
    this.#topics = Array.from(
      { length: TOPIC_COUNT },
      (_, index) => `crash/churn/${clientIdentifier}/${index}`,
    );
    this.#subscriptions = this.#topics.map(() => new Possibilities(NO_SUBSCRIPTION));
    this.client = new Subscriber(ground, findings, {
      clientIdentifier,
      version,
      topicFilters: [],
      qos: 2,
      deliver: (packet) => this.#deliver(packet),
    });
  }

  /** Changes one subscription and waits for the acknowledgement. */
  async changeOne(random: Random): Promise<void> {
    const index = random.below(TOPIC_COUNT);
    const topicFilter = this.#topics[index] as string;
    const subscription = this.#subscriptions[index] as Possibilities<string>;
    if (random.chance(SUBSCRIBING)) {
      const { identifier, ...options } = this.#randomOptions(random);
      const change = subscription.apply(() => describe({ identifier, ...options }));
      await this.client.subscribe(
        // The messages of earlier looks are retained: nobody wants them.
        { topicFilter, ...options, retainHandling: RetainHandling.DoNotSend },
        identifier > 0 ? { subscriptionIdentifiers: [identifier] } : {},
      );
      subscription.acknowledge(change);
    } else {
      const change = subscription.apply(() => NO_SUBSCRIPTION);
      await this.client.unsubscribe(topicFilter);
      subscription.acknowledge(change);
    }
  }

  /** Publishes to every topic, as somebody else and as the client itself, and waits. */
  async probe(other: Publisher): Promise<void> {
    this.#probe++;
    this.#seen.clear();
    for (const topicName of this.#topics) {
      other.publish({
        topicName,
        payload: `other ${this.#probe}`,
        qos: 2,
        retain: true,
        properties: {},
        sent() {},
        acknowledged() {},
      });
    }
    await other.idle();
    for (const topicName of this.#topics) {
      this.client.publishAtQoS0(topicName, `itself ${this.#probe}`);
    }
    await this.client.quiet();
  }

  /** Compares what the messages of `probe` have told with what is possible. */
  check(): void {
    this.#topics.forEach((topicFilter, index) => {
      const found = this.#describeSeen(this.#seen.get(topicFilter) ?? {});
      const subscription = this.#subscriptions[index] as Possibilities<string>;
      const possible = new Set(subscription.states);
      this.#findings.checked.subscriptions++;
      if (subscription.observe((state) => state === found, found)) return;
      const sentence = `${this.client.clientIdentifier} has '${found}' for ${topicFilter}, ` +
        `not one of ${[...possible].map((state) => `'${state}'`).join(", ")}`;
      this.#findings.add("subscription not as acknowledged", sentence);
    });
  }

  /** MQTT 3.1.1 has nothing but QoS. */
  #randomOptions(random: Random): Options {
    const isVersion5 = this.client.version === 5;
    return {
      qos: random.below(3) as QoS,
      noLocal: isVersion5 && random.chance(0.5),
      retainAsPublished: isVersion5 && random.chance(0.5),
      identifier: isVersion5 ? random.below(LARGEST_IDENTIFIER) : 0,
    };
  }

  #deliver(packet: PublishPacket): void {
    const [from, probe] = asText(packet.payload).split(" ");
    // MQTT 3.1.1 gets the retained message of an earlier look with each subscription.
    if (Number(probe) !== this.#probe) return;
    const seen = this.#seen.get(packet.topicName) ?? {};
    this.#seen.set(packet.topicName, seen);
    if (from === "other") seen.fromOther = packet;
    else seen.fromItself = packet;
  }

  #describeSeen({ fromOther, fromItself }: Seen): string {
    if (fromOther === undefined) return fromItself === undefined ? NO_SUBSCRIPTION : "No Other";
    return describe({
      qos: fromOther.qos,
      noLocal: fromItself === undefined,
      retainAsPublished: fromOther.retain,
      identifier: fromOther.properties.subscriptionIdentifiers?.[0] ?? 0,
    });
  }
}

function describe({ qos, noLocal, retainAsPublished, identifier }: Options): string {
  const flags = (noLocal ? ", No Local" : "") + (retainAsPublished ? ", Retain As Published" : "");
  return `QoS ${qos}${flags}, identifier ${identifier}`;
}
