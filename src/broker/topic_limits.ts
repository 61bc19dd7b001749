/**
 * How long a Topic Name or Topic Filter may be, and how many levels it may have.
 *
 * Owns the wording of what is over a limit; where the limits hold is up to the callers.
 */

import { ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import { topicLevels } from "../protocol/topic.ts";

export interface TopicLimits {
  /** Bytes of a Topic Name or Topic Filter as UTF-8. */
  readonly maximumTopicLength: number;
  /** Levels of a Topic Name or Topic Filter: one more than its slashes. */
  readonly maximumTopicLevels: number;
}

/** Throws `ProtocolError` 0x90 when a Topic Name of `length` bytes is over one of the limits. */
export function checkTopicSize(name: string, length: number, limits: TopicLimits): void {
  const fault = topicSizeFault(name, length, limits);
  if (fault !== undefined) {
    throw new ProtocolError(ReasonCode.TopicNameInvalid, `Cannot accept Topic Name: ${fault}`);
  }
}

/** Says in words which limit a text of `length` bytes is over; undefined when none. */
export function topicSizeFault(
  text: string,
  length: number,
  limits: TopicLimits,
): string | undefined {
  if (length > limits.maximumTopicLength) {
    return `${length} bytes, the limit is ${limits.maximumTopicLength}`;
  }
  const levels = topicLevels(text);
  if (levels <= limits.maximumTopicLevels) return undefined;
  return `${levels} levels, the limit is ${limits.maximumTopicLevels}`;
}
