/**
 * Passes on what clients have sent with QoS 2 and not released.
 *
 * Mosquitto passes such a message on when its client releases it; our broker when it comes, and keeps
 * its Packet Identifier only. So the import does what our broker would have done: everybody who
 * subscribed gets it, once, and the client's PUBREL is answered. Owns who that is. Without it a
 * message would be lost whose client has PUBREC already.
 */

import { SharedGroup } from "../../broker/subscription.ts";
import type { QoS } from "../../protocol/packet.ts";
import { topicMatches } from "../../protocol/topic.ts";
import type { StoredSubscription } from "../../storage/contents.ts";
import type { DatabaseFile } from "./database_file.ts";
import type { DatabaseIndex, InboundMessage, IndexedSession } from "./database_index.ts";
import type { PersistedMessage } from "./records.ts";

/** One session that gets one of the messages. */
export interface Delivery {
  readonly session: IndexedSession;
  /** In the table. */
  readonly message: number;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly subscriptionIdentifiers: readonly number[];
  readonly group: SharedGroup | undefined;
}

export interface InboundDeliveries {
  readonly deliveries: readonly Delivery[];
  /** By Topic Name, the message that is retained from now on; undefined: none. */
  readonly retained: ReadonlyMap<string, number | undefined>;
}

/** Works out who gets what; a message that has expired, nobody. */
export function deliverInbound(file: DatabaseFile, index: DatabaseIndex): InboundDeliveries {
  const { inbound, messages } = index;
  const deliveries: Delivery[] = [];
  const retained = new Map<string, number | undefined>();
  if (inbound.length === 0) return { deliveries, retained };
  const groups = new Groups();
  for (const each of inbound) {
    if (messages.isExpired(each.message)) continue;
    const content = file.messageAt(messages.startOf(each.message));
    if (content.retain) {
      retained.set(content.topicName, content.payload.length > 0 ? each.message : undefined);
    }
    deliveries.push(...deliveriesOf(each, content, index, groups));
  }
  return { deliveries, retained };
}

function deliveriesOf(
  { session: publisher, message }: InboundMessage,
  content: PersistedMessage,
  { sessions }: DatabaseIndex,
  groups: Groups,
): Delivery[] {
  const { topicName, retain } = content;
  const deliveries: Delivery[] = [];
  groups.begin();
  for (const session of sessions.values()) {
    if (session === undefined) continue;
    const own: StoredSubscription[] = [];
    for (const subscription of session.subscriptions) {
      const { shareName, noLocal } = subscription;
      if (shareName !== undefined) groups.add(session, subscription, shareName, topicName);
      else if (noLocal && session === publisher) continue; // [MQTT-3.8.3-3]
      else if (topicMatches(subscription.topicFilter, topicName)) own.push(subscription);
    }
    if (own.length > 0) deliveries.push(delivery(session, message, retain, own));
  }
  for (const { session, subscription, group } of groups.picked()) {
    deliveries.push(delivery(session, message, retain, [subscription], group));
  }
  // To a client that is away, what has QoS 0 does not come.
  return deliveries.filter(({ qos }) => qos > 0);
}

/** One copy for all subscriptions of a session, at the highest QoS of them [MQTT-3.3.5-1]. */
function delivery(
  session: IndexedSession,
  message: number,
  retain: boolean,
  subscriptions: readonly StoredSubscription[],
  group?: SharedGroup,
): Delivery {
  return {
    session,
    message,
    qos: Math.max(...subscriptions.map(({ qos }) => qos)) as QoS,
    retain: retain && subscriptions.some(({ retainAsPublished }) => retainAsPublished),
    subscriptionIdentifiers: subscriptions.map(({ identifier }) => identifier)
      .filter((identifier) => identifier > 0),
    group,
  };
}

interface Member {
  readonly session: IndexedSession;
  readonly subscription: StoredSubscription;
  readonly group: SharedGroup;
}

/** Shared subscriptions: one member of each gets a message, in turn [MQTT-4.8.2-4]. */
class Groups {
  readonly #members = new Map<string, Member[]>();
  readonly #turns = new Map<string, number>();

  begin(): void {
    this.#members.clear();
  }

  add(
    session: IndexedSession,
    subscription: StoredSubscription,
    shareName: string,
    topicName: string,
  ): void {
    const key = subscription.topicFilter;
    const topicFilter = key.slice("$share/".length + shareName.length + 1);
    if (!topicMatches(topicFilter, topicName)) return;
    const members = this.#members.get(key) ?? [];
    members.push({ session, subscription, group: new SharedGroup(shareName, topicFilter) });
    this.#members.set(key, members);
  }

  *picked(): Generator<Member> {
    for (const [key, members] of this.#members) {
      const turn = this.#turns.get(key) ?? 0;
      this.#turns.set(key, turn + 1);
      yield members[turn % members.length] as Member;
    }
  }
}
