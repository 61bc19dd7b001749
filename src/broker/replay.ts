/**
 * The retained messages that a new subscription is still to get (MQTT 5 section 3.3.1.3).
 *
 * Holds a place in the store and nothing of it: each message is looked up when its turn comes, so a
 * client that reads slowly costs the same whatever it has subscribed to, and gets the values of the
 * time when it reads. What is published meanwhile is delivered at once and may come again in its
 * turn.
 */

import type { QoS } from "../protocol/packet.ts";
import type { Clock, Message } from "./message.ts";
import type { Subscription } from "./subscription.ts";

export class Replay {
  readonly subscription: Subscription;
  readonly subscriptionIdentifiers: readonly number[];
  readonly #messages: Iterator<Message>;
  readonly #clock: Clock;
  #next: Message | undefined;

  constructor(subscription: Subscription, messages: Iterator<Message>, clock: Clock) {
    this.subscription = subscription;
    this.subscriptionIdentifiers = subscription.identifier > 0 ? [subscription.identifier] : [];
    this.#messages = messages;
    this.#clock = clock;
  }

  /** The message whose turn it is; undefined at the end. */
  peek(): Message | undefined {
    while (this.#next === undefined || this.#next.hasExpired(this.#clock)) {
      const { value, done } = this.#messages.next();
      if (done === true) return this.#next = undefined;
      this.#next = value;
    }
    return this.#next;
  }

  /** Goes on to the next message. */
  advance(): void {
    this.#next = undefined;
  }

  /** At which QoS this subscription gets `message`. */
  qosOf(message: Message): QoS {
    return Math.min(message.qos, this.subscription.qos) as QoS;
  }
}

/** The replays of one session, in the order in which its subscriptions were made. */
export class ReplayList {
  #replays: Replay[] = [];

  /** In place of an earlier one of the same Topic Filter. */
  add(replay: Replay): void {
    this.remove(replay.subscription.topicFilter);
    this.#replays.push(replay);
  }

  /** The subscription is gone or replaced. */
  remove(topicFilter: string): void {
    this.#replays = this.#replays.filter(({ subscription }) =>
      subscription.topicFilter !== topicFilter
    );
  }

  /** The one whose turn it is, which has a message; undefined when all are at their end. */
  current(): Replay | undefined {
    while (this.#replays[0] !== undefined && this.#replays[0].peek() === undefined) {
      this.#replays.shift();
    }
    return this.#replays[0];
  }
}
