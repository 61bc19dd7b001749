/**
 * Everybody who takes part in the crash test: who publishes, who receives, and in which version.
 *
 * Owns the clients and the models of what they may find. When each does what is up to `rounds.ts`.
 */

import type { PublishPacket, QoS } from "../../src/protocol/packet.ts";
import { Churn } from "./churn.ts";
import { Findings } from "./findings.ts";
import { Flow, type Recipient } from "./flow.ts";
import { Ground } from "./ground.ts";
import type { Peer } from "./peer.ts";
import { Publisher } from "./publisher.ts";
import { Retained } from "./retained.ts";
import { Subscriber } from "./subscriber.ts";
import { Visitor } from "./visitor.ts";

/** What a subscriber does while messages are published. */
export type Habit = "stays" | "comes and goes" | "stays away";

interface SubscriberRole {
  readonly name: string;
  readonly version: 4 | 5;
  readonly qos: QoS;
  readonly habit: Habit;
  /** A member of the shared subscription. */
  readonly isMember?: boolean;
}

const SUBSCRIBERS: readonly SubscriberRole[] = [
  { name: "listener", version: 5, qos: 2, habit: "stays" },
  { name: "listener-3.1.1", version: 4, qos: 2, habit: "stays" },
  { name: "commuter", version: 5, qos: 2, habit: "comes and goes" },
  { name: "commuter-3.1.1", version: 4, qos: 1, habit: "comes and goes" },
  { name: "sleeper", version: 5, qos: 2, habit: "stays away" },
  { name: "sleeper-3.1.1", version: 4, qos: 2, habit: "stays away" },
  { name: "member", version: 5, qos: 2, habit: "stays", isMember: true },
  { name: "commuting-member", version: 5, qos: 2, habit: "comes and goes", isMember: true },
];

interface PublisherRole {
  readonly name: string;
  readonly version: 4 | 5;
  readonly qos: 1 | 2;
}

const PUBLISHERS: readonly PublisherRole[] = [
  { name: "meter", version: 5, qos: 1 },
  { name: "meter-3.1.1", version: 4, qos: 1 },
  { name: "cashier", version: 5, qos: 2 },
  { name: "cashier-3.1.1", version: 4, qos: 2 },
];

const RETAINED_WRITERS: readonly PublisherRole[] = [
  { name: "writer", version: 5, qos: 1 },
  { name: "writer-3.1.1", version: 4, qos: 2 },
];

const FLOW_TOPICS = "crash/flow";
const SHARED_FLOW = `$share/team/${FLOW_TOPICS}/#`;

/** One that publishes, and how. */
export interface PublisherWithRole extends PublisherRole {
  readonly client: Publisher;
  /** Messages of each topic keep their order. */
  readonly topics: readonly string[];
}

export interface SubscriberWithHabit {
  readonly client: Subscriber;
  readonly habit: Habit;
}

export class Cast {
  readonly ground = new Ground();
  readonly findings = new Findings();
  readonly flow: Flow;
  readonly retained = new Retained(this.ground, this.findings);
  readonly publishers: readonly PublisherWithRole[];
  readonly retainedWriters: readonly PublisherWithRole[];
  readonly subscribers: readonly SubscriberWithHabit[];
  readonly churns: readonly Churn[];
  readonly visitors: readonly Visitor[];
  /** Gets the Wills of all visitors; away while messages are published. */
  readonly willWatcher: Subscriber;
  /** Tells by its messages which subscriptions there are. */
  readonly prober: Publisher;

  constructor() {
    const { ground, findings } = this;
    const team: Recipient = { name: "the shared subscription", qos: 2, isShared: true };
    const recipients = SUBSCRIBERS.map((role) =>
      role.isMember ? team : { name: role.name, qos: role.qos, isShared: false }
    );
    this.flow = new Flow(findings, [...new Set(recipients)]);
    this.subscribers = SUBSCRIBERS.map((role, index) => ({
      habit: role.habit,
      client: this.#subscriber(role, recipients[index] as Recipient),
    }));
    this.publishers = PUBLISHERS.map((role) => this.#publisher(role));
    this.retainedWriters = RETAINED_WRITERS.map((role) => this.#publisher(role));
    this.churns = [
      new Churn(ground, findings, "changer", 5),
      new Churn(ground, findings, "changer-3.1.1", 4),
    ];
    this.visitors = ["visitor-1", "visitor-2", "visitor-3", "visitor-4"].map((name) =>
      new Visitor(ground, findings, name)
    );
    this.willWatcher = new Subscriber(ground, findings, {
      clientIdentifier: "", // It lives with the one that the broker assigns.
      version: 5,
      topicFilters: this.visitors.map(({ willTopic }) => willTopic),
      qos: 2,
      deliver: (packet) => this.#deliverWill(packet),
    });
    this.prober = new Publisher(ground, findings, { clientIdentifier: "prober", version: 5 });
  }

  /** Everybody who receives and has a session. */
  get receivers(): Subscriber[] {
    return [
      ...this.subscribers.map(({ client }) => client),
      ...this.churns.map(({ client }) => client),
      this.willWatcher,
    ];
  }

  /** Everybody who publishes and has a session. */
  get senders(): Publisher[] {
    return [...this.publishers, ...this.retainedWriters].map(({ client }) => client);
  }

  get everybody(): Peer[] {
    const visitors = this.visitors.map(({ client }) => client);
    return [...this.receivers, ...this.senders, ...visitors, this.prober];
  }

  #subscriber({ name, version, qos, isMember }: SubscriberRole, recipient: Recipient): Subscriber {
    return new Subscriber(this.ground, this.findings, {
      clientIdentifier: name,
      version,
      topicFilters: [isMember ? SHARED_FLOW : `${FLOW_TOPICS}/#`],
      qos,
      deliver: (packet) => this.flow.delivered(recipient, packet, version === 5),
    });
  }

  #publisher(role: PublisherRole): PublisherWithRole {
    const { name, version } = role;
    const client = new Publisher(this.ground, this.findings, { clientIdentifier: name, version });
    const topics = ["a", "b"].map((letter) => `${FLOW_TOPICS}/${name}/${letter}`);
    return { ...role, client, topics };
  }

  #deliverWill(packet: PublishPacket): void {
    this.visitors.find(({ willTopic }) => willTopic === packet.topicName)?.delivered(packet);
  }
}
