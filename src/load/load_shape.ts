/**
 * Who publishes what, and who receives it: publishers, subscribers, topics, and the streams between
 * them.
 *
 * Owns the numbering. A stream is what one publisher sends to one topic; its messages are counted
 * from 0. Invariant: the streams of a publisher follow one another, and so do those of a subscriber;
 * every topic name has the same length.
 */

export interface LoadShape {
  /** "all": every subscriber takes every topic. "pairs": each topic has its own subscriber. */
  readonly kind: "all" | "pairs";
  readonly publishers: number;
  readonly subscribers: number;
  /** How many topics the publishers send to in turn; fewer than publishers: they share them. */
  readonly topics: number;
}

/** Numbers from `first` to `first + count - 1`. */
export interface NumberRange {
  readonly first: number;
  readonly count: number;
}

export function streamCount({ publishers, topics }: LoadShape): number {
  return Math.max(publishers, topics);
}

/** How many subscribers receive a message. */
export function fanOut({ kind, subscribers, topics }: LoadShape): number {
  if (kind === "all") return subscribers;
  return subscribers === 0 ? 0 : Math.max(1, Math.floor(subscribers / topics));
}

export function streamsOfPublisher(shape: LoadShape, publisher: number): NumberRange {
  return share(publisher, shape.publishers, streamCount(shape));
}

export function streamsOfSubscriber(shape: LoadShape, subscriber: number): NumberRange {
  const count = streamCount(shape);
  if (shape.kind === "all") return { first: 0, count };
  const topics = topicsOfSubscriber(shape, subscriber);
  const first = share(topics.first, shape.topics, count).first;
  const last = share(topics.first + topics.count - 1, shape.topics, count);
  return { first, count: last.first + last.count - first };
}

export function topicOfStream(shape: LoadShape, stream: number): number {
  return Math.floor(stream * shape.topics / streamCount(shape));
}

/** The name of a topic: `prefix`, the number of the block of its subscriber, its own number. */
export function topicName(shape: LoadShape, prefix: string, topic: number): string {
  const { owner, digits } = ownerOfTopic(shape, topic);
  return `${prefix}/${owner}/${String(topic).padStart(digits, "0")}`;
}

/** The one Topic Filter that a subscriber needs. */
export function topicFilter(shape: LoadShape, prefix: string, subscriber: number): string {
  const topics = shape.kind === "all"
    ? { first: 0, count: shape.topics }
    : topicsOfSubscriber(shape, subscriber);
  if (topics.count === 1) return topicName(shape, prefix, topics.first);
  return `${prefix}/${shape.kind === "all" ? "+" : ownerOfTopic(shape, topics.first).owner}/+`;
}

/** Why there cannot be such a shape; undefined when there can. */
export function shapeProblem(shape: LoadShape): string | undefined {
  const { kind, subscribers, topics } = shape;
  if (kind !== "pairs" || subscribers <= topics || subscribers % topics === 0) return undefined;
  return `${subscribers} subscribers cannot share ${topics} topics evenly`;
}

function topicsOfSubscriber({ subscribers, topics }: LoadShape, subscriber: number): NumberRange {
  if (subscribers <= topics) return share(subscriber, subscribers, topics);
  return { first: Math.floor(subscriber * topics / subscribers), count: 1 };
}

function ownerOfTopic(shape: LoadShape, topic: number): { owner: string; digits: number } {
  const { kind, subscribers, topics } = shape;
  const digits = String(topics - 1).length;
  const hasBlocks = kind === "pairs" && subscribers > 0 && subscribers < topics;
  const owner = hasBlocks ? Math.floor(topic * subscribers / topics) : 0;
  return {
    owner: String(owner).padStart(String(Math.max(0, subscribers - 1)).length, "0"),
    digits,
  };
}

/** The part of `total` numbers that falls to number `index` of `sharers`. */
function share(index: number, sharers: number, total: number): NumberRange {
  const first = Math.ceil(index * total / sharers);
  return { first, count: Math.ceil((index + 1) * total / sharers) - first };
}
