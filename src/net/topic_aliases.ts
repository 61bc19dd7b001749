/**
 * Topic Aliases of one network connection, in both directions (MQTT 5 section 3.3.2.3.4).
 *
 * They begin and end with the connection [MQTT-3.3.2-7], so the broker never sees one: inbound
 * aliases are resolved before it gets the PUBLISH, outbound ones are given after it sent one.
 */

import type { PublishEnvelope, PublishFrame } from "../protocol/publish_frame.ts";
import { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";

/** What the client's aliases stand for. */
export class InboundTopicAliases {
  readonly #maximum: number;
  /** Topic Names as UTF-8, by alias. */
  readonly #names = new Map<number, Uint8Array>();

  /** `maximum` is the Topic Alias Maximum that CONNACK told the client. */
  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  /** Learns the alias of `frame`, or puts the name that it stands for in. */
  resolve(frame: PublishFrame, alias: number): void {
    if (alias < 1 || alias > this.#maximum) {
      throw new ProtocolError(
        ReasonCode.TopicAliasInvalid, // [MQTT-3.3.2-8] [MQTT-3.3.2-9]
        `Cannot accept Topic Alias ${alias}: allowed are 1 to ${this.#maximum}`,
      );
    }
    if (frame.topicEnd > frame.topicStart) {
      this.#names.set(alias, frame.topicBytes.slice(frame.topicStart, frame.topicEnd));
      return;
    }
    const name = this.#names.get(alias);
    if (name === undefined) {
      throw new ProtocolError(
        ReasonCode.ProtocolError,
        `Cannot accept Topic Alias ${alias}: no Topic Name was given for it`,
      );
    }
    frame.topicBytes = name;
    frame.topicStart = 0;
    frame.topicEnd = name.length;
  }
}

/** Names seen once are remembered for this many times the number of aliases. */
const SEEN_FACTOR = 8;

/** Aliases that we give: to topics that come a second time, as long as there are any left. */
export class OutboundTopicAliases {
  readonly #maximum: number;
  readonly #aliases = new Map<string, number>();
  #seen = new Set<string>();

  /** `maximum` is the Topic Alias Maximum of the client, at most what we want to remember. */
  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  /** Fills in the alias for `topicName`, when it has one or gets one now. */
  apply(topicName: string, envelope: PublishEnvelope): void {
    const known = this.#aliases.get(topicName);
    if (known !== undefined) {
      envelope.topicAlias = known;
      envelope.topicNameKnown = true;
    } else if (this.#aliases.size < this.#maximum) this.#consider(topicName, envelope);
  }

  #consider(topicName: string, envelope: PublishEnvelope): void {
    if (this.#seen.delete(topicName)) {
      envelope.topicAlias = this.#aliases.size + 1;
      this.#aliases.set(topicName, envelope.topicAlias);
      if (this.#aliases.size === this.#maximum) this.#seen = new Set();
      return;
    }
    if (this.#seen.size >= this.#maximum * SEEN_FACTOR) this.#seen.clear();
    this.#seen.add(topicName);
  }

  /** The PUBLISH that was to introduce the alias of `topicName` was not sent after all. */
  forget(topicName: string): void {
    const alias = this.#aliases.get(topicName);
    if (alias !== undefined && alias === this.#aliases.size) this.#aliases.delete(topicName);
  }
}
