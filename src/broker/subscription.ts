/**
 * One subscription of one session (MQTT 5 section 3.8.3.1 and 4.8.2), and shared groups.
 *
 * A `Subscription` belongs to its session; the subscription tree and shared groups only refer to
 * it. Replaced whole when the client subscribes to the same Topic Filter again.
 */

import type { QoS } from "../protocol/packet.ts";
import type { Session } from "./session.ts";

export interface Subscription {
  readonly session: Session;
  /** As the client sent it, `$share/NAME/` included. */
  readonly topicFilter: string;
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  /** 0: none. */
  readonly identifier: number;
  /** The Share Name, undefined for a subscription of its own. */
  readonly shareName: string | undefined;
  /**
   * Of a session that is stored: not all retained messages that it is to get are on their way yet,
   * so that the replay has to be started again after a crash. Written by `ReplayList` alone.
   */
  replayPending: boolean;
}

/** The members that share one `$share/NAME/FILTER`; each message goes to one of them. */
export class SharedGroup {
  readonly shareName: string;
  /** What follows `$share/NAME/`. */
  readonly topicFilter: string;
  #members: Subscription[] = [];
  #turn = 0;

  constructor(shareName: string, topicFilter: string) {
    this.shareName = shareName;
    this.topicFilter = topicFilter;
  }

  get size(): number {
    return this.#members.length;
  }

  /** Some member may receive messages of this topic. */
  mayReceive(topicName: string): boolean {
    return this.#members.some(({ session }) => session.access.mayReceive(topicName));
  }

  /** A message of QoS 1 or 2 may come to wait for a session that is stored. */
  hasDurable(topicName: string): boolean {
    return this.#members.some(({ session, qos }) =>
      qos > 0 && session.isDurable && session.access.mayReceive(topicName)
    );
  }

  add(subscription: Subscription): void {
    this.#members.push(subscription);
  }

  /** False when it is no member. */
  remove(subscription: Subscription): boolean {
    const index = this.#members.indexOf(subscription);
    if (index < 0) return false;
    this.#members.splice(index, 1);
    return true;
  }

  /**
   * The member whose turn it is, of those that may receive messages of this topic: one that is
   * online and keeps up where there is one, else any that is online, else any whose session waits
   * for its client.
   */
  next(topicName: string): Subscription | undefined {
    const count = this.#members.length;
    let online: Subscription | undefined;
    let offline: Subscription | undefined;
    for (let step = 0; step < count; step++) {
      const index = (this.#turn + step) % count;
      const member = this.#members[index] as Subscription;
      if (!member.session.access.mayReceive(topicName)) continue;
      if (member.session.isKeepingUp) {
        this.#turn = index + 1;
        return member;
      }
      if (member.session.isOnline) online ??= member;
      else offline ??= member;
    }
    this.#turn++;
    return online ?? offline;
  }
}
