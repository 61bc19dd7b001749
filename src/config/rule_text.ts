/**
 * One line of a role, "publish sensors/%u/#".
 *
 * Owns how it is written. What it means is up to `access/rule.ts`; whether it allows or denies is
 * said by the list it stands in.
 */

import { type RuleAction, ruleFilterFault } from "../access/rule.ts";
import { nearest } from "./nearest.ts";

/** A rule without its effect. */
export interface RuleText {
  readonly action: RuleAction;
  /** As it was written, with `%u` and `%c`. */
  readonly topicFilter: string;
}

const ACTIONS: readonly RuleAction[] = ["publish", "subscribe", "readwrite"];

/** Other brokers' words for the actions. */
const OTHER_WORDS: Readonly<Record<string, RuleAction>> = {
  all: "readwrite",
  both: "readwrite",
  pub: "publish",
  pubsub: "readwrite",
  read: "subscribe",
  rw: "readwrite",
  sub: "subscribe",
  write: "publish",
};

/** Reads a line that `ruleTextFault` finds nothing wrong with; undefined for any other. */
export function parseRuleText(text: string): RuleText | undefined {
  const { word, topicFilter } = split(text);
  const action = ACTIONS.find((known) => known === word);
  if (action === undefined || topicFilter === "") return undefined;
  return ruleFilterFault(topicFilter) === undefined ? { action, topicFilter } : undefined;
}

/** What is wrong with a line; undefined when nothing is. */
export function ruleTextFault(text: string): string | undefined {
  const { word, topicFilter } = split(text);
  if (!ACTIONS.some((known) => known === word)) return "it does not begin with one of the words";
  if (topicFilter === "") return "its Topic Filter is missing";
  return ruleFilterFault(topicFilter);
}

/** The line that was probably meant; undefined when there is nothing to guess. */
export function ruleTextHint(text: string): string | undefined {
  const { word, topicFilter } = split(text);
  const key = word.toLowerCase();
  if (key === "deny" || key === "allow") {
    return `the rules under '${key}' are written without that word`;
  }
  const meant = Object.hasOwn(OTHER_WORDS, key) ? OTHER_WORDS[key] : nearest(word, ACTIONS);
  if (meant === undefined || meant === word) return undefined;
  return ruleTextFault(`${meant} ${topicFilter}`) === undefined
    ? `did you mean '${meant} ${topicFilter}'?`
    : `did you mean '${meant}'?`;
}

/** A Topic Filter may hold spaces, so only the first run of them counts. */
function split(text: string): { word: string; topicFilter: string } {
  const [, word = "", topicFilter = ""] = /^ *([^ ]*) *([^]*)$/.exec(text) ?? [];
  return { word, topicFilter };
}
