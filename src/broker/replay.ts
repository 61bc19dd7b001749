/**
 * The retained messages that a new subscription is still to get (MQTT 5 section 3.3.1.3).
 *
 * Holds a place in the store and nothing of it: each message is looked up when its turn comes, so a
 * client that reads slowly costs the same whatever it has subscribed to, and gets the values of the
 * time when it reads. What is published meanwhile is delivered at once and may come again in its
 * turn. What the client may not receive by the rules of now is passed over. It looks for messages
 * only as long as there is something in the budget of all (`replay_budget.ts`).
 *
 * A session that is stored notes on the subscription that its replay is not finished
 * (`replayPending`), so that it is started again after a crash. Invariant: whenever SUBACK may be
 * promised, this note or the messages themselves are recorded.
 */

import type { QoS } from "../protocol/packet.ts";
import type { Clock, Message } from "./message.ts";
import type { ReplayBudget } from "./replay_budget.ts";
import type { RetainedMessages } from "./retained_messages.ts";
import type { Session } from "./session.ts";
import type { Subscription } from "./subscription.ts";

/** What a replay is made from: the broker. */
export interface ReplaySource extends Clock {
  readonly retained: RetainedMessages;
  readonly replayBudget: ReplayBudget;
}

/** The retained messages of a subscription, to be sent with RETAIN set [MQTT-3.3.1-9]. */
export function newReplay(source: ReplaySource, subscription: Subscription): Replay {
  return new Replay(subscription, source);
}

export class Replay {
  readonly subscription: Subscription;
  readonly subscriptionIdentifiers: readonly number[];
  readonly #walk: Iterator<Message | undefined>;
  readonly #source: ReplaySource;
  #next: Message | undefined;
  /** `peek` has found that there are no more messages. */
  hasEnded = false;

  constructor(subscription: Subscription, source: ReplaySource) {
    this.subscription = subscription;
    this.subscriptionIdentifiers = subscription.identifier > 0 ? [subscription.identifier] : [];
    this.#walk = source.retained.walk(subscription.topicFilter);
    this.#source = source;
  }

  /** The message whose turn it is; undefined at the end, or when the budget was used up before. */
  peek(): Message | undefined {
    const { replayBudget } = this.#source;
    if (this.#next !== undefined && this.#maySend(this.#next)) return this.#next;
    this.#next = undefined;
    while (!this.hasEnded && replayBudget.take()) {
      const { value, done } = this.#walk.next();
      if (done === true) this.hasEnded = true;
      else if (value !== undefined && this.#maySend(value)) {
        replayBudget.giveBack();
        return this.#next = value;
      }
    }
    return undefined;
  }

  #maySend(message: Message): boolean {
    return !message.hasExpired(this.#source) &&
      this.subscription.session.access.mayReceive(message.topic.name);
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
  readonly #session: Session;
  /** By Topic Filter. */
  readonly #replays = new Map<string, Replay>();

  constructor(session: Session) {
    this.#session = session;
  }

  has(topicFilter: string): boolean {
    return this.#replays.has(topicFilter);
  }

  /** In place of an earlier one of the same Topic Filter. */
  add(replay: Replay): void {
    const { topicFilter } = replay.subscription;
    this.#replays.delete(topicFilter);
    this.#replays.set(topicFilter, replay);
  }

  /** The subscription is gone or replaced. */
  remove(topicFilter: string): void {
    this.#replays.delete(topicFilter);
  }

  /**
   * The one whose turn it is, which has a message; undefined when all are at their end, or the
   * session has to wait until the budget is filled.
   */
  current(): Replay | undefined {
    const { replayBudget } = this.#session;
    if (this.#replays.size > 0) replayBudget.fill();
    for (const [topicFilter, replay] of this.#replays) {
      if (replay.peek() !== undefined) return replay;
      if (!replay.hasEnded) {
        replayBudget.wait(this.#session);
        return undefined;
      }
      this.#replays.delete(topicFilter);
      this.#note(replay, false);
    }
    return undefined;
  }

  /**
   * Notes it if `replay` is not finished, after as much of it was sent as could be. Within the call
   * that made the subscription: the note is part of the commit that covers it, and costs no write of
   * its own.
   */
  noteUnfinished(replay: Replay): void {
    if (this.#session.isDurable && !isFinished(replay)) this.#note(replay, true);
  }

  #note({ subscription }: Replay, isPending: boolean): void {
    const isCurrent = this.#session.subscriptions.get(subscription.topicFilter) === subscription;
    if (!isCurrent || subscription.replayPending === isPending) return;
    subscription.replayPending = isPending;
    this.#session.journal.saveSubscription(subscription);
  }
}

function isFinished(replay: Replay): boolean {
  return replay.peek() === undefined && replay.hasEnded;
}
