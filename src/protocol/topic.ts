/**
 * Topic Names and Topic Filters (MQTT 5 sections 4.7 and 4.8.2): validation, shared subscriptions
 * and the reference matcher.
 *
 * Owns no subscriptions: `broker/subscription_tree.ts` does, and must agree with `topicMatches`,
 * which is written to be read, not to be fast. Texts are compared code point by code point and
 * never normalised [MQTT-4.7.3-4].
 */

import { ProtocolError, ReasonCode } from "./reason_code.ts";

const SHARED_PREFIX = "$share/";
const LARGEST_TOPIC_BYTES = 65_535;

/** A shared subscription's Topic Filter in its two parts. */
export interface SharedFilter {
  shareName: string;
  /** The Topic Filter that Topic Names are matched against. */
  topicFilter: string;
}

/** Says in words what is wrong with a Topic Name; `undefined` when nothing is. */
export function topicNameFault(topicName: string): string | undefined {
  if (topicName.includes("+") || topicName.includes("#")) {
    return "contains a wildcard"; // [MQTT-4.7.0-1] [MQTT-3.3.2-2]
  }
  return textFault(topicName);
}

/**
 * Says in words what is wrong with a Topic Filter, `$share/name/filter` included; `undefined` when
 * nothing is.
 */
export function topicFilterFault(topicFilter: string): string | undefined {
  const fault = textFault(topicFilter);
  if (fault !== undefined) return fault;
  if (!topicFilter.startsWith(SHARED_PREFIX)) return wildcardFault(topicFilter);
  const nameEnd = topicFilter.indexOf("/", SHARED_PREFIX.length);
  const shareName = topicFilter.slice(SHARED_PREFIX.length, nameEnd < 0 ? undefined : nameEnd);
  if (shareName === "") return "the share name is empty"; // [MQTT-4.8.2-1]
  if (/[+#]/.test(shareName)) return "the share name contains a wildcard"; // [MQTT-4.8.2-2]
  if (nameEnd < 0 || nameEnd + 1 === topicFilter.length) {
    return "no Topic Filter follows the share name"; // [MQTT-4.8.2-2]
  }
  return wildcardFault(topicFilter.slice(nameEnd + 1));
}

/** Throws `ProtocolError` 0x90 when `topicName` is not valid; `field` names it in the message. */
export function checkTopicName(topicName: string, field = "Topic Name"): void {
  const fault = topicNameFault(topicName);
  if (fault !== undefined) {
    throw new ProtocolError(ReasonCode.TopicNameInvalid, `Cannot accept ${field}: ${fault}`);
  }
}

/** Throws `ProtocolError` 0x8F when `topicFilter` is not valid. */
export function checkTopicFilter(topicFilter: string): void {
  const fault = topicFilterFault(topicFilter);
  if (fault !== undefined) {
    throw new ProtocolError(ReasonCode.TopicFilterInvalid, `Cannot accept Topic Filter: ${fault}`);
  }
}

/** True for what claims to be a shared subscription, well formed or not. */
export function isSharedFilter(topicFilter: string): boolean {
  return topicFilter.startsWith(SHARED_PREFIX);
}

/**
 * Splits `$share/name/filter`. `undefined` for any other Topic Filter, and for one that starts with
 * `$share/` but is not valid: ask `topicFilterFault` first.
 */
export function parseSharedFilter(topicFilter: string): SharedFilter | undefined {
  if (!isSharedFilter(topicFilter) || topicFilterFault(topicFilter) !== undefined) {
    return undefined;
  }
  const nameEnd = topicFilter.indexOf("/", SHARED_PREFIX.length);
  return {
    shareName: topicFilter.slice(SHARED_PREFIX.length, nameEnd),
    topicFilter: topicFilter.slice(nameEnd + 1),
  };
}

/** How many levels a Topic Name or Topic Filter has: one more than it has separators. */
export function topicLevels(topic: string): number {
  let levels = 1;
  for (let at = topic.indexOf("/"); at >= 0; at = topic.indexOf("/", at + 1)) levels++;
  return levels;
}

/**
 * True when `topicName` matches `topicFilter` (section 4.7.1). Both must be valid; of a shared
 * subscription pass the `topicFilter` part.
 */
export function topicMatches(topicFilter: string, topicName: string): boolean {
  const filterLevels = topicFilter.split("/");
  const nameLevels = topicName.split("/");
  if (topicName.startsWith("$") && (filterLevels[0] === "#" || filterLevels[0] === "+")) {
    return false; // [MQTT-4.7.2-1]
  }
  for (const [index, level] of filterLevels.entries()) {
    // "#" stands for the parent level too: "sport/#" matches "sport" (section 4.7.1.2).
    if (level === "#") return true;
    if (index >= nameLevels.length) return false;
    if (level !== "+" && level !== nameLevels[index]) return false;
  }
  return filterLevels.length === nameLevels.length;
}

/** What Topic Names and Topic Filters have in common (section 4.7.3). */
function textFault(text: string): string | undefined {
  if (text === "") return "it is empty"; // [MQTT-4.7.3-1]
  if (text.includes("\0")) return "contains U+0000"; // [MQTT-4.7.3-2]
  // One UTF-16 code unit becomes three bytes at most, so short texts need no encoding.
  if (text.length * 3 > LARGEST_TOPIC_BYTES) {
    const length = new TextEncoder().encode(text).length;
    if (length > LARGEST_TOPIC_BYTES) return `${length} bytes, at most 65,535 are allowed`; // [MQTT-4.7.3-3]
  }
  return undefined;
}

function wildcardFault(topicFilter: string): string | undefined {
  if (!/[+#]/.test(topicFilter)) return undefined;
  const levels = topicFilter.split("/");
  for (const [index, level] of levels.entries()) {
    if (level.length > 1 && level.includes("+")) {
      return '"+" does not stand alone in its level'; // [MQTT-4.7.1-2]
    }
    if (level.length > 1 && level.includes("#")) {
      return '"#" does not stand alone in its level'; // [MQTT-4.7.1-1]
    }
    if (level === "#" && index !== levels.length - 1) {
      return '"#" is not the last level'; // [MQTT-4.7.1-1]
    }
  }
  return undefined;
}
