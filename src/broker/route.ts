/**
 * Who gets the messages of one topic (MQTT 5 section 3.3.4 and 3.8.4): worked out once, cached on
 * the topic, thrown away when subscriptions change.
 *
 * Owns no state of its own: a route refers to sessions and shared groups. Invariants: a session is
 * in a route once, however many of its subscriptions match, with the highest QoS and all
 * Subscription Identifiers [MQTT-3.3.4-2] [MQTT-3.3.4-3]; who may not receive the topic is in none,
 * so that delivery need not ask.
 */

import type { ProtocolVersion, QoS } from "../protocol/packet.ts";
import type { Writer } from "../protocol/writer.ts";
import type { Session } from "./session.ts";
import type { SharedGroup, Subscription } from "./subscription.ts";
import type { SubscriptionTree } from "./subscription_tree.ts";

/** For subscriptions without a Subscription Identifier: one array for all of them. */
export const NO_IDENTIFIERS: readonly number[] = Object.freeze([]);

/** One session of a route, with what its matching subscriptions add up to. */
export class Recipient {
  readonly session: Session;
  /** The highest of the matching subscriptions. */
  readonly qos: QoS;
  readonly retainAsPublished: boolean;
  readonly subscriptionIdentifiers: readonly number[];
  /** What holds for messages of the session itself: without No Local ones [MQTT-3.8.3-3]. */
  whenPublisher: Recipient | undefined = undefined;

  constructor(subscriptions: readonly Subscription[]) {
    const identifiers = subscriptions.map(({ identifier }) => identifier).filter((id) => id > 0);
    this.session = (subscriptions[0] as Subscription).session;
    this.qos = Math.max(...subscriptions.map(({ qos }) => qos)) as QoS;
    this.retainAsPublished = subscriptions.some(({ retainAsPublished }) => retainAsPublished);
    this.subscriptionIdentifiers = identifiers.length > 0 ? identifiers : NO_IDENTIFIERS;
  }
}

/** Sessions that get the very same bytes at QoS 0: at least two, of one protocol version. */
export class SharedBytes {
  readonly sessions: readonly Session[];
  readonly version: ProtocolVersion;
  readonly retainAsPublished: boolean;
  /** The PUBLISH packets of the current batch that were not handed over yet. */
  writer: Writer | undefined = undefined;
  /** The next chunk is likely to be as large as the last one. */
  lastChunkBytes = 0;
  /** PUBLISH packets in `writer`. */
  count = 0;
  /** Those that get the messages of this chunk one by one, because QoS 0 has to wait for them. */
  waiting: ReadonlySet<Session> | undefined = undefined;

  constructor(recipients: readonly Recipient[]) {
    const first = recipients[0] as Recipient;
    this.sessions = recipients.map(({ session }) => session);
    this.version = encodedVersion(first.session);
    this.retainAsPublished = first.retainAsPublished;
  }
}

/** How the recipients of a route are served at one QoS of publishing. */
export interface Plan {
  readonly shared: readonly SharedBytes[];
  readonly individual: readonly Recipient[];
}

export class Route {
  readonly recipients: readonly Recipient[];
  readonly groups: readonly SharedGroup[];
  /** `SubscriptionTree.generation` when it was built. */
  readonly generation: number;
  #atQoS0: Plan | undefined;
  #aboveQoS0: Plan | undefined;

  constructor(
    recipients: readonly Recipient[],
    groups: readonly SharedGroup[],
    generation: number,
  ) {
    this.recipients = recipients;
    this.groups = groups;
    this.generation = generation;
  }

  get isEmpty(): boolean {
    return this.recipients.length === 0 && this.groups.length === 0;
  }

  /** The plan for messages published at `qos`. */
  plan(qos: QoS): Plan {
    if (qos === 0) return this.#atQoS0 ??= makePlan(this.recipients, () => true);
    return this.#aboveQoS0 ??= makePlan(this.recipients, (recipient) => recipient.qos === 0);
  }
}

/** Builds the route of `topicName` from the tree. */
export function buildRoute(tree: SubscriptionTree, topicName: string): Route {
  const matches = tree.match(topicName);
  const recipients = subscriptionsBySession(matches.subscriptions)
    .filter(([{ session }]) => session.access.mayReceive(topicName))
    .map(toRecipient);
  const groups = matches.groups.filter((group) => group.mayReceive(topicName));
  return new Route(recipients, groups, tree.generation);
}

/** The subscriptions of one session: at least one. */
type OfSession = [Subscription, ...Subscription[]];

function subscriptionsBySession(subscriptions: readonly Subscription[]): OfSession[] {
  const [only] = subscriptions;
  if (only !== undefined && subscriptions.length === 1) return [[only]];
  const bySession = new Map<Session, OfSession>();
  for (const subscription of subscriptions) {
    const own = bySession.get(subscription.session);
    if (own === undefined) bySession.set(subscription.session, [subscription]);
    else own.push(subscription);
  }
  return [...bySession.values()];
}

function toRecipient(subscriptions: OfSession): Recipient {
  const recipient = new Recipient(subscriptions);
  const others = subscriptions.filter(({ noLocal }) => !noLocal);
  if (others.length === subscriptions.length) recipient.whenPublisher = recipient;
  else if (others.length > 0) recipient.whenPublisher = new Recipient(others);
  return recipient;
}

/** Splits recipients into those that `mayShare` bytes with others and those served one by one. */
function makePlan(
  recipients: readonly Recipient[],
  mayShare: (recipient: Recipient) => boolean,
): Plan {
  const byBytes = new Map<string, Recipient[]>();
  const individual: Recipient[] = [];
  for (const recipient of recipients) {
    const { session, retainAsPublished } = recipient;
    const fits = mayShare(recipient) && session.link?.needsOwnEncoding === false &&
      recipient.whenPublisher === recipient && recipient.subscriptionIdentifiers.length === 0;
    const key = `${encodedVersion(session)} ${retainAsPublished}`;
    const others = byBytes.get(key);
    if (!fits) individual.push(recipient);
    else if (others !== undefined) others.push(recipient);
    else byBytes.set(key, [recipient]);
  }
  const shared: SharedBytes[] = [];
  for (const sharers of byBytes.values()) {
    if (sharers.length === 1) individual.push(...sharers);
    else shared.push(new SharedBytes(sharers));
  }
  return { shared, individual };
}

/** MQTT 3.1 and 3.1.1 have the same PUBLISH. */
function encodedVersion(session: Session): ProtocolVersion {
  return session.protocolVersion === 5 ? 5 : 4;
}
