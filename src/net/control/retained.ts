/**
 * `retained` and `clear-retained`: what is retained, by Topic Filter and age.
 *
 * Owns the way through the tree, in pieces, while it changes: what is set or deleted meanwhile is seen
 * or not seen. Clearing is publishing an empty message, as a client would do it: subscribers hear of
 * it. `$SYS` messages are the broker's own and cannot be cleared.
 */

import { Message, UNKNOWN_SECONDS } from "../../broker/message.ts";
import type { AnswerStream } from "../../control/answer_stream.ts";
import type { RetainedItem, RetainedSummary } from "../../control/items.ts";
import type { ControlReply } from "../../control/protocol.ts";
import { getLogger } from "../../log/logger.ts";
import { topicFilterFault } from "../../protocol/topic.ts";
import type { Server } from "../server.ts";
import type { RequestArguments } from "./request_arguments.ts";
import { WallClock } from "./wall_clock.ts";

const NO_PAYLOAD = new Uint8Array(0);
const CANNOT_STORE = "the broker's disk takes nothing now ('broker status' says why)";

interface Wanted {
  readonly filter: string;
  /** Undefined: of any age, known or not. */
  readonly olderThanSeconds: number | undefined;
}

/** Shows them. */
export async function listRetained(
  server: Server,
  given: RequestArguments,
  stream: AnswerStream,
): Promise<ControlReply> {
  const wanted = wantedOf(given);
  given.end();
  await new RetainedWalk(server, stream, wanted).run(() => {});
  return { ok: true, lines: [] };
}

/** Removes them, for good: it is on the disk when that is answered. */
export async function clearRetained(
  server: Server,
  given: RequestArguments,
  stream: AnswerStream,
): Promise<ControlReply> {
  const wanted = wantedOf(given);
  given.end();
  if (wanted.filter.startsWith("$SYS/") || wanted.filter === "$SYS") {
    throw new Error("Cannot clear $SYS topics: they are the broker's own");
  }
  const walk = new RetainedWalk(server, stream, wanted);
  try {
    await walk.run((message) => {
      if (!server.broker.journal.isWritable) throw cannotClear(walk.count);
      return clear(server, message);
    });
  } finally {
    // Also when it breaks off half-way: whoever asked may be gone.
    getLogger("server").info(
      "Cleared {count} retained message(s) of '{filter}' ('broker retained clear')",
      { count: walk.count, filter: wanted.filter },
    );
  }
  if (await server.commits.durable()) return { ok: true, lines: [] };
  return { ok: false, lines: [`Cleared, but not for good: ${CANNOT_STORE}`] };
}

/** With the QoS of the message that it ends, so that it gets to whoever was to get that one. */
async function clear(server: Server, { topic, qos }: Message): Promise<void> {
  server.broker.publishMessage(new Message(topic, NO_PAYLOAD, qos, true), undefined);
  server.broker.settle();
  if (server.flushSoon()) await server.relief();
}

/** `count`: of those that were cleared before. */
function cannotClear(count: number): Error {
  const what = count === 0 ? "Cannot clear" : `Cleared ${count}, and cannot clear the others`;
  return new Error(`${what}: ${CANNOT_STORE}`);
}

/** Throws an `Error` for what is no Topic Filter. */
function wantedOf(given: RequestArguments): Wanted {
  const filter = given.text("filter") ?? "#";
  const fault = filter.startsWith("$share/")
    ? "shared subscriptions get no retained messages"
    : topicFilterFault(filter);
  if (fault !== undefined) throw new Error(`Cannot use the Topic Filter '${filter}': ${fault}`);
  return { filter, olderThanSeconds: given.number("olderThanSeconds") };
}

class RetainedWalk {
  readonly #server: Server;
  readonly #stream: AnswerStream;
  readonly #wanted: Wanted;
  readonly #clock: WallClock;
  readonly #nowSeconds: number;
  #count = 0;
  #payloadBytes = 0;
  #unknownAge = 0;

  constructor(server: Server, stream: AnswerStream, wanted: Wanted) {
    this.#server = server;
    this.#stream = stream;
    this.#wanted = wanted;
    this.#clock = new WallClock(server.nowMs(), Date.now());
    this.#nowSeconds = server.nowMs() / 1000;
  }

  /** Those that were visited so far. */
  get count(): number {
    return this.#count;
  }

  /** Calls `visit` with each that is wanted and puts it, and at the end the summary. */
  async run(visit: (message: Message) => Promise<void> | void): Promise<void> {
    for (const message of this.#server.broker.retained.walk(this.#wanted.filter)) {
      if (message === undefined || !this.#isWanted(message)) {
        await this.#stream.rest();
        continue;
      }
      const item = this.#item(message);
      await visit(message);
      this.#count++;
      this.#payloadBytes += item.payloadBytes;
      await this.#stream.put(item);
    }
    const [count, payloadBytes, unknownAge] = [this.#count, this.#payloadBytes, this.#unknownAge];
    await this.#stream.put({ count, payloadBytes, unknownAge } satisfies RetainedSummary);
  }

  #isWanted(message: Message): boolean {
    if (message.hasExpired(this.#server.broker)) return false;
    const { olderThanSeconds } = this.#wanted;
    if (olderThanSeconds === undefined) return true;
    const ageSeconds = this.#ageOf(message);
    if (ageSeconds === null) this.#unknownAge++;
    return ageSeconds !== null && ageSeconds >= olderThanSeconds;
  }

  #ageOf({ retainedAtSeconds }: Message): number | null {
    if (retainedAtSeconds === UNKNOWN_SECONDS) return null;
    return Math.max(0, Math.floor(this.#nowSeconds - retainedAtSeconds));
  }

  #item(message: Message): RetainedItem {
    const { retainedAtSeconds } = message;
    const isKnown = retainedAtSeconds !== UNKNOWN_SECONDS;
    return {
      topicName: message.topic.name,
      qos: message.qos,
      payloadBytes: message.payloadLength,
      retainedAt: isKnown ? this.#clock.iso(retainedAtSeconds * 1000) : null,
      ageSeconds: this.#ageOf(message),
      publisher: message.publisher ?? null,
      expiresAt: this.#clock.iso(message.expiresAtMs),
    };
  }
}
