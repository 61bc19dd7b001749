/**
 * `broker explain`: what the listener and the rules say about a topic.
 *
 * Owns the words. Decides nothing itself but the QoS.
 */

import type { ClientRules } from "../access/client_rules.ts";
import type { ListenerSettings, Settings } from "../config/settings.ts";

/** Yes, no, or not all of it, with the reasons. */
export interface Answer {
  readonly verdict: "yes" | "part" | "no";
  readonly lines: readonly string[];
}

/** What is asked about; the topic with its mount point. */
export interface Wish {
  readonly action: "publish" | "subscribe";
  readonly topic: string;
  readonly qos: number;
}

export interface Surroundings {
  readonly settings: Settings;
  readonly listener: ListenerSettings;
}

export function decideAccess(wish: Wish, rules: ClientRules, around: Surroundings): Answer {
  return wish.action === "publish"
    ? decidePublish(wish, rules, around)
    : decideSubscribe(wish, rules, around);
}

function decidePublish({ topic, qos }: Wish, rules: ClientRules, around: Surroundings): Answer {
  const { maxQos, setting } = lowestQoS(around);
  if (qos > maxQos) {
    return { verdict: "no", lines: [`QoS ${qos} is over the ${maxQos} of ${setting}`] };
  }
  if (isSystemTopic(topic)) {
    return { verdict: "no", lines: ["only the broker publishes to $SYS topics"] };
  }
  const { allowed, reason } = rules.mayPublish(topic);
  return allowed
    ? { verdict: "yes", lines: [allowedBy(reason)] }
    : { verdict: "no", lines: [deniedBy(reason)] };
}

function decideSubscribe({ topic, qos }: Wish, rules: ClientRules, around: Surroundings): Answer {
  const { extent, ...decided } = rules.maySubscribe(topic);
  const allowed = decided.allowedBy === undefined ? [] : [allowedBy(decided.allowedBy.reason)];
  const denied = [deniedBy(decided.deniedBy?.reason ?? "no rule allows it")];
  const { maxQos, setting } = lowestQoS(around);
  const lower = qos > maxQos ? [`it gets QoS ${maxQos} at most: ${setting}`] : [];
  if (extent === "none") return { verdict: "no", lines: denied };
  if (extent === "all") return { verdict: "yes", lines: [...allowed, ...lower] };
  const parts = [
    ...allowed.map((line) => `some is ${line}`),
    ...denied.map((line) => `some is ${line}`),
  ];
  if (around.settings.authentication.partialSubscriptions === "refuse") {
    const refused = "only a part of it is allowed, and partial_subscriptions is 'refuse'";
    return { verdict: "no", lines: [refused, ...parts] };
  }
  const filtered = "the subscription is granted, and what is denied is not delivered";
  return { verdict: "part", lines: [filtered, ...parts, ...lower] };
}

/** "no rules are configured" is a reason by itself. */
function allowedBy(reason: string): string {
  return reason.startsWith("'") ? `allowed by ${reason}` : `allowed: ${reason}`;
}

function deniedBy(reason: string): string {
  return reason.startsWith("'") ? `denied by ${reason}` : `denied: ${reason}`;
}

function lowestQoS({ settings, listener }: Surroundings): { maxQos: number; setting: string } {
  return listener.maxQos < settings.features.maxQos
    ? { maxQos: listener.maxQos, setting: `max_qos of listener '${listener.name}'` }
    : { maxQos: settings.features.maxQos, setting: "features.max_qos" };
}

function isSystemTopic(topic: string): boolean {
  return topic.startsWith("$SYS/");
}
