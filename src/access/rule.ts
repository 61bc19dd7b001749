/**
 * What access rules are made of, and the words for a decision.
 *
 * Owns the types and the check of what an operator wrote. Decides nothing: `rules.ts` does. Rules
 * are plain data, so that a configuration, an ACL file and a test can all make them.
 */

import { isSharedFilter, topicFilterFault } from "../protocol/topic.ts";

export type RuleAction = "publish" | "subscribe" | "readwrite";

export interface Rule {
  readonly effect: "allow" | "deny";
  /** "subscribe" is receiving, "readwrite" both. */
  readonly action: RuleAction;
  /** `%c` and `%u` stand for the Client Identifier and the user name. Without `$share/NAME/`. */
  readonly topicFilter: string;
  /** `%c` and `%u` are ordinary text. */
  readonly isLiteral?: boolean;
  /** What people are shown in place of a Topic Filter that is secret. */
  readonly shownFilter?: string;
  readonly source?: RuleSource;
}

/** Where a rule was written, for people. */
export interface RuleSource {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/**
 * Whom a role is for. Whoever is in `users`, in one of `groups`, or is anonymous with `anonymous:
 * true`, and has one of the client identifiers, came in by one of the listeners and from one of the
 * networks. What is left out restricts nothing; an empty list is nobody.
 */
export interface Audience {
  readonly users?: readonly string[];
  readonly groups?: readonly string[];
  readonly anonymous?: boolean;
  readonly clientIdentifiers?: readonly string[];
  readonly listeners?: readonly string[];
  /** Addresses or CIDR ranges, IPv4 and IPv6. */
  readonly networks?: readonly string[];
}

export interface Role {
  readonly name: string;
  readonly audience: Audience;
  readonly rules: readonly Rule[];
}

/** Roles that are judged together: deny before allow. */
export interface Layer {
  readonly roles: readonly Role[];
  /**
   * Whoever has "+" or "#" in the Client Identifier or the user name is denied everything that
   * reaches this layer, as Mosquitto does where a pattern is configured.
   */
  readonly refusesUnsafeNames?: boolean;
}

/** A client as far as rules care. */
export interface RuleClient {
  readonly clientIdentifier: string;
  /** Undefined: anonymous. */
  readonly username: string | undefined;
  readonly groups: readonly string[];
  /** The name of the listener it came in by. */
  readonly listener: string;
  /** IP address without port; empty for a Unix socket, which belongs to no network. */
  readonly address: string;
}

/** Yes or no, and why. The same decision is the same object. */
export interface Decision {
  readonly allowed: boolean;
  /** For the log and `broker explain`: the rule in words, with its place if it has one. */
  readonly reason: string;
  /** Undefined when no rule of the operator decided. */
  readonly rule: Rule | undefined;
  readonly role: string | undefined;
}

/** Says in words why a rule cannot have this Topic Filter; `undefined` when it can. */
export function ruleFilterFault(topicFilter: string): string | undefined {
  if (isSharedFilter(topicFilter)) return "rules name the Topic Filter without '$share/NAME/'";
  return topicFilterFault(topicFilter);
}

/** The decision that a rule makes. */
export function ruleDecision(rule: Rule, role: string): Decision {
  const { effect, action, topicFilter, shownFilter = topicFilter, source } = rule;
  const place = source === undefined ? "" : `, ${source.file}:${source.line}`;
  return {
    allowed: effect === "allow",
    reason: `'${effect} ${action} ${shownFilter}' of ${role}${place}`,
    rule,
    role,
  };
}
