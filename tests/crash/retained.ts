/**
 * Retained messages that are set and cleared, and what the broker may hold of each.
 *
 * Owns one set of possibilities for each topic. What is there is read by a new client, so that it is
 * the store and not a session that answers.
 */

import type { PublishPacket } from "../../src/protocol/packet.ts";
import { asText } from "../support/packet_text.ts";
import type { Random } from "../simulation/random.ts";
import type { Findings } from "./findings.ts";
import type { Ground } from "./ground.ts";
import { type ChangeNumber, Possibilities } from "./possibilities.ts";
import type { Publication } from "./publisher.ts";
import { Subscriber } from "./subscriber.ts";

const TOPICS_OF_A_WRITER = 8;
/** How often a retained message is cleared instead of replaced. */
const CLEARING = 0.3;
/** What stands for "no retained message". */
const NONE = "";
const TOPICS = "crash/retained";

export class Retained {
  readonly #ground: Ground;
  readonly #findings: Findings;
  readonly #topics = new Map<string, Possibilities<string>>();
  #lastValue = 0;

  constructor(ground: Ground, findings: Findings) {
    this.#ground = ground;
    this.#findings = findings;
  }

  /** The next change of one of the topics that `writer` alone writes to. */
  next(writer: string, qos: 1 | 2, random: Random): Publication {
    const topicName = `${TOPICS}/${writer}/${random.below(TOPICS_OF_A_WRITER)}`;
    const topic = this.#topicOf(topicName);
    const payload = random.chance(CLEARING) ? NONE : `value ${++this.#lastValue}`;
    // Sent once more, it may be done once more, after those that were sent between.
    let change: ChangeNumber = 0;
    return {
      topicName,
      payload,
      qos,
      retain: true,
      properties: {},
      sent: () => change = topic.apply(() => payload),
      acknowledged: () => {
        topic.acknowledge(change);
        this.#findings.checked.messages++;
      },
    };
  }

  /** Reads every retained message and compares it with what is possible. */
  async check(when: string): Promise<void> {
    const stored = await this.#read();
    for (const topicName of new Set([...this.#topics.keys(), ...stored.keys()])) {
      const value = stored.get(topicName) ?? NONE;
      const topic = this.#topicOf(topicName);
      const possible = new Set(topic.states);
      this.#findings.checked.retained++;
      if (topic.observe((state) => state === value, value)) continue;
      const sentence = `${topicName} has '${value}' ${when}, not one of ` +
        [...possible].map((state) => `'${state}'`).join(", ");
      this.#findings.add("retained message not as acknowledged", sentence);
    }
  }

  #topicOf(topicName: string): Possibilities<string> {
    let topic = this.#topics.get(topicName);
    if (topic === undefined) this.#topics.set(topicName, topic = new Possibilities(NONE));
    return topic;
  }

  async #read(): Promise<Map<string, string>> {
    const stored = new Map<string, string>();
    const reader = new Subscriber(this.#ground, this.#findings, {
      clientIdentifier: "retained-reader",
      version: 5,
      topicFilters: [],
      qos: 1,
      deliver: ({ topicName, payload }: PublishPacket) => stored.set(topicName, asText(payload)),
    });
    try {
      await reader.connect({ cleanStart: true, isDurable: false });
      await reader.subscribe({ topicFilter: `${TOPICS}/#`, qos: 1 });
      await reader.quiet();
      return stored;
    } finally {
      await reader.leave("DISCONNECT");
    }
  }
}
