/**
 * The rules that hold for one client: what the broker asks for each PUBLISH, SUBSCRIBE and delivery.
 *
 * Owns the client's recent decisions, by topic, so that a topic is looked up in the rules once; both
 * their number and the length of their topics are bounded, and a client that is idle has none.
 * Invariant: a remembered decision is the one that the rules would give.
 */

import { parseSharedFilter } from "../protocol/topic.ts";
import { type Extent, filterExtent } from "./filter_extent.ts";
import type { Decision } from "./rule.ts";
import type { RuleTree } from "./rule_tree.ts";

/** Recent topics of one client and action; when there are more, it starts again. */
const MAX_REMEMBERED = 128;
/** Characters. Longer topics are looked up each time: they would make the memory large. */
const MAX_REMEMBERED_LENGTH = 256;

/** How much of a subscription is allowed. */
export interface SubscribeDecision {
  /** "part": each message must be judged by `mayReceive` before it is delivered. */
  readonly extent: Extent;
  /** A rule that allows some of it, and one that denies some, as far as there are such. */
  readonly allowedBy: Decision | undefined;
  readonly deniedBy: Decision | undefined;
}

/** The rules of one action, in trees that are judged together. */
export interface ActionRules {
  readonly trees: readonly RuleTree[];
  /** What decides where no rule of the trees has a lower precedence. */
  readonly otherwise: number;
}

export class ClientRules {
  readonly #publish: TopicDecisions;
  readonly #subscribe: TopicDecisions;

  /** `decisions` by precedence. */
  constructor(publish: ActionRules, subscribe: ActionRules, decisions: readonly Decision[]) {
    this.#publish = new TopicDecisions(publish, decisions);
    this.#subscribe = new TopicDecisions(subscribe, decisions);
  }

  /** Whether it may publish to this Topic Name: by PUBLISH, as its Will. */
  mayPublish(topicName: string): Decision {
    return this.#publish.decide(topicName);
  }

  /** Whether a message with this Topic Name may be delivered to it, retained ones included. */
  mayReceive(topicName: string): Decision {
    return this.#subscribe.decide(topicName);
  }

  /** How much of this Topic Filter it may receive; a shared one is judged by its inner filter. */
  maySubscribe(topicFilter: string): SubscribeDecision {
    return this.#subscribe.extentOf(parseSharedFilter(topicFilter)?.topicFilter ?? topicFilter);
  }
}

/** The decisions about one action. */
class TopicDecisions {
  readonly #rules: ActionRules;
  readonly #decisions: readonly Decision[];
  #recent: Map<string, Decision> | undefined;

  constructor(rules: ActionRules, decisions: readonly Decision[]) {
    this.#rules = rules;
    this.#decisions = decisions;
  }

  decide(topicName: string): Decision {
    const known = this.#recent?.get(topicName);
    if (known !== undefined) return known;
    let best = this.#rules.otherwise;
    for (const tree of this.#rules.trees) best = tree.find(topicName, best);
    const decision = this.#at(best);
    if (topicName.length <= MAX_REMEMBERED_LENGTH) {
      const recent = this.#recent ??= new Map();
      if (recent.size >= MAX_REMEMBERED) recent.clear();
      recent.set(topicName, decision);
    }
    return decision;
  }

  extentOf(topicFilter: string): SubscribeDecision {
    const { trees, otherwise } = this.#rules;
    const roots = trees.map(({ root }) => root);
    const isAllow = (precedence: number) => this.#at(precedence).allowed;
    const { extent, allowedBy, deniedBy } = filterExtent(roots, topicFilter, otherwise, isAllow);
    return {
      extent,
      allowedBy: allowedBy === undefined ? undefined : this.#at(allowedBy),
      deniedBy: deniedBy === undefined ? undefined : this.#at(deniedBy),
    };
  }

  #at(precedence: number): Decision {
    return this.#decisions[precedence] as Decision;
  }
}
