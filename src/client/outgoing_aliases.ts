/**
 * Topic Aliases that a client's messages carry, on their way out (MQTT 5 section 3.3.2.3.4).
 *
 * Owns what they stand for on one connection; giving them is for whoever publishes.
 */

import { ReasonCode } from "../protocol/reason_code.ts";
import type { OutgoingMessage } from "./client_types.ts";
import { SendError } from "./send_error.ts";

export class OutgoingTopicAliases {
  readonly #maximum: number;
  readonly #names = new Map<number, string>();

  /** `maximum`: Topic Alias Maximum of the server. */
  constructor(maximum: number) {
    this.#maximum = maximum;
  }

  /** The Topic Name that the server will see. Throws a `SendError`. */
  resolve({ topicName, properties }: OutgoingMessage): string {
    const alias = properties.topicAlias;
    if (alias === undefined) return topicName;
    if (alias > this.#maximum) { // [MQTT-3.2.2-17] [MQTT-3.2.2-18]
      const allowed = this.#maximum === 0 ? "none" : `1 to ${this.#maximum}`;
      throw new SendError(
        ReasonCode.TopicAliasInvalid,
        `Cannot publish to '${topicName}': Topic Alias ${alias}, the server takes ${allowed}`,
      );
    }
    if (topicName !== "") {
      this.#names.set(alias, topicName);
      return topicName;
    }
    const name = this.#names.get(alias);
    if (name !== undefined) return name;
    throw new SendError(
      ReasonCode.TopicAliasInvalid,
      `Cannot publish with Topic Alias ${alias}: it stands for no topic on this connection`,
    );
  }
}
